"""Suppressions: seeing which addresses no mail goes to, adding one, and lifting one."""

from sqlalchemy import Connection

from api_min.actions.once import Repeatable, write_once
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import ApiError, invalid
from worker.kit.database import Row
from worker.services.email.recipients import suppression
from worker.services.email.recipients.suppression import State, SuppressionPage

Added = tuple[Row, bool]


def find(*, search: str | None, state: State, cursor: str | None, limit: int) -> SuppressionPage:
    """The newest first. Raises ApiError 422 for a cursor that is none."""
    with context().database.transaction() as connection:
        try:
            return suppression.find(connection, search=search, state=state, cursor=cursor, limit=limit)
        except ValueError as error:
            raise invalid(["query", "cursor"], str(error)) from None


def add(caller: Caller, address: str, reason: str | None, request: Repeatable[Added]) -> Added:
    """The address on the list, and whether that is new."""

    def work(connection: Connection) -> Added:
        return suppression.add_by_hand(connection, address, actor=caller.name, reason=reason)

    return write_once(caller, request, lambda: work)


def lift(caller: Caller, address: str, reason: str, request: Repeatable[None]) -> None:
    """Let mail go to the address again. Raises ApiError 404."""

    def work(connection: Connection) -> None:
        if not suppression.lift(connection, address, actor=caller.name, reason=reason):
            raise ApiError(404, "This address is not on the list.")

    write_once(caller, request, lambda: work)
