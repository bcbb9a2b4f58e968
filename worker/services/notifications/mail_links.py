"""Links below mails that say what the bell says: each ends mails of one kind for one reader, without a login."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.enums import NotificationKind
from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.settings import Settings
from worker.kit.signing import Signer, signer_of
from worker.services.email.recipients import unsubscribing
from worker.services.notifications.kinds import RULES

SCOPE = "notification-mails"
PATH = "/u/mails"


@dataclass(frozen=True, slots=True)
class MailGrant:
    """What a token allows: to decide whether a user gets mails of a kind."""

    user_id: int
    kind: NotificationKind


def read(settings: Settings, token: str) -> MailGrant | None:
    """What a token of ours allows; None for any other text, a kind without mails, or when nothing is signed here."""
    signer = _signer(settings)
    value = signer.read(token) if signer else None
    name, _, user_id = (value or "").partition(":")
    kind = next((each for each, rule in RULES.items() if each == name and rule.mail is not None), None)
    if kind is None or not (user_id.isascii() and user_id.isdigit()) or not 0 < int(user_id) <= LARGEST_ROW_ID:
        return None
    return MailGrant(int(user_id), kind)


def link(settings: Settings, grant: MailGrant) -> str | None:
    """The page that asks before it ends these mails, and ends them at once when it is posted to (RFC 8058).

    None without SIGNING_SECRET.
    """
    signer = _signer(settings)
    if signer is None:
        return None
    return f"{settings.platform_url.rstrip('/')}{PATH}/{signer.sign(f'{grant.kind}:{grant.user_id}')}"


def choose_link(settings: Settings) -> str:
    """The page of all notifications, which asks for a login."""
    return f"{settings.frontend_url.rstrip('/')}/dashboard/notifications"


def headers(settings: Settings, address: str | None) -> Mapping[str, str]:
    return unsubscribing.headers(settings, address) if address else {}


def _signer(settings: Settings) -> Signer | None:
    return signer_of(settings.signing_secret.get_secret_value(), SCOPE) if settings.signing_secret else None
