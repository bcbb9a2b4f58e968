"""The time line of an application, for employers of its company."""

from collections.abc import Collection

from sqlalchemy import Connection

from api_min.actions.company_applications import look, user_of
from api_min.auth import Caller
from api_min.errors import invalid
from worker.services.collaboration import timeline
from worker.services.collaboration.rows import Application
from worker.services.collaboration.timeline import TimelinePage
from worker.services.collaboration.timeline_entries import Position, TimelineKind


def page(
    caller: Caller, application_id: int, *, kinds: Collection[TimelineKind], cursor: str | None, limit: int
) -> TimelinePage:
    """Raises ApiError 403, 404, and 422 for a cursor that is none."""
    before = None if cursor is None else _position(cursor)

    def read(connection: Connection, application: Application) -> TimelinePage:
        return timeline.page(connection, application.id, user_of(caller), kinds=kinds, before=before, limit=limit)

    return look(caller, application_id, read)


def _position(cursor: str) -> Position:
    try:
        return Position.read(cursor)
    except ValueError:
        raise invalid(["query", "cursor"], "is no next_cursor of a time line") from None
