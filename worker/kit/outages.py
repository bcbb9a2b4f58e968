"""What an error of the database's client says about the database, and how long to try again."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from sqlalchemy import exc

# SQLSTATE classes and codes (Postgres' appendix A): connection lost, no resources, shutting down or starting, a fault
# of the machine beneath, and a server that takes no writes (a replica after a failover, a disk that is full).
AWAY = ("08", "53", "57P", "58", "25006")

# Longer than any outage that is worth waiting for: a child's own time limit ends it before.
UNTIL_BACK = 6 * 3600.0
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0

T = TypeVar("T")


def _cause(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error


def is_away(error: BaseException) -> bool:
    """Whether Postgres was away: unreachable, ending, starting, full, or read-only. Its connection is of no use."""
    if isinstance(error, exc.TimeoutError):
        return True
    cause = _cause(error)
    if isinstance(cause, psycopg.Error) and cause.sqlstate is not None:
        return cause.sqlstate.startswith(AWAY)
    return isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError))


def is_outage(error: BaseException) -> bool:
    """Whether Postgres was away or gave up on us for a passing reason (deadlock, lock, cancelled statement), so that
    the transaction may be repeated.
    """
    return is_away(error) or isinstance(_cause(error), (psycopg.OperationalError, psycopg.InterfaceError))


def retry_on_outage(work: Callable[[], T], *, seconds: float, outage: float | None = None) -> T:
    """Call `work`, again after every passing failure of Postgres, for at most `seconds`.

    outage: for at most so many seconds while Postgres is away; `seconds` when not given.
    """
    began = time.monotonic()
    pause = FIRST_PAUSE
    while True:
        try:
            return work()
        except Exception as error:
            patience = outage if outage is not None and is_away(error) else seconds
            if not is_outage(error) or time.monotonic() + pause > began + patience:
                raise
        time.sleep(pause * (0.5 + random.random()))  # noqa: S311 - spreads reconnections, no secret
        pause = min(pause * 2, LONGEST_PAUSE)
