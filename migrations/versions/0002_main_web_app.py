"""The main web app's tables: adopted where they exist, made where they are missing.

Revision ID: 0002
Revises: 0001
"""

import re
from collections.abc import Iterator
from functools import partial

from migrations import foreign_keys
from migrations.adoption import execute, record, recorded, rows, undo
from migrations.shared_tables import CHECKS, ENUMS, INDEXES, TABLES, UNIQUE_INDEXES
from migrations.steps import Lock, Step, run

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ADOPTION = """
create table adoption (
    id bigint generated always as identity primary key,
    kind text not null,
    table_name text not null default '',
    name text not null,
    definition text,
    created_at timestamptz not null default now(),
    constraint adoption_kind_check check (kind in ('type', 'table', 'column', 'foreign_key')),
    constraint adoption_kind_table_name_name_key unique (kind, table_name, name)
);
create table adoption_changes (
    id bigint generated always as identity primary key,
    table_name text not null,
    row_id bigint not null,
    column_name text not null,
    old_value jsonb,
    new_value jsonb,
    reason text not null,
    created_at timestamptz not null default now()
);
create index ix_adoption_changes_table_name_row_id on adoption_changes (table_name, row_id);
"""

REFERENCE = re.compile(r" references (\w+)")


def upgrade() -> None:
    run(f"{revision} upgrade", adopt())


def adopt() -> Iterator[Step]:
    yield Step("adoption", ADOPTION)
    made = {row.name for row in recorded("table")}
    present = columns_present()
    for table, columns in TABLES.items():
        lines = [line.strip() for line in columns.strip().splitlines()]
        if table in present and table not in made:
            yield from missing_columns(table, lines, present[table])
        else:
            yield Step(f"table {table}", partial(make_table, table, lines))
            yield from keys(table, lines)


def columns_present() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    sql = "select table_name, column_name from information_schema.columns where table_schema = 'public'"
    for table, column in rows(sql):
        found.setdefault(table, set()).add(column)
    return found


def make_table(table: str, lines: list[str]) -> None:
    make_types(lines)
    columns = [REFERENCE.sub("", line) for line in lines]
    checks = [f"constraint {name} check ({rule})" for name, rule in [CHECKS[table]]] if table in CHECKS else []
    execute(f"create table public.{table} ({', '.join(columns + checks)})")
    for names in ("id", *INDEXES.get(table, ())):
        name = "_".join(["ix", table, *(column.split()[0] for column in names.split(", "))])
        execute(f"create {'unique ' * (name in UNIQUE_INDEXES)}index {name} on public.{table} ({names})")
    record("table", table)


def keys(table: str, lines: list[str]) -> Iterator[Step]:
    for line in lines:
        reference = REFERENCE.search(line)
        if reference:
            yield foreign_keys.add(table, line.split()[0], reference.group(1))


def make_types(lines: list[str]) -> None:
    for name in sorted({line.split()[1] for line in lines} & ENUMS.keys()):
        if rows("select from pg_type where typname = :name and typnamespace = 'public'::regnamespace", name=name):
            continue
        execute(f"create type public.{name} as enum ({', '.join(repr(label) for label in ENUMS[name])})")
        record("type", name)


def missing_columns(table: str, lines: list[str], present: set[str]) -> Iterator[Step]:
    for line in lines:
        column = line.split()[0]
        if column not in present:
            reference = REFERENCE.search(line)
            referred = {reference.group(1): Lock.ATTACH} if reference else {}
            locks = {**referred, table: Lock.ALTER}
            yield Step(f"column {table}.{column}", partial(add_column, table, line), locks)


def add_column(table: str, line: str) -> None:
    make_types([line])
    # The rows that exist have no value for it, and the app that made them will write none.
    column = line if " default " in line else re.sub(" not null", "", line)
    execute(f"alter table public.{table} add column {column}")
    record("column", line.split(maxsplit=1)[0], table=table)


def downgrade() -> None:
    run(f"{revision} downgrade", give_back())


def give_back() -> Iterator[Step]:
    for made in recorded("column"):
        drop = f"alter table public.{made.table_name} drop column {made.name}"
        yield undo(made, drop, {made.table_name: Lock.ALTER})
    for made in recorded("table"):
        yield from foreign_keys.drop(made.name)
        yield undo(made, f"drop table public.{made.name}", {made.name: Lock.ALTER})
    for made in recorded("type"):
        yield undo(made, f"drop type public.{made.name}", {})
    yield Step("adoption", "drop table adoption_changes; drop table adoption;")
