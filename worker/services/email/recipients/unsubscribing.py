"""Links that act for a mail's recipient without a login: signed, and good for one alert or for all of a user's."""

import re
from dataclasses import dataclass

from worker.kit.settings import Settings
from worker.kit.signing import Signer, signer_of

SCOPE = "unsubscribe"
_VALUE = re.compile(r"(?:alert:([0-9]{1,10})|all):([0-9]{1,10})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows: to decide about one alert of a user, or (alert_id None) to end and resume all, unseen."""

    user_id: int
    alert_id: int | None = None


def read(settings: Settings, token: str) -> Grant | None:
    """What a token of ours allows; None for any other text, or when nothing can be signed here."""
    signer = _signer(settings)
    value = signer.read(token) if signer else None
    parts = _VALUE.fullmatch(value) if value else None
    return Grant(int(parts[2]), int(parts[1]) if parts[1] else None) if parts else None


def link(settings: Settings, *, user_id: int, alert_id: int | None = None) -> str:
    """The page that asks before it unsubscribes, and unsubscribes at once when it is posted to (RFC 8058).

    Without SIGNING_SECRET: the page of the main web app, which needs a login.
    """
    token = _token(settings, Grant(user_id, alert_id))
    return f"{settings.platform_url.rstrip('/')}/u/{token}" if token else manage_link(settings)


def preferences_link(settings: Settings, *, user_id: int, alert_id: int | None = None) -> str:
    """The page where the recipient pauses an alert or changes its frequency, without a login."""
    token = _token(settings, Grant(user_id, alert_id))
    return f"{settings.platform_url.rstrip('/')}/u/{token}/preferences" if token else manage_link(settings)


def manage_link(settings: Settings) -> str:
    return f"{settings.frontend_url.rstrip('/')}/dashboard/job-alerts"


def headers(settings: Settings, url: str) -> dict[str, str]:
    """What lets a mail program unsubscribe with one click (RFC 8058) at a `link`; nothing when that needs a login."""
    if url == manage_link(settings):
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _token(settings: Settings, grant: Grant) -> str | None:
    signer = _signer(settings)
    if signer is None:
        return None
    scope = "all" if grant.alert_id is None else f"alert:{grant.alert_id}"
    return signer.sign(f"{scope}:{grant.user_id}")


def _signer(settings: Settings) -> Signer | None:
    return signer_of(settings.signing_secret.get_secret_value(), SCOPE) if settings.signing_secret else None
