"""`Prefer: wait`: one LISTEN connection tells every waiting request when its run has ended."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

from sqlalchemy.pool import QueuePool

from api_min.context import EXTENSION, Context
from tests.factories.api import ECHO, Answer, Api, Words
from worker.kit.database import execute
from worker.kit.errors import Permanent
from worker.ledger.handlers import Outcome, RunContext

BODY = {"task": ECHO.name, "payload": {"text": "hello"}}


def deadline_poll(api: Api, sql: str, seconds: float = 10.0) -> dict[str, object]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if rows := api.rows(sql):
            return rows[0]
        threading.Event().wait(0.01)
    raise AssertionError(f"nothing appeared: {sql}")


def waiting_post(api: Api, pool: ThreadPoolExecutor, wait: str = "wait=20", **headers: str) -> "Future[Answer]":
    def post() -> Answer:
        # A client of its own: the test client is not shared between threads.
        sender = Api(api.app, api.app.test_client(), api.database, api.worker, api.headers)
        return sender.post("/api/tasks", BODY, headers={"Prefer": wait, **headers})

    return pool.submit(post)


def refuse(context: RunContext, payload: Words) -> Outcome:
    raise Permanent("The offer is closed.", code="publishing.closed", status=409)


def parts(api: Api) -> Context:
    found: Context = api.app.extensions[EXTENSION]
    return found


def test_a_run_that_ends_in_time_answers_its_result(api: Api) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = waiting_post(api, pool)
        row = deadline_poll(api, "select id, wanted from task_runs")
        api.work(UUID(str(row["id"])))
        answer = waiting.result(timeout=10)

    assert row["wanted"] is True
    assert answer.status_code == 200
    assert answer.json["result"] == {"text": "hello"}
    assert (answer.json["state"], answer.json["created"]) == ("succeeded", True)
    assert answer.headers["Preference-Applied"] == "wait=20"


def test_a_run_that_fails_in_time_answers_its_error(api: Api) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = waiting_post(api, pool)
        row = deadline_poll(api, "select id from task_runs")
        api.work(UUID(str(row["id"])), refuse)
        answer = waiting.result(timeout=10)

    assert answer.status_code == 409
    assert answer.json["detail"] == "The offer is closed."
    assert answer.json["type"] == "urn:intowork:publishing.closed"
    assert answer.headers["Location"] == f"/api/tasks/{row['id']}"


def test_a_cancelled_run_answers_a_waiting_caller(api: Api) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = waiting_post(api, pool)
        row = deadline_poll(api, "select id from task_runs")
        api.post(f"/api/tasks/{row['id']}/cancel")
        assert waiting.result(timeout=10).status_code == 409


def test_a_run_that_does_not_end_in_time_is_accepted(api: Api) -> None:
    started = time.monotonic()
    answer = api.post("/api/tasks", BODY, headers={"Prefer": "respond-async, wait=1"})
    assert answer.status_code == 202
    assert answer.headers["Location"]
    assert 0.9 < time.monotonic() - started < 5


def test_what_cannot_be_read_is_no_preference(api: Api) -> None:
    for header in ("wait", "wait=", "wait=-1", "wait=soon", "wait=1.5", "later=10", "wait=0", ""):
        answer = api.post("/api/tasks", BODY, headers={"Prefer": header})
        assert answer.status_code == 202
        assert "Preference-Applied" not in answer.headers, header
    assert api.rows("select id from task_runs where wanted") == []


def test_waiting_for_the_run_of_a_taken_key(api: Api) -> None:
    first = api.post("/api/tasks", BODY, headers={"Idempotency-Key": "k"}).json["id"]
    with ThreadPoolExecutor(1) as pool:
        waiting = waiting_post(api, pool, **{"Idempotency-Key": "k"})
        deadline_poll(api, "select id from task_runs where wanted")
        api.work(UUID(first))
        answer = waiting.result(timeout=10)
    assert (answer.status_code, answer.json["id"], answer.json["created"]) == (200, first, False)


def test_too_many_waiters_are_answered_at_once(api: Api) -> None:
    assert parts(api).settings.api_threads == 4
    with ThreadPoolExecutor(2) as pool:
        waiting = [waiting_post(api, pool) for _ in range(2)]
        deadline_poll(api, "select 1 from task_runs where wanted having count(*) = 2")
        answer = api.post("/api/tasks", BODY, headers={"Prefer": "wait=20"})
        assert answer.status_code == 202
        assert "Preference-Applied" not in answer.headers
        for row in api.rows("select id from task_runs where wanted"):
            api.work(row["id"])
        assert [each.result(timeout=10).status_code for each in waiting] == [200, 200]
    assert parts(api).completions.count == 0


def test_a_lost_listening_connection_loses_no_end(api: Api) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = waiting_post(api, pool)
        row = deadline_poll(api, "select id from task_runs")
        deadline_poll(api, LISTENING)
        with api.database.transaction() as connection:
            execute(connection, f"select pg_terminate_backend(pid) from ({LISTENING}) it")
        api.work(UUID(str(row["id"])))
        assert waiting.result(timeout=15).status_code == 200


LISTENING = """
select pid from pg_stat_activity
 where application_name = 'intowork-api-waiting' and datname = current_database() and query like 'listen%'
"""


def test_no_pooled_connection_is_held_while_waiting(api: Api) -> None:
    with ThreadPoolExecutor(2) as pool:
        waiting = [waiting_post(api, pool) for _ in range(2)]
        deadline_poll(api, "select 1 from task_runs where wanted having count(*) = 2")
        deadline_poll(api, LISTENING)
        pooled = parts(api).database.engine.pool
        assert isinstance(pooled, QueuePool)
        until = time.monotonic() + 5
        while pooled.checkedout() and time.monotonic() < until:
            threading.Event().wait(0.01)
        assert pooled.checkedout() == 0
        for row in api.rows("select id from task_runs where wanted"):
            api.work(row["id"])
        assert [each.result(timeout=10).status_code for each in waiting] == [200, 200]


def test_a_commit_wakes_the_dispatchers(api: Api) -> None:
    with api.database.direct() as listener:
        listener.execute("listen task_runs")
        api.make()
        assert list(listener.notifies(timeout=5, stop_after=1))
        for number in range(50):
            api.make(str(number))
        heard = len(list(listener.notifies(timeout=0.5)))
        assert 1 <= heard <= 50
