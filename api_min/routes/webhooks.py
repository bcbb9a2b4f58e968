"""Webhooks: signed, written down, answered at once; a run does what follows."""

import json
from typing import Any

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import webhooks
from api_min.answers import json_response
from api_min.auth import open_route
from api_min.errors import invalid
from api_min.request_parsing import body_limit, typed_request
from api_min.schemas.common import EVERYWHERE, problems
from api_min.schemas.webhooks import Received

api = APIBlueprint("webhooks", __name__, url_prefix="/api/webhooks")

LARGEST = 256 * 1024


@api.post(
    "/resend",
    summary="What Resend reports about mails",
    responses={200: Received, **problems(*EVERYWHERE, 401, 413, 422)},
)
@open_route
@body_limit(LARGEST)
def receive_from_resend() -> Response:
    """Signed as Svix does (`svix-id`, `svix-timestamp`, `svix-signature` over the raw body), at most five minutes ago.
    The same `svix-id` again changes nothing; unknown types are ignored.
    """
    return _receive(webhooks.RESEND)


def _receive(webhook: webhooks.Webhook) -> Response:
    """The signature first: nothing of a stranger's body is parsed."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    identifier = webhooks.identify(webhook, headers, typed_request().raw_body)
    return json_response({"received": webhooks.receive(webhook, identifier, _body())})


def _body() -> Any:
    try:
        return json.loads(typed_request().raw_body)
    except (ValueError, RecursionError):
        raise invalid(["body"], "not JSON") from None
