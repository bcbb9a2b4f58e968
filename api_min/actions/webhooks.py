"""What providers report: believed when it is signed, written down, and applied by a run."""

import time
from collections.abc import Mapping
from typing import Any, Literal

from api_min.context import context
from api_min.errors import ApiError
from worker.kit.signing import BadSignature, webhook_head, webhook_keys
from worker.services.email.delivery import events


def signed_by_resend(headers: Mapping[str, str], raw: bytes) -> str:
    """The identifier of a delivery that Resend signed. headers: by their names in lower case; raw: the signed bytes.

    Raises ApiError 401, and 503 without RESEND_WEBHOOK_SECRET.
    """
    secret = context().settings.resend_webhook_secret
    if secret is None:
        raise ApiError(503, "RESEND_WEBHOOK_SECRET is not set: copy the webhook's signing secret from Resend.")
    try:
        head = webhook_head(headers, now=time.time())
        head.check(webhook_keys(secret.get_secret_value()), raw)
    except BadSignature as error:
        raise ApiError(401, str(error)) from None
    return head.identifier


def receive_from_resend(identifier: str, event: Any) -> Literal["new", "again", "ignored"]:
    """Write down what a delivery reports, once, together with the run that applies it."""
    report = events.read(event)
    if report is None:
        return "ignored"
    with context().database.transaction() as connection:
        new = events.receive(connection, identifier, report)
    if new:
        context().announcer.announce()
    return "new" if new else "again"
