"""Foreign keys from tables that we write to the main web app's: its deletions are never refused because of our rows.

A key of a required column cascades, another empties its column; names stay. The definition before is recorded in
`adoption`. Keys are made without looking at the rows and validated after, so that the locks are short.
"""

import re
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from migrations.adoption import execute, record, recorded, rows
from migrations.steps import Lock, Step

# 'a' and 'r' are NO ACTION and RESTRICT.
BLOCKING_KEYS = """
select c.conrelid::regclass::text as table_name, c.conname as name, pg_get_constraintdef(c.oid) as definition,
       a.attnotnull as required
  from pg_constraint c
  join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
 where c.contype = 'f' and c.confdeltype in ('a', 'r') and c.connamespace = 'public'::regnamespace
   and c.conrelid::regclass::text = any(:tables)
 order by 1, 2
"""
UNCHECKED = " NOT VALID"


def loosen(tables: Collection[str]) -> Iterator[Step]:
    """Replace every key that blocks, unchecked."""
    for key in rows(BLOCKING_KEYS, tables=list(tables)):
        definition = yielding(key.definition, required=key.required)
        yield Step(f"key {key.name}", partial(_loosen, key, definition), _locks(key))


def validate(tables: Collection[str]) -> Iterator[Step]:
    """Check what `loosen` replaced, while others read and write."""
    for key in recorded("foreign_key", tables):
        yield Step(f"check {key.name}", f"alter table {key.table_name} validate constraint {key.name}")


def restore(tables: Collection[str]) -> Iterator[Step]:
    """The definitions from before."""
    for key in recorded("foreign_key", tables):
        before = key.definition.removesuffix(UNCHECKED)
        yield Step(f"key {key.name}", replacement(key.table_name, key.name, before), _locks(key))
        if before == key.definition:
            yield Step(f"check {key.name}", f"alter table {key.table_name} validate constraint {key.name}")
        yield Step(f"forget {key.name}", partial(execute, "delete from adoption where id = :id", id=key.id))


def drop(table: str) -> Iterator[Step]:
    """Every key of a table, before the table itself is dropped."""
    keys = "select conrelid::regclass::text as table_name, conname as name, pg_get_constraintdef(oid) as definition"
    mine = "from pg_constraint where contype = 'f' and conrelid = to_regclass(:table)"
    for key in rows(f"{keys} {mine} order by 2", table=f"public.{table}"):
        yield Step(f"key {key.name}", f"alter table {table} drop constraint {key.name}", _locks(key))


def add(table: str, column: str, referred: str, action: str = "") -> Step:
    """A key of a table that has no rows yet."""
    definition = f"foreign key ({column}) references {referred} {action}"
    return Step(
        f"key {table}.{column}",
        f"alter table {table} add constraint {table}_{column}_fkey {definition}",
        {referred: Lock.ATTACH, table: Lock.ATTACH},
    )


def yielding(definition: str, *, required: bool) -> str:
    action = "CASCADE" if required else "SET NULL"
    plain = definition.removesuffix(UNCHECKED).replace(" ON DELETE RESTRICT", "")
    return re.sub(r"(REFERENCES \S+\([^)]*\))", rf"\1 ON DELETE {action}", plain)


def replacement(table: str, name: str, definition: str) -> str:
    return f"alter table {table} drop constraint {name}, add constraint {name} {definition}{UNCHECKED}"


def _loosen(key: Any, definition: str) -> None:
    record("foreign_key", key.name, table=key.table_name, definition=key.definition)
    execute(replacement(key.table_name, key.name, definition))


def _locks(key: Any) -> dict[str, Lock]:
    """What dropping a key takes: the referred table, too, loses triggers."""
    referred = re.search(r"REFERENCES (\w+)\(", key.definition)
    parent = {referred.group(1): Lock.ALTER} if referred else {}
    return {**parent, key.table_name: Lock.ALTER}
