"""Making runs: what is stored, what is answered, and what keys mean."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.factories.api import ECHO, Api

BODY = {"task": ECHO.name, "payload": {"text": "hello"}}


def test_a_run_is_durable_before_the_answer(api: Api) -> None:
    answer = api.post("/api/tasks", {**BODY, "priority": 0, "company_id": 7})

    assert answer.status_code == 202
    made = answer.json
    assert answer.headers["Location"] == f"/api/tasks/{made['id']}"
    assert (made["state"], made["status"], made["created"], made["queue"]) == ("queued", "queued", True, "interactive")
    assert api.rows("select id, task, payload, priority, company_id, wanted, caused_by from task_runs") == [
        {
            "id": UUID(made["id"]),
            "task": ECHO.name,
            "payload": {"text": "hello"},
            "priority": 0,
            "company_id": 7,
            "wanted": False,
            "caused_by": None,
        }
    ]


def test_both_forms_of_an_address_answer_without_redirect(api: Api) -> None:
    for path in ("/api/tasks", "/api/tasks/"):
        assert api.post(path, BODY).status_code == 202
        assert api.get(path).status_code == 200


def test_the_answer_and_the_stored_run_say_the_same(api: Api) -> None:
    made = api.post("/api/tasks", BODY).json
    shown = api.get(f"/api/tasks/{made['id']}").json
    same = ("id", "task", "queue", "priority", "company_id", "state", "status", "progress", "result", "error")
    assert {name: made[name] for name in same} == {name: shown[name] for name in same}


def test_a_later_run_is_scheduled(api: Api) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    answer = api.post("/api/tasks", {**BODY, "run_at": tomorrow.isoformat()})
    assert answer.json["status"] == "scheduled"
    assert api.rows("select run_at from task_runs") == [{"run_at": tomorrow}]


def test_a_time_without_offset_is_utc_and_a_past_one_is_now(api: Api) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    assert api.post("/api/tasks", {**BODY, "run_at": tomorrow.strftime("%Y-%m-%dT%H:%M:%S")}).status_code == 202
    assert api.post("/api/tasks", {**BODY, "run_at": "2020-01-01T00:00:00Z"}).json["status"] == "queued"
    first, second = api.rows("select run_at, expires_at > now() as alive from task_runs order by run_at desc")
    assert first["run_at"] == tomorrow
    assert second["alive"]


def test_an_idempotency_key_gives_the_same_run_with_its_present_state(api: Api) -> None:
    key = {"Idempotency-Key": "order 66"}
    first = api.post("/api/tasks", BODY, headers=key)
    api.work(UUID(first.json["id"]))
    again = api.post("/api/tasks", BODY, headers=key)

    assert again.status_code == 202
    assert again.headers["Location"] == first.headers["Location"]
    assert (again.json["created"], again.json["state"], again.json["result"]) == (False, "succeeded", {"text": "hello"})
    assert len(api.rows("select id from task_runs")) == 1


def test_an_idempotency_key_with_another_body_is_a_conflict(api: Api) -> None:
    key = {"Idempotency-Key": "k"}
    api.post("/api/tasks", BODY, headers=key)
    answer = api.post("/api/tasks", {**BODY, "priority": 1, "unique_key": "u"}, headers=key)

    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert len(api.rows("select id from task_runs")) == 1
    assert api.rows("select kind from task_keys") == [{"kind": "idempotency"}], "the refused request leaves no key"


def test_an_idempotency_key_belongs_to_its_caller(api: Api) -> None:
    key = {"Idempotency-Key": "k"}
    other = api.with_key("tasks:write")
    assert api.post("/api/tasks", BODY, headers=key).json["created"]
    assert other.post("/api/tasks", BODY, headers=key).json["created"]


def test_a_malformed_idempotency_key_is_refused(api: Api) -> None:
    for key in ("", "é", "x" * 256):
        answer = api.post("/api/tasks", BODY, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json["errors"][0]["loc"]) == (422, ["header", "Idempotency-Key"])


def test_a_unique_key_answers_the_first_run_whatever_the_payload(api: Api) -> None:
    first = api.post("/api/tasks", {**BODY, "unique_key": "digest-7"}).json
    again = api.post("/api/tasks", {"task": ECHO.name, "payload": {"text": "other"}, "unique_key": "digest-7"})
    assert (again.status_code, again.json["id"], again.json["created"]) == (202, first["id"], False)


def test_a_batch_is_written_in_order(api: Api) -> None:
    tasks = [{"task": ECHO.name, "payload": {"text": str(number)}} for number in range(1000)]
    answer = api.post("/api/tasks/batch", {"tasks": tasks})
    assert answer.status_code == 202
    stored = {str(row["id"]): row["payload"]["text"] for row in api.rows("select id, payload from task_runs")}
    assert [stored[each] for each in answer.json["ids"]] == [str(number) for number in range(1000)]
    assert answer.json["created"] == [True] * 1000


def test_a_batch_is_all_or_nothing(api: Api) -> None:
    answer = api.post("/api/tasks/batch", {"tasks": [BODY, {"task": ECHO.name, "payload": {"text": 5}}]})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["loc"] == ["body", "tasks", 1, "payload", "text"]
    assert api.rows("select id from task_runs") == []


def test_a_batch_can_be_repeated_under_its_key(api: Api) -> None:
    key = {"Idempotency-Key": "import-3"}
    first = api.post("/api/tasks/batch", {"tasks": [BODY, BODY]}, headers=key).json
    again = api.post("/api/tasks/batch", {"tasks": [BODY, BODY]}, headers=key).json
    assert (again["ids"], again["created"]) == (first["ids"], [False, False])
    assert api.post("/api/tasks/batch", {"tasks": [BODY, BODY, BODY]}, headers=key).status_code == 409
    assert len(api.rows("select id from task_runs")) == 2


def test_a_batch_has_a_bound(api: Api) -> None:
    assert api.post("/api/tasks/batch", {"tasks": []}).status_code == 422
    assert api.post("/api/tasks/batch", {"tasks": [BODY] * 1001}).status_code == 422


def test_who_made_a_run_is_kept(api: Api) -> None:
    admin = api.with_user(5, "admin")
    run_id = admin.make()
    assert api.get(f"/api/tasks/{run_id}").json["caused_by"] == 5
