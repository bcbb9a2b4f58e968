"""The company's rating of an application: 1 to 5 stars."""

from sqlalchemy import Connection

from worker.kit.database import execute
from worker.services.collaboration import changes, rows


def find(connection: Connection, application_id: int) -> int | None:
    rating: int | None = rows.columns(connection, application_id, "rating")["rating"]
    return rating


def rate(connection: Connection, application_id: int, user_id: int, rating: int) -> int:
    """Of an application that this transaction holds."""
    before = find(connection, application_id)
    if before != rating:
        sentence = "update job_applications set rating = %s, updated_at = now() where id = %s"
        execute(connection, sentence, (rating, application_id))
        changes.record(connection, application_id, user_id, "rating", before, rating)
    return rating
