"""Own scorecards: an employer writes his, and sees those of his colleagues once it is handed in."""

from sqlalchemy import Connection

from api_min.actions import profiles
from api_min.actions.collaboration import NO_APPLICATION, WRITES, seen
from api_min.actions.once import Repeatable, Work, write_once
from api_min.actions.profiles import Employer
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import ApiError
from api_min.limits import check_limit
from worker.services.collaboration import own_scorecards, rows
from worker.services.collaboration.own_scorecards import AlreadySubmitted, Card, CardPage, NewCard

NO_DRAFT = "Your scorecard is handed in already: change it, but it cannot become a draft again."


def write(caller: Caller, application_id: int, new: NewCard, request: Repeatable[Card]) -> Card:
    """Raises ApiError 400 without a company, 403, 404, 409 for a draft of what was handed in, and 429."""

    def work(connection: Connection) -> Card:
        employer = profiles.employer(connection, caller)
        seen(connection, employer.company, application_id)
        if not rows.hold(connection, application_id):
            raise ApiError(404, NO_APPLICATION)
        try:
            return own_scorecards.save(connection, application_id, employer.user_id, new)
        except AlreadySubmitted:
            raise ApiError(409, NO_DRAFT) from None

    def prepare() -> Work[Card]:
        check_limit(WRITES, "writes", caller.name)
        return work

    return write_once(caller, request, prepare)


def mine(caller: Caller, application_id: int) -> Card | None:
    """None while there is none. Raises ApiError 403 and 404."""
    with context().database.transaction() as connection:
        return own_scorecards.mine(connection, application_id, reader(connection, caller, application_id).user_id)


def find(caller: Caller, application_id: int, *, limit: int, offset: int) -> CardPage:
    """Raises ApiError 403 and 404."""
    with context().database.transaction() as connection:
        employer = reader(connection, caller, application_id)
        company = employer.readable_company
        return own_scorecards.find(connection, application_id, employer.user_id, company, limit=limit, offset=offset)


def reader(connection: Connection, caller: Caller, application_id: int) -> Employer:
    """The employer that calls, of the application's company. Raises ApiError 403 and 404."""
    employer = profiles.employer(connection, caller)
    seen(connection, employer.readable_company, application_id)
    return employer
