"""Runs that were inserted by hand are shown as far as they can be, one by one and in lists."""

import json
from uuid import UUID

import pytest

from tests.factories.api import Api
from worker.kit.database import execute

DEEP = '{"a":' * 2000 + "1" + "}" * 2000
DIGITS = '{"a": ' + "9" * 5000 + "}"


def inserted(api: Api, payload: str = '{"text": "x"}', **columns: str) -> UUID:
    run_id = api.make()
    assignments = "".join(f", {name} = %({name})s" for name in columns)
    with api.database.transaction() as connection:
        execute(
            connection,
            f"update task_runs set payload = %(payload)s::jsonb{assignments} where id = %(id)s",
            {"payload": payload, "id": run_id, **columns},
        )
    return run_id


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (DEEP, "is nested deeper than 200 levels"),
        (DIGITS, "holds a number with thousands of digits"),
        ("[1]", "is no JSON object"),
        ("null", "is no JSON object"),
    ],
    ids=["deep", "digits", "list", "null"],
)
def test_a_payload_that_cannot_be_read_is_shown_as_such(api: Api, payload: str, reason: str) -> None:
    run_id = inserted(api, payload)
    for query in ("", "?reveal=payload"):
        answer = api.get(f"/api/tasks/{run_id}{query}")
        assert (answer.status_code, answer.json["payload"]) == (200, {"unreadable": reason})
    assert api.get("/api/tasks").json["runs"][0]["id"] == str(run_id)


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "0044-03-15 BC", "20000-01-01"])
def test_odd_times_are_shown_as_the_nearest(api: Api, moment: str) -> None:
    times = ("run_at", "expires_at", "created_at", "started_at", "cancel_requested_at")
    run_id = inserted(api, **dict.fromkeys(times, moment))
    shown = api.get(f"/api/tasks/{run_id}")
    assert shown.status_code == 200
    assert json.loads(shown.text)["run_at"][:4] in {"0001", "9999"}
    assert len(api.get("/api/tasks").json["runs"]) == 1
    assert api.get("/api/queues").status_code == 200


def strict(text: str) -> object:
    """As every reader but Python's reads JSON."""
    return json.loads(text, parse_constant=pytest.fail)


def test_a_wait_without_end_is_a_number(api: Api) -> None:
    run_id = inserted(api, run_at="-infinity")
    with api.database.transaction() as connection:
        execute(
            connection,
            """
            insert into task_attempts (run_id, lease, number, worker_id, waited_seconds, ran_seconds)
            values (%s, 1, 1, %s, 'infinity', '-infinity')
            """,
            (run_id, api.worker),
        )
    for path in (f"/api/tasks/{run_id}", "/api/tasks", "/api/queues"):
        assert strict(api.get(path).text), path


def test_a_cancelled_run_frees_its_unique_key(api: Api) -> None:
    body = {"task": "upkeep.prune", "payload": {}, "unique_key": "nightly-2026-12-01"}
    first = api.post("/api/tasks", body).json
    assert api.post(f"/api/tasks/{first['id']}/cancel").json["outcome"] == "cancelled"
    second = api.post("/api/tasks", body)
    assert (second.status_code, second.json["created"], second.json["state"]) == (202, True, "queued")
    assert api.get(f"/api/tasks/{first['id']}").json["error"]["replaced_by"] == second.json["id"]
    retried = api.post(f"/api/tasks/{first['id']}/retry")
    assert retried.status_code == 409
    assert second.json["id"] in retried.json["detail"]
