"""A user's own notifications. Whose they are is in the token alone."""

from sqlalchemy import Connection

from api_min.actions.once import Repeatable, Work, write_once
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import ApiError
from api_min.limits import check_limit
from worker.kit.ids import LARGEST_ROW_ID
from worker.services.notifications import reading
from worker.services.notifications.reading import NotificationPage

WRITES = "60 per minute"
NO_NOTIFICATION = "Notification non trouvée"


def find(caller: Caller, *, unread_only: bool, limit: int, offset: int) -> NotificationPage:
    with context().database.transaction() as connection:
        return reading.find(connection, _user(caller), unread_only=unread_only, limit=limit, offset=offset)


def count_unread(caller: Caller) -> int:
    with context().database.transaction() as connection:
        return reading.count_unread(connection, _user(caller))


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
        check_limit(WRITES, "writes", caller.name)
        return work

    return write_once(caller, request, prepare)


def delete(caller: Caller, notification_id: int, request: Repeatable[None]) -> None:
    """Raises ApiError 404 and 429."""

    def work(connection: Connection) -> None:
        _known(reading.delete(connection, _user(caller), _stored(notification_id)))

    write_once(caller, request, lambda: _counted(caller, work))


def _counted(caller: Caller, work: Work[None]) -> Work[None]:
    check_limit(WRITES, "writes", caller.name)
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
