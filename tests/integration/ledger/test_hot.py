"""The database of a worker's child: one kept connection that survives the loss of Postgres."""

from collections.abc import Iterator

import pytest

from worker.kit.database import execute, insist, query
from worker.ledger.hot import HotDatabase

WHO = "select pg_backend_pid() as pid, current_setting('plan_cache_mode') as plans"


@pytest.fixture
def hot(database_url: str) -> Iterator[HotDatabase]:
    database = HotDatabase(database_url, name="intowork-tests")
    yield database
    database.close()


def test_single_statements_share_a_connection_set_up_like_the_pools(hot: HotDatabase) -> None:
    first, second = hot.once(WHO, {}), hot.once(WHO, {})
    with hot.transaction() as connection:
        pooled = query(connection, WHO)
    assert first == second
    assert pooled[0]["pid"] != first[0]["pid"]
    assert pooled[0]["plans"] == first[0]["plans"] == "force_generic_plan"


def test_a_single_statement_is_committed_at_once(hot: HotDatabase) -> None:
    hot.once("insert into park_gates (key) values (%(key)s)", {"key": "gate"})
    with hot.transaction() as connection:
        assert query(connection, "select version from park_gates where key = 'gate'") == [{"version": 0}]


def test_a_failed_statement_keeps_the_connection(hot: HotDatabase) -> None:
    before = hot.once(WHO, {})
    with pytest.raises(Exception, match="division by zero"):
        hot.once("select 1 / 0", {})
    assert hot.once(WHO, {}) == before


def test_a_lost_connection_is_made_anew(hot: HotDatabase) -> None:
    pid = hot.once(WHO, {})[0]["pid"]
    with hot.transaction() as connection:
        execute(connection, "select pg_terminate_backend(%(pid)s)", {"pid": pid})
    assert insist(lambda: hot.once(WHO, {}), seconds=10)[0]["pid"] != pid


def test_it_is_refused_inside_a_transaction(hot: HotDatabase) -> None:
    with hot.transaction(), pytest.raises(RuntimeError, match="already open"):
        hot.once("select 1", {})
