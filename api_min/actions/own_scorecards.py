"""Own scorecards: an employer writes his, and sees those of his colleagues once it is handed in."""

from sqlalchemy import Connection

from api_min.actions.company_applications import look, user_of, write
from api_min.actions.once import Repeatable
from api_min.auth import Caller
from api_min.errors import ApiError
from worker.services.collaboration import own_scorecards
from worker.services.collaboration.own_scorecards import AlreadySubmitted, Card, CardPage, NewCard
from worker.services.collaboration.rows import Application

NO_DRAFT = "Your scorecard is handed in already: change it, but it cannot become a draft again."


def save(caller: Caller, application_id: int, new: NewCard, request: Repeatable[Card]) -> Card:
    """Raises ApiError 400 without a company, 403, 404, 409 for a draft of what was handed in, and 429."""

    def work(connection: Connection, application: Application) -> Card:
        try:
            return own_scorecards.save(connection, application.id, user_of(caller), new)
        except AlreadySubmitted:
            raise ApiError(409, NO_DRAFT) from None

    return write(caller, application_id, request, work)


def mine(caller: Caller, application_id: int) -> Card | None:
    """None while there is none. Raises ApiError 403 and 404."""
    return look(
        caller, application_id, lambda connection, _: own_scorecards.mine(connection, application_id, user_of(caller))
    )


def find(caller: Caller, application_id: int, *, limit: int, offset: int) -> CardPage:
    """Raises ApiError 403 and 404."""

    def read(connection: Connection, application: Application) -> CardPage:
        company_id = application.company_id
        return own_scorecards.find(connection, application_id, user_of(caller), company_id, limit=limit, offset=offset)

    return look(caller, application_id, read)
