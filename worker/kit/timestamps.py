"""Timestamps of Postgres that Python has no word for: `infinity`, before Christ, beyond the year 9999.

Other programs write them to tables that we read, `infinity` for "never" above all. They are read as the nearest moment
that every time zone can tell.
"""

import re
from datetime import UTC, date, datetime
from typing import Any

import psycopg
from psycopg import abc
from psycopg.adapt import Loader
from psycopg.pq import Format
from typing_extensions import override

# A day inside what Python knows: no zone's clock may leave it.
EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC)

Moment = datetime | date
_BEYOND = re.compile(rb"-?infinity\Z|\d{4,}-.* BC\Z|\d{5,}-|9999-12-31|0001-01-01")


def clamp_timestamps(connection: "psycopg.Connection[Any]") -> None:
    """From now on the connection's columns of type timestamptz, timestamp and date never fail to load."""
    naive = (EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None))
    bounds: dict[str, tuple[Moment, Moment]] = {
        "timestamptz": (EARLIEST, LATEST),
        "timestamp": naive,
        "date": (EARLIEST.date(), LATEST.date()),
    }
    for name, (earliest, latest) in bounds.items():
        connection.adapters.register_loader(name, _clamping(name, earliest, latest))


def _clamping(name: str, earliest: Moment, latest: Moment) -> type[Loader]:
    known = psycopg.adapters.get_loader(psycopg.adapters.types[name].oid, Format.TEXT)
    if known is None:
        raise TypeError(f"psycopg reads no {name}")
    exact = known

    class Clamping(Loader):
        """Reads as psycopg does, within the bounds."""

        def __init__(self, oid: int, context: abc.AdaptContext | None = None) -> None:
            super().__init__(oid, context)
            self._exact = exact(oid, context)

        @override
        def load(self, data: abc.Buffer) -> Any:
            text = bytes(data)
            if not _BEYOND.match(text):
                return self._exact.load(data)
            return earliest if text.endswith(b" BC") or text.startswith((b"-", b"0001")) else latest

    return Clamping
