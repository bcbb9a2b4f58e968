"""Ending mails of a kind of notification without a login: what a signed link from such a mail allows."""

from api_min.context import context
from api_min.limits import check_link_limit
from worker.services.notifications import mail_links, preferences
from worker.services.notifications.mail_links import MailGrant
from worker.services.notifications.preferences import Choice


def open_link(token: str, address: str | None) -> MailGrant | None:
    """What the token allows; None for one that we never made. Raises ApiError 429."""
    grant = mail_links.read(context().settings, token)
    check_link_limit(grant.user_id if grant else None, address)
    return grant


def decide(grant: MailGrant, *, wanted: bool) -> None:
    """As often as somebody likes; nothing where the user is gone."""
    with context().database.transaction() as connection:
        preferences.decide(connection, grant.user_id, [(grant.kind, Choice(mail=wanted))])


def choose_link() -> str:
    """The page of all notifications, which asks for a login."""
    return mail_links.choose_link(context().settings)
