"""Use cases without a request: a route and a page call the same function."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from api_min.actions import alerts, tasks
from api_min.actions.once import AnsweredBefore, Repeatable
from api_min.auth import WRITE, Caller
from api_min.errors import ApiError
from models.enums import AlertFrequency
from tests.factories import main_web_app
from tests.factories.api import ECHO, Api
from worker.kit.database import raw
from worker.ledger.answers import Key
from worker.ledger.enqueue import NewRun
from worker.services.alerts.store import NewAlert
from worker.services.matching.criteria import Criteria

LEA = Caller("user", "2", user_id=2, role="candidate")
SERVICE = Caller("key", "7", frozenset({WRITE}))
ALERT = NewAlert("Python à Libreville", Criteria(keywords=("python",)), AlertFrequency.DAILY)


@pytest.fixture(autouse=True)
def application(api: Api) -> Iterator[None]:
    """An application, and no request."""
    with api.database.transaction() as connection:
        main_web_app.populate_people(raw(connection))
    with api.app.app_context():
        yield


def keep(saved: alerts.Saved) -> Mapping[str, Any]:
    return {"id": saved.alert.id}


def test_an_action_answers_values() -> None:
    saved = alerts.create(LEA, ALERT, Repeatable(None, keep))
    again = alerts.create(LEA, ALERT, Repeatable(None, keep))
    assert (saved.duplicate_of, again.duplicate_of) == (None, saved.alert.id)
    assert alerts.get(LEA, saved.alert.id) == saved.alert
    assert alerts.find(LEA, is_active=True, limit=1, offset=0) == ([again.alert], 2)


def test_what_is_repeated_under_its_key_says_what_was_kept() -> None:
    request = Repeatable(Key(LEA.name, "k", "digest"), keep)
    saved = alerts.create(LEA, ALERT, request)
    with pytest.raises(AnsweredBefore) as before:
        alerts.create(LEA, ALERT, request)
    assert before.value.answer == {"id": saved.alert.id}
    with pytest.raises(ApiError) as refused:
        alerts.create(LEA, ALERT, Repeatable(Key(LEA.name, "k", "another"), keep))
    assert refused.value.status == 409


def test_an_action_refuses_with_an_error() -> None:
    with pytest.raises(ApiError) as refused:
        alerts.get(LEA, 999)
    assert (refused.value.status, refused.value.detail) == (404, "Job alert not found")


def test_a_run_is_shown_as_it_was_written(api: Api) -> None:
    asked = tasks.make_run(SERVICE, NewRun(ECHO.name, {"text": "hello"}, company_id=3), 0, key=None)
    assert (asked.created, asked.waited, asked.ended) == (True, False, False)
    [row] = api.rows(
        "select id, state, queue, priority, company_id, max_attempts, run_at <= now() as due from task_runs"
    )
    assert row == {name: getattr(asked.run, name) for name in row}


def test_who_waits_gets_what_became_of_an_earlier_run(api: Api) -> None:
    key = Key(SERVICE.name, "k", "digest")
    wanted = NewRun(ECHO.name, {"text": "hello"})
    first = tasks.make_run(SERVICE, wanted, 0, key=key).run
    api.work(first.id)
    asked = tasks.make_run(SERVICE, wanted, 5, key=key)
    assert (asked.run.id, asked.run.result) == (first.id, {"text": "hello"})
    assert (asked.created, asked.waited, asked.ended) == (False, True, True)
