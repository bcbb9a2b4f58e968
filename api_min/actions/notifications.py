"""A user's own notifications. Whose they are is in the token alone."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from api_min.actions.once import Repeatable, Work, write_once
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import ApiError, invalid
from api_min.limits import check_write_limit
from models.enums import NotificationKind
from worker.kit.database import Row
from worker.kit.ids import LARGEST_ROW_ID
from worker.services.notifications import preferences, reading
from worker.services.notifications.preferences import Choice, Preference
from worker.services.notifications.reading import NotificationPage

NO_NOTIFICATION = "Notification non trouvée"


class Unread(NamedTuple):
    """number: how many. waited: whether the request waited for another number, or need not have."""

    number: int
    waited: bool


def find(caller: Caller, *, unread_only: bool, limit: int, offset: int) -> NotificationPage:
    with context().database.transaction() as connection:
        return reading.find(connection, _user(caller), unread_only=unread_only, limit=limit, offset=offset)


def existing(caller: Caller, notification_id: int) -> Row:
    """One of the caller's own. Raises ApiError 404."""
    with context().database.transaction() as connection:
        found = reading.find_one(connection, _user(caller), _stored(notification_id))
    if found is None:
        raise ApiError(404, NO_NOTIFICATION)
    return found


def count_unread(caller: Caller) -> int:
    with context().database.transaction() as connection:
        return reading.count_unread(connection, _user(caller))


def await_unread(caller: Caller, seen: int, seconds: float) -> Unread:
    """How many are unread, once that is another number than `seen`, or when the time has passed. Where too many wait
    already it is said at once. No transaction may be open.
    """
    with context().badges.watcher(_user(caller), seen) as watcher:
        # The place is taken before the rows are counted, so that no change is missed.
        count = count_unread(caller)
        if watcher is None or count != seen or not seconds:
            return Unread(count, waited=watcher is not None)
        found = watcher.wait(seconds)
        return Unread(count if found is None else found, waited=True)


def mark_read(caller: Caller, notification_id: int, request: Repeatable[None]) -> None:
    """Raises ApiError 404 and 429."""

    def work(connection: Connection) -> None:
        _known(reading.mark_read(connection, _user(caller), _stored(notification_id)))

    write_once(caller, request, lambda: _counted(caller, work))


def mark_all_read(caller: Caller, request: Repeatable[int]) -> int:
    """How many were unread. Raises ApiError 429."""

    def work(connection: Connection) -> int:
        return reading.mark_all_read(connection, _user(caller))

    def prepare() -> Work[int]:
        check_write_limit(caller.name)
        return work

    return write_once(caller, request, prepare)


def delete(caller: Caller, notification_id: int, request: Repeatable[None]) -> None:
    """Raises ApiError 404 and 429."""

    def work(connection: Connection) -> None:
        _known(reading.delete(connection, _user(caller), _stored(notification_id)))

    write_once(caller, request, lambda: _counted(caller, work))


def find_preferences(caller: Caller) -> list[Preference]:
    with context().database.transaction() as connection:
        return preferences.find(connection, _user(caller))


def decide(
    caller: Caller, wanted: Sequence[tuple[str, Choice]], request: Repeatable[list[Preference]]
) -> list[Preference]:
    """Keep what the caller wants of these kinds; all preferences as they are then. Raises ApiError 422 and 429."""

    def work(connection: Connection) -> list[Preference]:
        known = preferences.find(connection, _user(caller))
        preferences.decide(connection, _user(caller), _chosen(known, wanted))
        return preferences.find(connection, _user(caller))

    def prepare() -> Work[list[Preference]]:
        check_write_limit(caller.name)
        return work

    return write_once(caller, request, prepare)


def _chosen(
    known: Sequence[Preference], wanted: Sequence[tuple[str, Choice]]
) -> Iterator[tuple[NotificationKind, Choice]]:
    """What may be chosen of the kinds that the caller may get. Raises ApiError 422."""
    for place, (name, choice) in enumerate(wanted):
        kind = next((each.kind for each in known if each.kind.is_called(name)), None)
        if kind is None:
            among = ", ".join(each.kind for each in known)
            raise invalid(["body", "preferences", place, "kind"], f"est inconnu ; choisissez parmi : {among}")
        refused = preferences.refusal(kind, choice)
        if refused is not None:
            raise invalid(["body", "preferences", place, *refused[:1]], refused[1])
        yield kind, choice


def _counted(caller: Caller, work: Work[None]) -> Work[None]:
    check_write_limit(caller.name)
    return work


def _user(caller: Caller) -> int:
    """0, who has none, for a caller who is no user."""
    return caller.user_id or 0


def _stored(notification_id: int) -> int:
    """0, which none has, for a number that no row can have."""
    return notification_id if 0 < notification_id <= LARGEST_ROW_ID else 0


def _known(there: bool) -> None:  # noqa: FBT001 - what the rows said
    if not there:
        raise ApiError(404, NO_NOTIFICATION)
