"""Steps of a migration that the main web app does not notice.

Every statement on a table that it shares with us runs here. A step is one transaction that takes the locks it names
first, waits for them `LOCK_TIMEOUT` in all, gives up and comes back after a pause: whoever queues behind it waits no
longer than that, and Postgres looks for deadlocks only after a second. A step that was committed is remembered, so
that a migration which was broken off goes on where it stood.
"""

import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import psycopg
from alembic import op
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

LOCK_TIMEOUT = 0.2
"""Seconds that a step waits for the locks it names, and for any lock after those."""
PAUSE = (0.3, 1.0)
"""Seconds between two attempts: at least what a queue needs to drain."""
PATIENCE = 600.0
"""Seconds after which a step that never got its locks fails."""
LOCK_NOT_AVAILABLE = "55P03"
COME_BACK = {LOCK_NOT_AVAILABLE, "40P01", "40001"}
STEPS_TABLE = "platform_migration_steps"

BLOCKERS = """
select string_agg(distinct l.pid::text, ', ')
  from pg_locks l where l.granted and l.relation = any(cast(:tables as regclass[])) and l.pid <> pg_backend_pid()
"""


class Lock(StrEnum):
    """What a statement takes: ALTER for `alter table` and for dropping keys, triggers and tables (the table that a
    key refers to as well), ATTACH for making triggers and keys (the referred table as well), WRITE for rows.
    """

    ALTER = "access exclusive"
    ATTACH = "share row exclusive"
    WRITE = "row exclusive"


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction; `name` is unique within its migration. Locks are taken in the order given: referred tables
    first, as the main web app's requests do.
    """

    name: str
    work: str | Callable[[], Any]
    locks: Mapping[str, Lock] = field(default_factory=dict)

    def take(self, label: str) -> None:
        with _driver().transaction():
            _lock(self.locks)
            if isinstance(self.work, str):
                _execute(self.work)
            else:
                self.work()
            _remember(label, self.name)


@dataclass(frozen=True, slots=True)
class ConcurrentIndex:
    """An index made beside everybody's work: `[unique] index … on table (…)`. Postgres waits for open transactions
    and hinders none. `prepare` runs before every attempt, for a unique index whose rule the rows break.
    """

    name: str
    kind: str
    on: str
    prepare: str = ""

    def take(self, label: str) -> None:
        if self.prepare:
            with _driver().transaction():
                _wait_for_locks(LOCK_TIMEOUT)
                _execute(self.prepare)
        self._make()
        _remember(label, self.name)

    def _make(self) -> None:
        state = "select indisvalid from pg_index where indexrelid = to_regclass(:name)"
        valid = op.get_bind().execute(text(state), {"name": f"public.{self.name}"}).scalar()
        if valid:
            return
        if valid is False:
            _beside(f"drop index concurrently public.{self.name}")
        _beside(f"create {self.kind} concurrently {self.name} on {self.on}")


@dataclass(frozen=True, slots=True)
class DropIndex:
    """The other way round, beside everybody's work too."""

    name: str

    def take(self, label: str) -> None:
        _beside(f"drop index concurrently if exists public.{self.name}")
        _remember(label, self.name)


AnyStep = Step | ConcurrentIndex | DropIndex


def run(label: str, steps: Iterable[AnyStep]) -> None:
    """Take the steps that this run of a migration (`0012 upgrade`) has not taken yet.

    `steps` may be a generator that looks at the database between two of them. Raises RuntimeError where a migration
    in the other direction was broken off, or when a step's patience ends.
    """
    context = op.get_context()
    with context.autocommit_block():
        _execute(f"create table if not exists {STEPS_TABLE} (label text, step text, primary key (label, step))")
        _refuse_another(label)
        for step in steps:
            if not _rows(f"select from {STEPS_TABLE} where label = :label and step = :step", label, step.name):
                _persist(label, step)


def _persist(label: str, step: AnyStep) -> None:
    until = time.monotonic() + patience()
    while True:
        try:
            return step.take(label)
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None)
            unique = isinstance(step, ConcurrentIndex) and bool(step.prepare) and state == "23505"
            if state not in COME_BACK and not unique:
                raise
            if time.monotonic() > until:
                raise RuntimeError(_gave_up(label, step)) from error
        time.sleep(random.uniform(*PAUSE))  # noqa: S311 - a pause, no secret


def patience() -> float:
    """Seconds; `config.attributes["patience"]` says otherwise."""
    config = op.get_context().config
    return float(config.attributes.get("patience", PATIENCE)) if config else PATIENCE


def _gave_up(label: str, step: AnyStep) -> str:
    tables = list(step.locks) if isinstance(step, Step) else []
    holders = op.get_bind().execute(text(BLOCKERS), {"tables": tables}).scalar() or "none"
    return (
        f"Migration {label}, step {step.name!r}, tried for {patience():.0f} s to lock "
        f"{', '.join(tables) or 'what it needs'} and gave up. Postgres processes with locks there: {holders}. "
        "What was finished stays. End the long transactions and run the command again: it goes on with this step."
    )


def _refuse_another(label: str) -> None:
    other = op.get_bind().execute(
        text(f"select label from {STEPS_TABLE} where label <> :label limit 1"), {"label": label}
    )
    unfinished = other.scalar()
    if unfinished:
        raise RuntimeError(
            f"Migration {unfinished} was broken off half-way and {label} would start from there: finish it first, "
            "with the command that began it."
        )


def _rows(sql: str, label: str, step: str) -> list[Any]:
    return list(op.get_bind().execute(text(sql), {"label": label, "step": step}))


def _remember(label: str, step: str) -> None:
    insert = f"insert into {STEPS_TABLE} (label, step) values (:label, :step)"
    op.get_bind().execute(text(insert), {"label": label, "step": step})


def _lock(locks: Mapping[str, Lock]) -> None:
    """All of them within LOCK_TIMEOUT, then the same again for what the work itself may meet."""
    until = time.monotonic() + LOCK_TIMEOUT
    for table, lock in locks.items():
        _wait_for_locks(max(until - time.monotonic(), 0.001))
        _execute(f"lock table public.{table} in {lock} mode")
    _wait_for_locks(LOCK_TIMEOUT)


def _wait_for_locks(seconds: float) -> None:
    limits = "select set_config('lock_timeout', :limit, true), set_config('statement_timeout', '0', true)"
    op.get_bind().execute(text(limits), {"limit": f"{seconds * 1000:.0f}ms"})


def _beside(statement: str) -> None:
    """Outside any transaction, and with all our patience: nobody waits behind it."""
    limit = op.get_bind().execute(text("select current_setting('lock_timeout')")).scalar()
    _execute(f"set lock_timeout = '{patience() * 1000:.0f}ms'; set statement_timeout = 0")
    try:
        _execute(statement)
    finally:
        _execute(f"set lock_timeout = '{limit}'; reset statement_timeout")


def _execute(statements: str) -> None:
    """As they stand: percent signs and colons mean nothing here."""
    op.get_bind().exec_driver_sql(statements, execution_options={"no_parameters": True})


def _driver() -> psycopg.Connection[Any]:
    driver = op.get_bind().connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("Migrations need a connection of psycopg.")
    return driver
