"""Rows that we write never stop the main web app from deleting: foreign keys cascade or empty themselves.

Added without looking at the rows, so that the locks are short; the next revision looks.

Revision ID: 0005
Revises: 0004
"""

import re

from migrations.adoption import execute, record, rows, undo

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# 'a' and 'r' are NO ACTION and RESTRICT.
BLOCKING_KEYS = """
select c.conrelid::regclass::text as table_name, c.conname as name, pg_get_constraintdef(c.oid) as definition,
       a.attnotnull as required
  from pg_constraint c
  join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
 where c.contype = 'f' and c.confdeltype in ('a', 'r')
   and c.conrelid in ('notifications'::regclass, 'job_postings'::regclass,
                      'interview_schedules'::regclass, 'job_alerts'::regclass)
 order by 1, 2
"""


def upgrade() -> None:
    for key in rows(BLOCKING_KEYS):
        record("foreign_key", key.name, table=key.table_name, definition=key.definition)
        unchecked = yielding(key.definition, required=key.required) + " NOT VALID"
        execute(replacement(key.table_name, key.name, unchecked))


def yielding(definition: str, *, required: bool) -> str:
    action = "CASCADE" if required else "SET NULL"
    plain = definition.removesuffix(" NOT VALID").replace(" ON DELETE RESTRICT", "")
    return re.sub(r"(REFERENCES \S+\([^)]*\))", rf"\1 ON DELETE {action}", plain)


def replacement(table: str, name: str, definition: str) -> str:
    return f"alter table {table} drop constraint {name}, add constraint {name} {definition}"


def downgrade() -> None:
    undo("foreign_key", lambda key: replacement(key.table_name, key.name, key.definition))
