"""An application to an offer of the caller's company: looked at, or held while it is changed."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from api_min.actions import profiles
from api_min.actions.once import Repeatable, Work, write_once
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import (
    NO_APPLICATION_IN_ENGLISH,
    NOT_YOUR_APPLICATION_IN_ENGLISH,
    ApiError,
    existing,
)
from api_min.limits import check_write_limit
from worker.services.collaboration import rows
from worker.services.collaboration.rows import Application

T = TypeVar("T")


def look(caller: Caller, application_id: int, read: Callable[[Connection, Application], T]) -> T:
    """Raises ApiError 403 and 404."""
    with context().database.transaction() as connection:
        company_id = profiles.employer(connection, caller).readable_company
        try:
            return read(connection, _of_company(connection, company_id, application_id))
        except LookupError:
            raise ApiError(404, NO_APPLICATION_IN_ENGLISH) from None


def write(
    caller: Caller, application_id: int, request: Repeatable[T], work: Callable[[Connection, Application], T]
) -> T:
    """Do `work` in one transaction that holds the application, once per key. Raises ApiError 400, 403, 404 and 429."""

    def prepare(connection: Connection, application: Application) -> Callable[[], T]:
        return lambda: work(connection, application)

    return write_prepared(caller, application_id, request, prepare)


def write_prepared(
    caller: Caller,
    application_id: int,
    request: Repeatable[T],
    prepare: Callable[[Connection, Application], Callable[[], T]],
) -> T:
    """As `write`; prepare looks before the application is held, and gives the work to be done then."""

    def held(connection: Connection) -> T:
        company_id = profiles.employer(connection, caller).company
        work = prepare(connection, _of_company(connection, company_id, application_id))
        if not rows.hold(connection, application_id):
            raise ApiError(404, NO_APPLICATION_IN_ENGLISH)
        return work()

    def counted() -> Work[T]:
        check_write_limit(caller.name)
        return held

    return write_once(caller, request, counted)


def user_of(caller: Caller) -> int:
    """0, who is nobody, for a caller who is no user."""
    return caller.user_id or 0


def _of_company(connection: Connection, company_id: int, application_id: int) -> Application:
    found = existing(rows.application(connection, application_id), NO_APPLICATION_IN_ENGLISH)
    if found.company_id != company_id:
        raise ApiError(403, NOT_YOUR_APPLICATION_IN_ENGLISH)
    return found
