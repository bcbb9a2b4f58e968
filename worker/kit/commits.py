"""Transactions whose end is known although the answer to the commit was lost."""

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from sqlalchemy import Connection

from worker.kit.database import Database, query
from worker.kit.outages import is_away, is_outage

PAUSE = 0.1

T = TypeVar("T")


def certainly(database: Database, work: Callable[[Connection], T], *, seconds: float) -> T:
    """What `work` gave, once its transaction is committed.

    When the connection dies in the commit, Postgres is asked on a fresh one for at most `seconds`. Raises the outage
    when nothing was committed, or when nobody could tell in that time.
    """
    number: str | None = None
    try:
        with database.transaction() as connection:
            result = work(connection)
            number = query(connection, "select pg_current_xact_id_if_assigned()::text as number")[0]["number"]
    except Exception as error:
        if number is None or not is_away(error) or not _committed(database, number, seconds):
            raise
    return result


def _committed(database: Database, number: str, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = database.autocommit("select pg_xact_status(%(number)s::text::xid8) as state", {"number": number})
        except psycopg.errors.InvalidParameterValue:
            # A server that took over has not come to this number: it lacks the transaction.
            return False
        except Exception as error:
            if not is_outage(error):
                raise
        else:
            if state[0]["state"] != "in progress":
                return bool(state[0]["state"] == "committed")
        time.sleep(PAUSE)
    return False
