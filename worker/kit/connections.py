"""How many connections Postgres has left: counted at a start, so that the last one is not found missing at night."""

from typing import Any, NamedTuple

import psycopg

from worker.kit.logging import get_logger

log = get_logger(__name__)

# The share in use from which an operator should know.
CROWDED = 0.8

COUNT = """
select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most,
       (select sum(numbackends)::int from pg_stat_database) as used
"""


class Room(NamedTuple):
    """most: what Postgres gives to programs; used: what all programs hold now."""

    most: int
    used: int


def count(connection: "psycopg.Connection[Any]") -> Room:
    with connection.cursor(row_factory=psycopg.rows.class_row(Room)) as cursor:
        return cursor.execute(COUNT).fetchone() or Room(0, 0)


def warn_when_scarce(connection: "psycopg.Connection[Any]", wanted: int) -> None:
    """Log a warning when the `wanted` connections that this process may open would not find room."""
    room = count(connection)
    if room.used + wanted > room.most:
        log.warning("connections.scarce", used=room.used, wanted=wanted, most=room.most)
