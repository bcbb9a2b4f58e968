"""Writing a company set into the platform's database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from sandbox.seed.people import ADMIN_ADDRESS
from sandbox.seed.rows import SeedData
from worker.kit.database import Database, execute, query, raw

REFERENCES = {
    "user_id": "users",
    "company_id": "companies",
    "employer_id": "employers",
    "candidate_id": "candidates",
    "created_by_user_id": "users",
    "job_id": "jobs",
    "application_id": "job_applications",
}


@dataclass(frozen=True, slots=True)
class Counts:
    """`rows` per table that this call wrote; empty when the database was `seeded_before`."""

    rows: Mapping[str, int]
    seeded_before: bool = False


def load(database: Database, data: SeedData) -> Counts:
    """Write everything in one transaction, or nothing when it was written before.

    Rows that the tables already hold stay, and ids count on behind them. Alerts are written before offers, so that
    every offer is new to every alert once the platform has numbered it.
    """
    with database.transaction() as connection:
        # Ids are taken from the sequences at once: nobody else may draw from them meanwhile.
        execute(connection, f"lock table {', '.join(_numbered(data))} in share row exclusive mode")
        if _is_seeded(connection):
            return Counts({}, seeded_before=True)
        offsets = {table: _last_id(connection, table) for table in _numbered(data)}
        for table, rows in data.tables():
            _copy(connection, table, rows, offsets)
        for table in offsets:
            _move_sequence(connection, table)
        return Counts({table: len(rows) for table, rows in data.tables()})


def _numbered(data: SeedData) -> list[str]:
    """The tables whose ids the set brings along, in the order they are written."""
    unnumbered = {"suppressions", "recipient_preferences"}
    return [table for table, _ in data.tables() if table not in unnumbered]


def _is_seeded(connection: Connection) -> bool:
    return bool(query(connection, "select id from users where email = %(address)s", {"address": ADMIN_ADDRESS}))


def _last_id(connection: Connection, table: str) -> int:
    """The highest id given out so far, to rows that were deleted since as well."""
    statement = f"""
        select greatest(coalesce((select max(id) from {table}), 0), s.last_value - (not s.is_called)::int) as last
          from {_sequence(connection, table)} s
    """
    return int(query(connection, statement)[0]["last"])


def _sequence(connection: Connection, table: str) -> str:
    found = query(connection, "select pg_get_serial_sequence(%(table)s, 'id') as name", {"table": table})
    return str(found[0]["name"])


def _move_sequence(connection: Connection, table: str) -> None:
    statement = f"select setval(%(sequence)s, max(id)) from {table} having max(id) is not null"
    query(connection, statement, {"sequence": _sequence(connection, table)})


def _copy(connection: Connection, table: str, rows: Sequence[Any], offsets: Mapping[str, int]) -> None:
    if not rows:
        return
    columns = [field.name for field in fields(rows[0])]
    moves = [offsets.get(table if column == "id" else REFERENCES.get(column, ""), 0) for column in columns]
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with raw(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([_value(getattr(row, column), move) for column, move in zip(columns, moves, strict=True)])


def _value(value: Any, move: int) -> Any:
    if isinstance(value, dict):
        return Jsonb(value)
    return value + move if move else value
