"""A recruiter's calendar feed: its address, which only he is told, and what is read there without a login."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from api_min.actions.interviews import refuse_homeless, viewer_of
from api_min.actions.once import Repeatable, Work, write_once
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import ApiError
from api_min.limits import check_limit
from worker.services.interviews import calendar_feeds, feed_links
from worker.services.interviews.calendar_files import CalendarFile
from worker.services.interviews.feed_links import Grant
from worker.services.interviews.rows import Viewer

CHANGES = "20 per hour"
# Programs look every five minutes at the most often, on several devices of one person.
LOOKS = "120 per hour"
GUESSES = "60 per minute"
NO_SECRET = "There are no calendar feeds: SIGNING_SECRET is not set."  # noqa: S105 - a sentence


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """changed_at: since when it is this one."""

    address: str
    changed_at: datetime


def find(caller: Caller) -> FeedAddress | None:
    """None where there is none. Raises ApiError 403 without a profile, and 503 where nothing can be signed."""
    with context().database.transaction() as connection:
        viewer = viewer_of(connection, caller)
        feed = calendar_feeds.find(connection, viewer.user_id) if viewer.company_id else None
    if feed is None:
        return None
    address = feed_links.feed_link(context().settings, Grant(viewer.user_id, viewer.company_id, feed.number))
    if address is None:
        raise ApiError(503, NO_SECRET)
    return FeedAddress(address, feed.changed_at)


def renew(caller: Caller, request: Repeatable[None]) -> None:
    """Give the feed a new address; the old one ends. Raises ApiError 400 without a company, 403, 409, 429 and 503."""

    def work(connection: Connection, viewer: Viewer) -> None:
        refuse_homeless(viewer)
        calendar_feeds.renew(connection, viewer.user_id)

    if context().settings.signing_secret is None:
        raise ApiError(503, NO_SECRET)
    _change(caller, request, work)


def withdraw(caller: Caller, request: Repeatable[None]) -> None:
    """End the feed, also when there is none. Raises ApiError 403, 409 and 429."""
    _change(caller, request, lambda connection, viewer: calendar_feeds.withdraw(connection, viewer.user_id))


def _change(caller: Caller, request: Repeatable[None], work: Callable[[Connection, Viewer], None]) -> None:
    def prepare() -> Work[None]:
        check_limit(CHANGES, "calendar feeds", caller.name)
        return lambda connection: work(connection, viewer_of(connection, caller))

    write_once(caller, request, prepare)


def read(token: str, address: str | None) -> CalendarFile | None:
    """What stands at a feed's address; None when it is none, or none any more. Counted per feed, and by the network
    address of those who guess. Raises ApiError 429.
    """
    settings = context().settings
    grant = feed_links.read(settings, token)
    if grant is None:
        check_limit(GUESSES, "calendar feeds", f"guess:{address}")
        return None
    check_limit(LOOKS, "calendar feeds", f"feed:{grant.user_id}:{grant.number}")
    with context().database.transaction() as connection:
        return calendar_feeds.calendar(connection, grant, now=datetime.now(UTC), sender=settings.sender_address)
