"""A commit whose answer is lost between Postgres and the API, and an outage while somebody waits."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask_openapi.openapi import OpenAPI
from pydantic import SecretStr

from tests.factories import main_web_app
from tests.factories.api import ECHO, Api, token
from tests.factories.ledger import poll
from tests.integration.proxy import Proxy
from worker.kit.addresses import Address
from worker.kit.database import raw
from worker.kit.settings import Settings

RUN = {"task": ECHO.name, "payload": {"text": "hello"}}
ALERT = {"name": "Python à Libreville", "criteria": {"keywords": ["python"]}}
ENQUEUE, COMMIT, LAST = b"enqueue_tasks", b"COMMIT", b"pg_current_xact_id_if_assigned"
KEYED = {"Idempotency-Key": "k"}
DRAFT = {"type": "welcome_candidate", "instructions": "Chaleureux."}


@pytest.fixture
def proxy(settings: Settings) -> Iterator[Proxy]:
    with Proxy(settings.database_url.plain) as proxy:
        yield proxy


@pytest.fixture
def through(api: Api, make_app: Callable[[Settings], OpenAPI], settings: Settings, proxy: Proxy) -> Api:
    """The API behind a proxy; the test itself looks at the database without it."""
    changes = {"database_url": Address(proxy.url), "anthropic_api_key": SecretStr("sk-ant-test")}
    app = make_app(settings.model_copy(update=changes))
    found = Api(app, app.test_client(), api.database, api.worker, api.headers)
    assert found.get("/api/queues").status_code == 200
    return found


def runs(api: Api) -> list[dict[str, Any]]:
    return api.rows("select id::text as id, state from task_runs")


def when(condition: Callable[[], object], act: Callable[[], None]) -> None:
    """Act beside the request, once the condition holds."""

    def wait() -> None:
        poll(condition)
        act()

    threading.Thread(target=wait).start()


def is_waiting(proxy: Proxy) -> Callable[[], bool]:
    """Whether the answer to the commit has come: the request looks whether its run has ended."""
    return proxy.watch(b"from task_runs", since=ENQUEUE).is_set


@pytest.mark.parametrize(("headers", "words"), [({}, ENQUEUE), (KEYED, ENQUEUE), (KEYED, COMMIT)])
@pytest.mark.parametrize("arrives", [True, False])
def test_a_run_is_made_once_and_answered_as_created(
    through: Api, proxy: Proxy, headers: dict[str, str], words: bytes, arrives: bool
) -> None:
    (proxy.lose if arrives else proxy.stop)(words, since=ENQUEUE)
    answer = through.post("/api/tasks", RUN, headers=headers)
    assert (answer.status_code, answer.json["created"], proxy.broken) == (202, True, 1)
    assert runs(through) == [{"id": answer.json["id"], "state": "queued"}]
    assert answer.headers["Location"] == f"/api/tasks/{answer.json['id']}"


def test_a_batch_tells_which_of_its_runs_were_there_before(through: Api, proxy: Proxy) -> None:
    first = through.post("/api/tasks", {**RUN, "unique_key": "u"}).json["id"]
    proxy.lose(ENQUEUE)
    answer = through.post("/api/tasks/batch", {"tasks": [RUN, {**RUN, "unique_key": "u"}, RUN]})
    assert (answer.status_code, answer.json["created"], proxy.broken) == (202, [True, False, True], 1)
    assert answer.json["ids"][1] == first
    assert len(runs(through)) == 3


def test_when_nobody_can_tell_the_location_is_told(through: Api, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api_min.actions.run_writing.ASK_FOR", 0.5)
    proxy.lose(ENQUEUE, and_all=True)
    answer = through.post("/api/tasks", RUN)
    assert answer.status_code == 503
    assert answer.headers["Location"] == f"/api/tasks/{runs(through)[0]['id']}"
    assert "Idempotency-Key" in answer.json["detail"]


@pytest.mark.parametrize("headers", [{}, KEYED])
def test_an_outage_while_waiting_answers_where_the_run_is(through: Api, proxy: Proxy, headers: dict[str, str]) -> None:
    when(is_waiting(proxy), proxy.go_away)
    answer = through.post("/api/tasks", RUN, headers={**headers, "Prefer": "wait=2"})
    assert (answer.status_code, proxy.is_away) == (202, True)
    assert answer.headers["Location"] == f"/api/tasks/{runs(through)[0]['id']}"


def test_a_short_outage_while_waiting_is_not_noticed(through: Api, proxy: Proxy) -> None:
    def break_and_work() -> None:
        proxy.go_away()
        through.work(runs(through)[0]["id"])
        proxy.come_back()

    when(lambda: runs(through), break_and_work)
    answer = through.post("/api/tasks", RUN, headers={"Prefer": "wait=20"})
    assert (answer.status_code, answer.json["result"]) == (200, {"text": "hello"})


@pytest.fixture
def recruiter(through: Api) -> Api:
    with through.database.transaction() as connection:
        main_web_app.populate_people(raw(connection))
    return through.with_token(token(sub="1"))


@pytest.mark.parametrize("headers", [{}, KEYED])
@pytest.mark.parametrize("arrives", [True, False])
def test_a_route_that_waits_for_a_run_makes_it_once(
    recruiter: Api, proxy: Proxy, headers: dict[str, str], arrives: bool
) -> None:
    (proxy.lose if arrives else proxy.stop)(ENQUEUE)
    answer = recruiter.post("/api/email-templates/draft", DRAFT, headers={**headers, "Prefer": "respond-async"})
    assert (answer.status_code, proxy.broken) == (202, 1)
    assert runs(recruiter) == [{"id": answer.json["run"]["id"], "state": "queued"}]
    assert answer.headers["Location"] == f"/api/tasks/{answer.json['run']['id']}"


@pytest.mark.parametrize("headers", [{}, KEYED])
def test_an_outage_while_a_route_waits_answers_where_its_run_is(
    recruiter: Api, proxy: Proxy, headers: dict[str, str]
) -> None:
    when(is_waiting(proxy), proxy.go_away)
    answer = recruiter.post("/api/email-templates/draft", DRAFT, headers={**headers, "Prefer": "wait=2"})
    assert (answer.status_code, proxy.is_away) == (202, True)
    assert answer.headers["Location"] == f"/api/tasks/{runs(recruiter)[0]['id']}"


@pytest.fixture
def candidate(through: Api) -> Api:
    with through.database.transaction() as connection:
        main_web_app.populate_people(raw(connection))
    return through.with_token(token(sub="2"))


@pytest.mark.parametrize("headers", [{}, KEYED])
def test_what_was_committed_is_answered_as_done(candidate: Api, proxy: Proxy, headers: dict[str, str]) -> None:
    proxy.lose(COMMIT, since=LAST)
    answer = candidate.post("/api/job-alerts", ALERT, headers=headers)
    assert (answer.status_code, proxy.broken) == (201, 1)
    assert candidate.rows("select id from job_alerts") == [{"id": answer.json["id"]}]


@pytest.mark.parametrize("headers", [{}, KEYED])
def test_what_was_not_committed_may_be_asked_for_again(candidate: Api, proxy: Proxy, headers: dict[str, str]) -> None:
    proxy.stop(COMMIT, since=LAST)
    answer = candidate.post("/api/job-alerts", ALERT, headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"], proxy.broken) == (503, "2", 1)
    assert candidate.rows("select id from job_alerts") == []
    assert candidate.post("/api/job-alerts", ALERT, headers=headers).status_code == 201
    assert len(candidate.rows("select id from job_alerts")) == 1
