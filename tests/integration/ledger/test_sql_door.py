"""What SQL may ask of the ledger: who may, what is accepted, and what a cancelled run leaves behind."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.factories import runs
from tests.factories.ledger import OpenTransaction, change, claim_one, one, prepare, run_row, transact, write
from worker.kit.database import Database, query
from worker.ledger import bulk, controls
from worker.ledger.apply import apply_outcome
from worker.ledger.bounds import NUMBER_DIGITS, PAYLOAD_BYTES, PAYLOAD_LEVELS
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.outcomes import Cancel
from worker.ledger.queries import RunFilter
from worker.ledger.synchronise import open_sql_door

TASK = runs.TASK
CALL = "select enqueue_task(%(task)s, %(payload)s::jsonb, {member} => %(value)s) as id"


@pytest.fixture
def worker(database: Database) -> UUID:
    return prepare(database, TASK)


@pytest.fixture
def roles(database: Database) -> Iterator[None]:
    change(database, "create role ledger_main_app; create role ledger_stranger")
    yield
    change(
        database,
        "drop owned by ledger_main_app; drop owned by ledger_stranger; drop role ledger_main_app, ledger_stranger",
    )


def as_role(database: Database, role: str, sql: str, *parameters: Any) -> list[dict[str, Any]]:
    with database.transaction() as connection:
        query(connection, f"set local role {role}")
        return query(connection, sql, parameters)


@pytest.mark.usefixtures("roles")
def test_only_the_main_web_apps_role_may_enqueue(database: Database, worker: UUID) -> None:
    call = "select enqueue_task(%s) as id"
    for role in ("ledger_main_app", "ledger_stranger"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_role(database, role, call, TASK)
    transact(database, lambda connection: open_sql_door(connection, "ledger_main_app"))
    [row] = as_role(database, "ledger_main_app", call, TASK)
    assert run_row(database, row["id"])["state"] == "queued"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_role(database, "ledger_stranger", call, TASK)
    transact(database, lambda connection: open_sql_door(connection, "ledger_stranger"))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_role(database, "ledger_main_app", call, TASK)


@pytest.mark.usefixtures("roles")
def test_the_main_web_apps_role_has_its_own_keys_and_no_table(database: Database, worker: UUID) -> None:
    transact(database, lambda connection: open_sql_door(connection, "ledger_main_app"))
    [first] = transact(
        database, lambda connection: enqueue_all(connection, [NewRun(TASK, {}, unique_key="k")], caller="key:1")
    )
    [row] = as_role(database, "ledger_main_app", "select enqueue_task(%s, unique_key => 'k') as id", TASK)
    assert row["id"] != first.id
    for sql in ("select enqueue_tasks('[]', 'key:1')", "select 1 from task_runs", "select new_run_id()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_role(database, "ledger_main_app", sql)


def test_a_role_that_does_not_exist_is_named(database: Database) -> None:
    with pytest.raises(ValueError, match="There is no Postgres role 'nobody-here'"):
        transact(database, lambda connection: open_sql_door(connection, "nobody-here"))


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


PAYLOADS: list[tuple[str, str | None]] = [
    ("{}", None),
    (nested(PAYLOAD_LEVELS), None),
    (nested(PAYLOAD_LEVELS + 1), "nested deeper than 60 levels"),
    (nested(2000), "nested deeper than 60 levels"),
    ('{"a": ' + "[" * 59 + "]" * 59 + "}", None),
    ('{"a": ' + "[" * 60 + "]" * 60 + "}", "nested deeper"),
    ('{"a": ' + "9" * NUMBER_DIGITS + "}", None),
    ('{"a": -' + "9" * NUMBER_DIGITS + "}", None),
    ('{"a": 1' + "0" * NUMBER_DIGITS + "}", "a number of more than 308 digits"),
    ('{"a": [{"b": ' + "9" * 5000 + "}]}", "a number of more than 308 digits"),
    ('{"a": "' + "9" * 5000 + '"}', None),
    ('{"a": 1e400}', "a number of more than 308 digits"),
    (json.dumps({"a": "x" * (PAYLOAD_BYTES - 9)}), None),
    (json.dumps({"a": "x" * (PAYLOAD_BYTES - 8)}), "larger than 256 KiB"),
    ("[]", "must be a JSON object"),
    ('"{}"', "must be a JSON object"),
    ("null", "must be a JSON object"),
]
MEMBERS: list[tuple[str, Any, str | None]] = [
    ("run_at", "infinity", "more than 400 days ahead"),
    ("run_at", "-infinity", "before the year 1"),
    ("run_at", "0044-03-15 BC", "before the year 1"),
    ("run_at", "12026-01-01", "more than 400 days ahead"),
    ("run_at", datetime.now(UTC) + timedelta(days=401), "more than 400 days ahead"),
    ("run_at", datetime.now(UTC) + timedelta(days=399), None),
    ("run_at", "0001-01-01 00:00:00+00", None),
    ("priority", -1, "from 0 to 9"),
    ("priority", 10, "from 0 to 9"),
    ("priority", 2**31 - 1, "from 0 to 9"),
    ("priority", 0, None),
    ("company_id", -1, "must not be negative"),
    ("company_id", 2**63 - 1, None),
    ("unique_key", "", "1 to 200 characters"),
    ("unique_key", "é" * 200, None),
    ("unique_key", "é" * 201, "1 to 200 characters"),
]


def judged(database: Database, call: str, expected: str | None, **parameters: Any) -> None:
    if expected is None:
        with database.transaction() as connection:
            [row] = query(connection, call, parameters)
        assert run_row(database, row["id"])["state"] == "queued"
        return
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=expected), database.transaction() as connection:
        query(connection, call, parameters)
    assert one(database, "select count(*) as n from task_runs")["n"] == 0


@pytest.mark.parametrize(("payload", "expected"), PAYLOADS, ids=range(len(PAYLOADS)))
def test_a_payload_has_bounds(database: Database, worker: UUID, payload: str, expected: str | None) -> None:
    judged(database, "select enqueue_task(%(task)s, %(payload)s::jsonb) as id", expected, task=TASK, payload=payload)


@pytest.mark.parametrize(("member", "value", "expected"), MEMBERS)
def test_every_argument_has_bounds(
    database: Database, worker: UUID, member: str, value: object, expected: str | None
) -> None:
    cast = "%(value)s::timestamptz" if member == "run_at" else "%(value)s"
    call = CALL.format(member=member).replace("%(value)s", cast)
    judged(database, call, expected, task=TASK, payload="{}", value=value)


def test_a_past_time_means_now(database: Database, worker: UUID) -> None:
    [row] = transact(
        database,
        lambda connection: query(connection, "select enqueue_task(%s, run_at => '1066-10-14') as id", (TASK,)),
    )
    made = run_row(database, row["id"])
    assert (made["run_at"], made["dispatch_at"]) == (made["created_at"], made["created_at"])
    assert made["expires_at"] - made["created_at"] == timedelta(days=1)


def test_a_refusal_names_the_entry_and_its_member(database: Database, worker: UUID) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="entry 2: payload must be") as caught:
        transact(
            database,
            lambda connection: query(
                connection,
                "select * from enqueue_tasks(%s)",
                (Jsonb([{"task": TASK}, {"task": TASK, "payload": 7}]),),
            ),
        )
    assert caught.value.diag.column_name == "payload"


def keyed(database: Database, key: str = "nightly-2026-12-01", **members: Any) -> tuple[UUID, bool]:
    [made] = transact(
        database,
        lambda connection: enqueue_all(connection, [NewRun(TASK, {}, unique_key=key, **members)], caller="key:1"),
    )
    return made.id, made.created


def test_a_cancelled_run_frees_its_unique_key(database: Database, worker: UUID) -> None:
    first, _ = keyed(database)
    assert keyed(database) == (first, False)
    assert controls.cancel(database, first, "cli") == "cancelled"
    second, created = keyed(database)
    assert created
    assert second != first
    assert keyed(database) == (second, False)


def test_a_run_that_ends_itself_as_cancelled_frees_its_key_too(database: Database, worker: UUID) -> None:
    first, _ = keyed(database)
    run = claim_one(database, worker, first, task=TASK)
    assert controls.cancel(database, first, "cli") == "requested"
    assert keyed(database) == (first, False), "it has not ended yet"
    transact(database, lambda connection: apply_outcome(connection, run, Cancel("Asked to stop."), ran=0.1))
    assert keyed(database)[1]


@pytest.mark.parametrize("state", ["succeeded", "failed", "uncertain"])
def test_other_ends_keep_the_key(database: Database, worker: UUID, state: str) -> None:
    first, _ = keyed(database)
    transact(database, lambda connection: runs.end(connection, [first], state))
    assert keyed(database) == (first, False)


def test_an_idempotency_key_answers_a_cancelled_run(database: Database, worker: UUID) -> None:
    """The same request again is no new wish."""
    first, _ = keyed(database, idempotency_key="request-1", body_hash="h")
    controls.cancel(database, first, "cli")
    assert keyed(database, idempotency_key="request-1", body_hash="h") == (first, False)


def test_a_retry_comes_too_late_once_another_run_has_the_key(database: Database, worker: UUID) -> None:
    first, _ = keyed(database)
    controls.cancel(database, first, "cli")
    second, _ = keyed(database)
    assert run_row(database, first)["error"]["replaced_by"] == str(second)
    with pytest.raises(controls.ControlRefused, match=str(second)), database.transaction() as connection:
        controls.retry(connection, first, "cli")
    [bulk_id] = write(database)
    with database.transaction() as connection:
        step = bulk.act_on_chunk(
            connection, "retry", RunFilter(task=TASK), bulk_id=bulk_id, after_id=None, reason="All of them."
        )
    assert step.seen == 0


def test_a_retry_that_is_under_way_keeps_the_key(database: Database, worker: UUID) -> None:
    first, _ = keyed(database)
    controls.cancel(database, first, "cli")
    with OpenTransaction(database) as retrying, OpenTransaction(database) as asking:
        retrying.do(lambda connection: controls.retry(connection, first, "cli"))
        waiting = asking.start(
            lambda connection: enqueue_all(
                connection, [NewRun(TASK, {}, unique_key="nightly-2026-12-01")], caller="key:1"
            )
        )
        retrying.commit()
        [made] = waiting.result(5)
        asking.commit()
    assert (made.id, made.created) == (first, False)


def test_two_who_ask_for_a_freed_key_get_one_run(database: Database, worker: UUID) -> None:
    first, _ = keyed(database)
    controls.cancel(database, first, "cli")
    new = NewRun(TASK, {}, unique_key="nightly-2026-12-01")
    with OpenTransaction(database) as one_side, OpenTransaction(database) as other:
        [mine] = one_side.do(lambda connection: enqueue_all(connection, [new], caller="key:1"))
        waiting = other.start(lambda connection: enqueue_all(connection, [new], caller="key:1"))
        one_side.commit()
        [theirs] = waiting.result(5)
        other.commit()
    assert mine.created
    assert (theirs.id, theirs.created) == (mine.id, False)
