"""What providers report: believed when it is signed, written down, and applied by a run."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import SecretStr
from sqlalchemy import Connection

from api_min.context import context
from api_min.errors import ApiError
from worker.kit.settings import Settings
from worker.kit.signing import BadSignature, webhook_head, webhook_keys
from worker.services.email.delivery import events


@dataclass(frozen=True, slots=True)
class Webhook:
    """How one provider's deliveries are believed and written down.

    missing: what is told without the secret. verify: headers (names in lower case), the signed bytes and the secret in,
    the delivery's identifier out, or BadSignature. read: what is kept of an event's JSON; None: it is ignored. receive:
    writes that with the run that applies it; False: it is there already.
    """

    secret: Callable[[Settings], SecretStr | None]
    missing: str
    verify: Callable[[Mapping[str, str], bytes, str], str]
    read: Callable[[Any], Any]
    receive: Callable[[Connection, str, Any], bool]


def signed_as_svix(headers: Mapping[str, str], raw: bytes, secret: str) -> str:
    head = webhook_head(headers, now=time.time())
    head.check(webhook_keys(secret), raw)
    return head.identifier


RESEND = Webhook(
    secret=lambda settings: settings.resend_webhook_secret,
    missing="RESEND_WEBHOOK_SECRET is not set: copy the webhook's signing secret from Resend.",
    verify=signed_as_svix,
    read=events.read,
    receive=events.receive,
)


def identify(webhook: Webhook, headers: Mapping[str, str], raw: bytes) -> str:
    """The identifier of a delivery that the provider signed. Raises ApiError 401, and 503 without the secret."""
    secret = webhook.secret(context().settings)
    if secret is None:
        raise ApiError(503, webhook.missing)
    try:
        return webhook.verify(headers, raw, secret.get_secret_value())
    except BadSignature as error:
        raise ApiError(401, str(error)) from None


def receive(webhook: Webhook, identifier: str, event: Any) -> Literal["new", "again", "ignored"]:
    """Write down what a delivery reports, once, together with the run that applies it."""
    kept = webhook.read(event)
    if kept is None:
        return "ignored"
    with context().database.transaction() as connection:
        new = webhook.receive(connection, identifier, kept)
    if new:
        context().announcer.announce()
    return "new" if new else "again"
