"""The time line of an application, for employers of its company."""

from collections.abc import Collection

from api_min.actions.collaboration import NO_APPLICATION
from api_min.actions.own_scorecards import reader
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import ApiError, invalid
from worker.services.collaboration import timeline
from worker.services.collaboration.timeline import TimelinePage
from worker.services.collaboration.timeline_entries import Position, TimelineKind


def page(
    caller: Caller, application_id: int, *, kinds: Collection[TimelineKind], cursor: str | None, limit: int
) -> TimelinePage:
    """Raises ApiError 403, 404, and 422 for a cursor that is none."""
    before = None if cursor is None else _position(cursor)
    with context().database.transaction() as connection:
        reading = reader(connection, caller, application_id).user_id
        try:
            return timeline.page(connection, application_id, reading, kinds=kinds, before=before, limit=limit)
        except LookupError:
            raise ApiError(404, NO_APPLICATION) from None


def _position(cursor: str) -> Position:
    try:
        return Position.read(cursor)
    except ValueError:
        raise invalid(["query", "cursor"], "is no next_cursor of a time line") from None
