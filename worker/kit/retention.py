"""How long rows are kept: one entry per table, with its periods named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Protocol

from sqlalchemy import Connection

from worker.kit.database import execute


class Forgotten(NamedTuple):
    """rows: how many were deleted or blanked; more: whether another step is due."""

    rows: int
    more: bool


class Forget(Protocol):
    """Deletes or blanks at most `limit` rows that are older than their period."""

    def __call__(self, connection: Connection, periods: Mapping[str, timedelta], limit: int) -> Forgotten: ...


@dataclass(frozen=True, slots=True)
class Retention:
    """A table whose rows, or what in them names people, go after a while. periods: by the column or state they count
    from.
    """

    table: str
    periods: Mapping[str, timedelta]
    forget: Forget

    def step(self, connection: Connection, limit: int) -> Forgotten:
        return self.forget(connection, self.periods, limit)


def interval(period: timedelta) -> str:
    """A period as part of a statement: of a parameter the planner does not know how few rows are that old."""
    return f"interval '{period.total_seconds():.0f} seconds'"


def statement(sql: str) -> Forget:
    """A step that is one statement over %(limit)s rows, with each period as an interval under its name."""

    def forget(connection: Connection, periods: Mapping[str, timedelta], limit: int) -> Forgotten:
        text = sql
        for name, period in periods.items():
            text = text.replace(f"%({name})s", interval(period))
        rows = execute(connection, text, {"limit": limit})
        return Forgotten(rows, rows >= limit)

    return forget


def step_all(connection: Connection, entries: Iterable[Retention], limit: int) -> dict[str, Forgotten]:
    """One step of every entry, by table."""
    return {each.table: each.step(connection, limit) for each in entries}
