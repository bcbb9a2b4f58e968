"""Webhooks: signed, written down, answered at once; a run does what follows."""

import json
import time
from typing import Any

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from api_min.answers import json_response
from api_min.auth import open_route
from api_min.context import context
from api_min.errors import ApiError, invalid
from api_min.request_parsing import body_limit, typed_request
from api_min.schemas.common import EVERYWHERE, problems
from api_min.schemas.webhooks import Received
from worker.kit.signing import BadSignature, webhook_head, webhook_keys
from worker.services.email import events

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
    identifier = _signed_id()
    report = events.read(_body())
    if report is None:
        return json_response({"received": "ignored"})
    parts = context()
    with parts.database.transaction() as connection:
        new = events.receive(connection, identifier, report)
    if new:
        parts.announcer.announce()
    return json_response({"received": "new" if new else "again"})


def _signed_id() -> str:
    secret = context().settings.resend_webhook_secret
    if secret is None:
        raise ApiError(503, "RESEND_WEBHOOK_SECRET is not set: copy the webhook's signing secret from Resend.")
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        head = webhook_head(headers, now=time.time())
        head.check(webhook_keys(secret.get_secret_value()), typed_request().raw_body)
    except BadSignature as error:
        raise ApiError(401, str(error)) from None
    return head.identifier


def _body() -> Any:
    try:
        return json.loads(typed_request().raw_body)
    except (ValueError, RecursionError):
        raise invalid(["body"], "not JSON") from None
