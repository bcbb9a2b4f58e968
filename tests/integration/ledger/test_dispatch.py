"""Which runs are published, in which order and how often."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from tests.factories import runs
from tests.factories.ledger import (
    OpenTransaction,
    change,
    claim_one,
    new_worker,
    one,
    prepare,
    put,
    run_row,
    seconds_ahead,
    transact,
    write,
)
from worker.kit.database import Database, execute
from worker.kit.ids import new_id
from worker.ledger import dispatch
from worker.ledger.apply import apply_outcome
from worker.ledger.dispatch import Message
from worker.ledger.outcomes import Snooze
from worker.ledger.pace import Pace
from worker.ledger.rescue import redispatch

TASK = runs.TASK
OTHER = "test.other"


@pytest.fixture
def worker(database: Database) -> UUID:
    worker = prepare(database, TASK, OTHER)
    change(database, "update task_catalogue set batch = 1, timeout_seconds = 10")
    return worker


def pick(database: Database) -> list[Message]:
    return transact(database, dispatch.pick)


def picked(database: Database) -> list[UUID]:
    return [identifier for message in pick(database) for identifier in message.ids]


def pass_time(database: Database, seconds: float) -> None:
    """Move what was published into the past."""
    change(
        database,
        "update task_runs set dispatch_at = dispatch_at - make_interval(secs => %s) where dispatches > 0",
        seconds,
    )


def test_a_due_run_is_published_once(database: Database, worker: UUID) -> None:
    ids = write(database, 2)
    assert picked(database) == ids
    assert picked(database) == []
    assert run_row(database, ids[0])["dispatches"] == 1


def test_unclaimed_hints_are_repeated_at_doubling_distances(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    distances = []
    for _ in range(6):
        assert picked(database) == [run_id]
        ahead = one(database, "select extract(epoch from dispatch_at - now())::float8 as s from task_runs")["s"]
        distances.append(round(ahead))
        pass_time(database, ahead + 0.1)
    assert distances == [30, 60, 120, 240, 300, 300]


def postpone(database: Database, run_id: UUID) -> None:
    hour = "now() + interval '1 hour'"
    change(database, f"update task_runs set run_at = {hour}, dispatch_at = {hour} where id = %s", run_id)


@pytest.mark.parametrize(("queue", "delay"), [("interactive", 5), ("bulk", 60)])
def test_each_queue_has_its_delay(database: Database, worker: UUID, queue: str, delay: int) -> None:
    put(database, write(database), queue=queue)
    picked(database)
    ahead = one(database, "select extract(epoch from dispatch_at - now())::float8 as s from task_runs")["s"]
    assert ahead == pytest.approx(delay, abs=1)


def test_a_return_to_the_queue_starts_the_distances_anew(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    picked(database)
    pass_time(database, 31)
    picked(database)
    run = claim_one(database, worker, run_id, task=TASK)
    transact(database, lambda connection: apply_outcome(connection, run, Snooze(0.0), ran=0.1))
    assert run_row(database, run_id)["dispatches"] == 0
    assert picked(database) == [run_id]


def test_what_could_not_be_published_is_due_again(database: Database, worker: UUID) -> None:
    ids = write(database, 3)
    messages = pick(database)
    transact(database, lambda connection: dispatch.unpublished(connection, messages[1:]))
    assert picked(database) == ids[1:]


def test_a_window_bounds_what_is_published_and_unclaimed(database: Database, worker: UUID) -> None:
    change(database, "update queues set window_size = 5 where name = 'default'")
    ids = write(database, 8)
    assert picked(database) == ids[:5]
    assert picked(database) == []
    claim_one(database, worker, ids[0], task=TASK)
    claim_one(database, worker, ids[1], task=TASK)
    assert picked(database) == ids[5:7]


def test_a_run_published_twice_leaves_the_window(database: Database, worker: UUID) -> None:
    change(database, "update queues set window_size = 2 where name = 'default'")
    ids = write(database, 4)
    assert picked(database) == ids[:2]
    pass_time(database, 60)
    assert picked(database) == ids[:2]
    assert picked(database) == ids[2:]


def test_a_queue_that_holds_a_window_of_messages_gets_no_more(database: Database, worker: UUID) -> None:
    change(database, "update queues set window_size = 2 where name = 'default'")
    [run_id] = write(database)
    assert transact(database, lambda connection: dispatch.pick(connection, waiting={"default": 2})) == []
    [message] = transact(database, lambda connection: dispatch.pick(connection, waiting={"default": 1, "bulk": 9}))
    assert message.ids == (run_id,)


def test_companies_take_turns_when_a_window_is_smaller_than_their_number(database: Database, worker: UUID) -> None:
    change(database, "update queues set window_size = 2 where name = 'default'")
    ids = {company: write(database, 2, company_id=company) for company in (1, 2, 3)}
    pace = Pace(measured=False)
    for served in ([ids[1][0], ids[2][0]], [ids[3][0], ids[1][1]], [ids[2][1], ids[3][1]]):
        messages = transact(database, lambda connection: dispatch.pick(connection, pace=pace))
        assert {identifier for message in messages for identifier in message.ids} == set(served)
        change(database, "update task_runs set state = 'succeeded' where dispatches = 1")


def end(database: Database, ids: Sequence[UUID], seconds: float, *, apart: float) -> None:
    """These ran one after the other, each for so many seconds; the last ended just now."""
    for position, run_id in enumerate(reversed(ids)):
        change(
            database,
            """
            update task_runs set state = 'succeeded', finished_at = now() - make_interval(secs => %s),
                   started_at = now() - make_interval(secs => %s) where id = %s
            """,
            position * apart,
            position * apart + seconds,
            run_id,
        )


def paced(database: Database, pace: Pace) -> list[list[UUID]]:
    messages = transact(database, lambda connection: dispatch.pick(connection, pace=pace))
    return [list(message.ids) for message in messages]


def test_a_window_begins_with_a_few_hints_per_idle_child(database: Database, worker: UUID) -> None:
    new_worker(database)
    ids = write(database, 50)
    assert paced(database, Pace()) == [[each] for each in ids[:4]]


def test_a_window_is_what_was_worked_off_in_half_a_second(database: Database, worker: UUID) -> None:
    end(database, write(database, 40), 0.02, apart=0.02)
    write(database, 100)
    assert 10 <= len(paced(database, Pace())) <= 30


def test_busy_children_and_slow_runs_leave_room_for_one_message(database: Database, worker: UUID) -> None:
    [running] = write(database)
    claim_one(database, worker, running, task=TASK)
    ids = write(database, 10)
    assert paced(database, Pace()) == [[ids[0]]]
    assert paced(database, Pace()) == []


def test_messages_are_cut_to_a_quarter_of_a_second(database: Database, worker: UUID) -> None:
    change(database, "update task_catalogue set batch = 50 where name = %s", TASK)
    end(database, write(database, 9), 0.1, apart=0.1)
    ids = write(database, 4)
    assert paced(database, Pace()) == [ids[:2], ids[2:]]


def test_a_flooding_company_does_not_starve_the_others(database: Database, worker: UUID) -> None:
    change(database, "update queues set window_size = 100 where name = 'default'")
    flood = write(database, 500, company_id=1)
    others = {company: write(database, 2, company_id=company) for company in (0, 2, 3)}
    order = picked(database)
    assert len(order) == 100
    assert set(order[:4]) == {flood[0], *(ids[0] for ids in others.values())}
    assert set(order[4:8]) == {flood[1], *(ids[1] for ids in others.values())}
    assert order[8:] == flood[2:94]


def test_priority_counts_within_a_company_not_between(database: Database, worker: UUID) -> None:
    change(database, "update queues set window_size = 4 where name = 'default'")
    slow, urgent = write(database, 10, company_id=1), write(database, 3, company_id=1, priority=0)
    [patient] = write(database, company_id=2, priority=9)
    assert picked(database) == [urgent[0], patient, *urgent[1:]]
    assert set(slow).isdisjoint(picked(database))


def test_low_priority_numbers_come_first_when_all_fits(database: Database, worker: UUID) -> None:
    groups = {priority: write(database, 2, priority=priority) for priority in (5, 9, 0)}
    assert picked(database) == [*groups[0], *groups[5], *groups[9]]


def test_a_paused_queue_publishes_nothing(database: Database, worker: UUID) -> None:
    ids = write(database)
    change(database, "update queues set paused_at = now() where name = 'default'")
    assert picked(database) == []
    change(database, "update queues set paused_at = null")
    assert picked(database) == ids


def test_a_task_that_no_live_worker_knows_waits(database: Database, worker: UUID) -> None:
    known, unknown = write(database), write(database, task=OTHER)
    change(database, "update workers set tasks = %s", [TASK])
    assert picked(database) == known
    change(database, "update workers set tasks = %s, expires_at = now() - interval '1 second'", [TASK, OTHER])
    assert picked(database) == []
    change(database, "update workers set expires_at = now() + interval '1 minute'")
    assert picked(database) == unknown


@pytest.mark.parametrize(
    "columns", [{"state": "running"}, {"state": "succeeded"}, {"cancel_requested_at": "2026-01-01T00:00:00Z"}]
)
def test_what_is_not_due_is_not_published(database: Database, worker: UUID, columns: dict[str, Any]) -> None:
    put(database, write(database), **columns)
    assert picked(database) == []


def test_runs_share_messages_up_to_their_batch(database: Database, worker: UUID) -> None:
    change(database, "update task_catalogue set batch = 4 where name = %s", TASK)
    ids, singles = write(database, 10), write(database, 2, task=OTHER)
    urgent = write(database, 1, priority=1)
    messages = pick(database)
    assert [list(message.ids) for message in messages] == [
        urgent,
        ids[:4],
        ids[4:8],
        ids[8:],
        *([each] for each in singles),
    ]
    assert [message.timeout for message in messages] == [10, 40, 40, 20, 10, 10]
    assert {message.queue for message in messages} == {"default"}


def test_a_run_that_must_go_alone_shares_no_message(database: Database, worker: UUID) -> None:
    change(database, "update task_catalogue set batch = 50 where name = %s", TASK)
    ids = write(database, 5)
    put(database, [ids[2]], alone=True)
    messages = [list(message.ids) for message in pick(database)]
    assert [ids[2]] in messages
    assert sorted(identifier for message in messages for identifier in message) == ids


@pytest.mark.parametrize(("open_effect", "state"), [(False, "failed"), (True, "uncertain")])
def test_an_expired_run_ends_and_says_why(database: Database, worker: UUID, open_effect: bool, state: str) -> None:
    [parent] = write(database)
    ids = write(database, parent_id=parent)
    postpone(database, parent)
    change(database, "update task_runs set expires_at = now() - interval '1 second' where id = %s", ids[0])
    change(database, """update task_runs set error = '{"message": "Not now."}' where id = %s""", ids[0])
    if open_effect:
        effect(database, ids[0], "intended")
    assert picked(database) == []
    row = run_row(database, ids[0])
    assert (row["state"], row["error"]["code"]) == (state, "run.expired")
    assert row["error"]["message"] == "The run's time to succeed is over. Not now."
    assert seconds_ahead(database, parent) <= 0
    assert picked(database) == [parent]


def test_a_parent_that_somebody_holds_holds_up_no_dispatch(database: Database, worker: UUID) -> None:
    [parent] = write(database)
    [expired] = write(database, parent_id=parent)
    postpone(database, parent)
    change(database, "update task_runs set expires_at = now() - interval '1 second' where id = %s", expired)
    with OpenTransaction(database) as holder:
        hold = "update task_runs set progress = '{}' where id = %s"
        holder.do(lambda connection: execute(connection, hold, (parent,)))
        [other] = write(database)
        assert picked(database) == [other]
        assert run_row(database, expired)["state"] == "queued"
        holder.commit()
    pass_time(database, 2)
    assert picked(database) == []
    assert run_row(database, expired)["state"] == "failed"
    assert seconds_ahead(database, parent) <= 0


def test_an_expired_run_whose_answer_is_known_still_writes_it_down(database: Database, worker: UUID) -> None:
    ids = write(database)
    change(database, "update task_runs set expires_at = now() - interval '1 second'")
    effect(database, ids[0], "done")
    assert picked(database) == ids


def effect(database: Database, run_id: UUID, state: str) -> None:
    change(
        database,
        """
        insert into effects (key, generation, provider, policy, request, run_id, lease, state)
        values ('test', 0, 'test', 'ask', '', %s, 0, %s)
        """,
        run_id,
        state,
    )


def test_two_dispatchers_share_the_work(database: Database, worker: UUID) -> None:
    ids = write(database, 6)
    with OpenTransaction(database) as first, OpenTransaction(database) as second:
        mine = first.do(dispatch.pick)
        assert second.do(dispatch.pick) == []
        assert [each for message in mine for each in message.ids] == ids
        first.roll_back()
    assert picked(database) == ids


def test_another_broker_process_means_that_every_hint_is_lost(database: Database, worker: UUID) -> None:
    def see(identity: str) -> bool:
        return transact(database, lambda connection: dispatch.note_broker(connection, identity))

    assert see("first")
    ids = write(database, 2)
    future = write(database)
    postpone(database, future[0])
    assert picked(database) == ids
    assert not see("first")
    assert picked(database) == []
    assert see("second")
    assert picked(database) == ids
    assert not see("second")


def test_redispatch_is_limited_to_queues(database: Database, worker: UUID) -> None:
    default, bulk = write(database), write(database)
    put(database, bulk, queue="bulk")
    assert set(picked(database)) == {*default, *bulk}
    assert transact(database, lambda connection: redispatch(connection, [])) == 0
    assert transact(database, lambda connection: redispatch(connection, ["bulk"])) == 1
    assert picked(database) == bulk


def rows(places: Sequence[tuple[int, int]], *, batch: int = 1) -> list[dict[str, Any]]:
    """Rows as picked, from (place, priority)."""
    return [
        {
            "id": new_id(),
            "task": TASK,
            "priority": priority,
            "batch": batch,
            "timeout_seconds": 10,
            "place": place,
            "since": position,
        }
        for position, (place, priority) in enumerate(places)
    ]


def test_messages_keep_the_order_of_turns(database: Database) -> None:
    found = rows([(1, 5), (1, 9), (2, 5), (2, 9)])
    shuffled = [found[3], found[0], found[2], found[1]]
    messages = dispatch.group("default", shuffled, Pace(measured=False))
    assert [message.ids[0] for message in messages] == [row["id"] for row in found]
