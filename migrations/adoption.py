"""What we made or changed in a database that the main web app shares, so that downgrade can undo it.

Everything runs on the migration's own connection. Helpers take names from our own constants only.
"""

from collections.abc import Collection
from functools import partial
from typing import Any

from alembic import op
from sqlalchemy import text

from migrations.steps import Lock, Step


def rows(sql: str, **parameters: Any) -> list[Any]:
    return list(op.get_bind().execute(text(sql), parameters))


def execute(sql: str, **parameters: Any) -> None:
    op.get_bind().execute(text(sql), parameters)


def record(kind: str, name: str, *, table: str = "", definition: str | None = None) -> None:
    """Remember an object that we made (`type`, `table`, `column`) or whose definition we replaced."""
    execute(
        "insert into adoption (kind, table_name, name, definition) values (:kind, :table_name, :name, :definition)",
        kind=kind,
        table_name=table,
        name=name,
        definition=definition,
    )


def recorded(kind: str, tables: Collection[str] | None = None) -> list[Any]:
    """Newest first; of these tables only, where they are given. None where nothing was adopted."""
    if rows("select to_regclass('public.adoption') as found")[0].found is None:
        return []
    found = rows("select * from adoption where kind = :kind order by id desc", kind=kind)
    return [row for row in found if tables is None or row.table_name in tables]


def undo(row: Any, drop: str, lock: dict[str, Lock]) -> Step:
    """Drop a recorded object and forget it."""
    return Step(f"{row.kind} {row.table_name}.{row.name}", partial(_undo, row, drop), lock)


def _undo(row: Any, drop: str) -> None:
    execute(drop)
    execute("delete from adoption where id = :id", id=row.id)


def restore_values(table: str, column: str, kind: str, *, unless_missing_in: str | None = None) -> Step:
    """Put recorded values back, newest change first, where nobody has changed them since.

    `unless_missing_in` names the table that the column refers to: a value whose row is gone stays away.
    """
    work = partial(_restore_values, table, column, kind, unless_missing_in=unless_missing_in)
    return Step(f"values of {table}.{column}", work, {table: Lock.WRITE})


def _restore_values(table: str, column: str, kind: str, *, unless_missing_in: str | None) -> None:
    present = f"and exists (select from {unless_missing_in} r where r.id = (c.old_value #>> '{{}}')::{kind})"
    changes = "select id from adoption_changes where table_name = :t and column_name = :c order by id desc"
    for change in rows(changes, t=table, c=column):
        execute(
            f"""update {table} t set {column} = (c.old_value #>> '{{}}')::{kind}
                  from adoption_changes c
                 where c.id = :change and t.id = c.row_id
                   and t.{column} is not distinct from (c.new_value #>> '{{}}')::{kind}
                   {present if unless_missing_in else ""}""",
            change=change.id,
        )
    execute("delete from adoption_changes where table_name = :t and column_name = :c", t=table, c=column)
