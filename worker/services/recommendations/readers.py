"""Who reads a score."""

from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import query
from worker.kit.localisation import Locale, known_locale
from worker.ledger.runs import caused_by


def locale_of(connection: Connection, user_id: int | None) -> Locale:
    """The language that a user reads."""
    told = query(connection, "select locale from recipient_preferences where user_id = %s", (user_id,))
    return known_locale(told[0]["locale"] if told else None)


def locale_of_asker(connection: Connection, run_id: UUID) -> Locale:
    """That of the user who asked for a run."""
    return locale_of(connection, caused_by(connection, run_id))
