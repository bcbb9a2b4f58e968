"""What came from outside is written down once and acted upon once."""

import pytest
from sqlalchemy import Connection

from tests.factories import runs
from tests.factories.ledger import one, prepare, transact
from worker.kit.database import Database
from worker.kit.ids import new_id
from worker.ledger import inbox
from worker.ledger.outcomes import Snooze

TASK = runs.definition(runs.TASK)


def receive(database: Database, number: int = 1) -> bool:
    return transact(database, lambda connection: inbox.receive(connection, "test", "a", {"number": number}, TASK))


def test_an_event_and_its_run_are_written_together_and_once(database: Database) -> None:
    prepare(database)
    assert [receive(database, number) for number in (1, 2)] == [True, False]
    event = one(database, "select id, payload, run_id, handled_at from inbound_events")
    run = one(database, "select id, task, payload from task_runs")
    assert (event["payload"], event["run_id"], event["handled_at"]) == ({"number": 1}, run["id"], None)
    assert (run["task"], run["payload"]) == (TASK.name, {"event_id": str(event["id"])})


def test_an_event_is_handled_once(database: Database) -> None:
    prepare(database)
    receive(database)
    event_id = one(database, "select id from inbound_events")["id"]

    def number(connection: Connection) -> int | None:
        with inbox.handling(connection, event_id) as event:
            return None if event is None else int(event.payload["number"])

    assert [transact(database, number) for _ in range(2)] == [1, None]
    with database.transaction() as connection, inbox.handling(connection, new_id()) as event:
        assert event is None


def test_a_postponed_event_and_one_whose_handling_failed_wait_on(database: Database) -> None:
    prepare(database)
    receive(database)
    event_id = one(database, "select id from inbound_events")["id"]

    def postpone(connection: Connection) -> Snooze:
        with inbox.handling(connection, event_id) as event:
            assert event is not None
            return event.postpone(3.0)

    def fail(connection: Connection) -> None:
        with inbox.handling(connection, event_id):
            raise LookupError

    assert transact(database, postpone) == Snooze(3.0)
    with pytest.raises(LookupError):
        transact(database, fail)
    assert one(database, "select handled_at from inbound_events")["handled_at"] is None
