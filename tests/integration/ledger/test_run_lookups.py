"""What services ask the ledger about runs, their children, their effects, and about the platform itself."""

from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import Connection

from tests.factories.ledger import OpenTransaction, change, one, prepare, put, transact, write
from worker.kit.database import Database
from worker.ledger import platform_state, runs, uncertain
from worker.ledger.runs import Child, Children

UNDER_WAY = ("queued", "running")
ENDED = ("succeeded", "failed", "cancelled", "uncertain")


@pytest.fixture
def family(database: Database) -> tuple[UUID, dict[str, UUID]]:
    """A parent with a child in every state, each with its state in payload and a number in its result."""
    prepare(database)
    [parent] = write(database)
    children = {}
    for number, state in enumerate((*UNDER_WAY, *ENDED), start=1):
        [child] = write(database, parent_id=parent, payload={"number": number})
        put(database, [child], state=state)
        change(
            database, "update task_runs set result = jsonb_build_object('number', %s::int) where id = %s", number, child
        )
        children[state] = child
    return parent, children


def remove(database: Database, *ids: UUID) -> None:
    change(database, "delete from task_runs where id = any(%s)", list(ids))


@pytest.mark.parametrize(("state", "expected"), [(each, each in UNDER_WAY) for each in (*UNDER_WAY, *ENDED)])
def test_a_run_is_under_way_until_it_ends(
    database: Database, family: tuple[UUID, dict[str, UUID]], state: str, expected: bool
) -> None:
    run = family[1][state]
    ended = [family[1][each] for each in ENDED]
    assert transact(database, lambda connection: runs.is_under_way(connection, run)) == expected
    assert transact(database, lambda connection: runs.is_under_way(connection, *ended, run)) == expected


def test_nothing_is_under_way_among_no_runs(database: Database) -> None:
    assert not transact(database, runs.is_under_way)


def test_ended_tells_the_states_of_what_ended(database: Database, family: tuple[UUID, dict[str, UUID]]) -> None:
    _, children = family
    remove(database, children["failed"])
    over = transact(database, lambda connection: runs.ended(connection, list(children.values())))
    assert over == {children[state]: state for state in ENDED if state != "failed"}


def test_children_are_counted_since_a_moment(database: Database, family: tuple[UUID, dict[str, UUID]]) -> None:
    parent, children = family
    since = transact(database, lambda connection: runs.created_at(connection, children["queued"]))

    def counted(connection: Connection) -> tuple[Children, int]:
        return (
            runs.of_parent(connection, parent, since=since),
            runs.sum_of_results(connection, parent, "number", since=since),
        )

    assert transact(database, counted) == (Children(under_way=2, failed=3), 3)
    change(database, "update task_runs set created_at = created_at - interval '1 day' where parent_id = %s", parent)
    assert transact(database, counted) == (Children(under_way=0, failed=0), 0)


def test_the_worst_child_is_the_one_to_wait_for(database: Database, family: tuple[UUID, dict[str, UUID]]) -> None:
    parent, children = family

    def worst(connection: Connection) -> Child | None:
        return runs.worst_child(connection, parent)

    found = transact(database, worst)
    assert found is not None
    assert found.under_way
    remove(database, children["queued"], children["running"])
    assert transact(database, worst) == Child("uncertain", None)
    remove(database, children["uncertain"])
    assert transact(database, worst) == Child("failed", None)
    remove(database, children["failed"], children["cancelled"])
    assert transact(database, worst) is None


def test_what_open_children_hold(database: Database, family: tuple[UUID, dict[str, UUID]]) -> None:
    held = transact(database, lambda connection: runs.held_by_children(connection, family[0], "number"))
    assert sorted(held) == ["1", "2", "6"]
    assert transact(database, lambda connection: runs.held_by_children(connection, family[0], "other")) == []


def test_who_caused_a_run(database: Database) -> None:
    prepare(database)
    [theirs] = write(database, caused_by=7)
    [ours] = write(database)
    assert transact(database, lambda connection: runs.caused_by(connection, theirs)) == 7
    assert transact(database, lambda connection: runs.caused_by(connection, ours)) is None


@pytest.mark.parametrize("state", [*UNDER_WAY, *ENDED])
def test_only_an_end_that_is_to_come_can_be_wanted(
    database: Database, family: tuple[UUID, dict[str, UUID]], state: str
) -> None:
    run = family[1][state]
    transact(database, lambda connection: runs.mark_wanted(connection, run))
    assert one(database, "select wanted from task_runs where id = %s", run)["wanted"] == (state in UNDER_WAY)


def begin_effect(database: Database, run: UUID, key: str, state: str = "intended") -> None:
    change(
        database,
        """
        insert into effects (key, generation, provider, policy, request, run_id, lease, state)
        values (%s, 3, 'test', 'ask', '', %s, 1, %s)
        """,
        key,
        run,
        state,
    )


def test_open_effects_of_uncertain_runs_are_found_by_their_beginning(database: Database) -> None:
    prepare(database)
    doubtful, other, settled, running = write(database, 4)
    for run, key, state in (
        (doubtful, "letter:1", "intended"),
        (other, "visit:1", "intended"),
        (settled, "letter:2", "done"),
        (running, "letter:3", "intended"),
    ):
        begin_effect(database, run, key, state)
    put(database, [doubtful, other, settled], state="uncertain")
    put(database, [running], state="running")
    assert transact(database, lambda connection: uncertain.open_effects(connection, "letter:")) == [("letter:1", 3)]
    asked = [("letter:3", 3), ("visit:1", 3), ("letter:2", 3), ("letter:1", 3), ("letter:1", 2)]
    locked = transact(database, lambda connection: uncertain.lock_open_effects(connection, asked))
    assert locked == [("visit:1", 3), ("letter:1", 3)]


@pytest.mark.parametrize("state", ["queued", "running", "failed", "uncertain"])
def test_only_an_uncertain_run_is_resumed(database: Database, state: str) -> None:
    prepare(database)
    [run] = write(database)
    put(database, [run], state=state)
    transact(database, lambda connection: uncertain.resume(connection, run))
    expected = "queued" if state == "uncertain" else state
    assert one(database, "select state from task_runs where id = %s", run)["state"] == expected


def test_what_the_platform_remembers_is_replaced(database: Database) -> None:
    def recalled() -> object:
        return transact(database, lambda connection: platform_state.recall(connection, "test"))

    assert recalled() is None
    for value in ({"a": 1}, {"a": 2}):
        transact(database, partial(platform_state.remember, key="test", value=value))
        assert recalled() == value
    changes = [
        transact(database, partial(platform_state.change, key="test", value=value))
        for value in ({"a": 2}, {"a": 3}, {"a": 3})
    ]
    assert changes == [False, True, False]


def test_what_is_due_is_due_for_one(database: Database) -> None:
    def is_due(connection: Connection) -> bool:
        return platform_state.is_due(connection, "test", seconds=600)

    with OpenTransaction(database) as first, OpenTransaction(database) as second:
        assert first.do(is_due)
        waiting = second.start(is_due)
        first.commit()
        assert not waiting.result(10)
    change(database, "update platform_state set updated_at = now() - interval '601 seconds' where key = 'test'")
    assert [transact(database, is_due), transact(database, is_due)] == [True, False]
