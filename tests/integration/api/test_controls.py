"""Looking at runs and deciding about them."""

from uuid import UUID

from tests.factories import runs
from tests.factories.api import ECHO, Api, Words
from worker.kit.errors import Permanent
from worker.ledger.handlers import BoundTask, Outcome, RunContext


def fail(context: RunContext, payload: Words) -> Outcome:
    raise Permanent("It cannot be.")


def audited(api: Api) -> list[tuple[str, str, str | None]]:
    rows = api.rows("select action, subject, reason, actor from audit_log where action not like 'key.%' order by id")
    assert all(row["actor"].startswith("key:") for row in rows)
    return [(row["action"], row["subject"], row["reason"]) for row in rows]


def test_a_run_shows_its_attempts_and_hides_its_words(api: Api) -> None:
    run_id = api.make(text="private words")
    api.work(run_id, fail)
    answer = api.get(f"/api/tasks/{run_id}")
    shown = answer.json
    assert (shown["state"], shown["error"]["message"]) == ("failed", "It cannot be.")
    assert [(each["number"], each["outcome"]) for each in shown["attempts"]] == [(1, "failed")]
    assert "private words" not in answer.text
    assert "traceback" not in answer.text.lower()
    assert shown["created_at"].endswith("Z")


def test_revealing_a_payload_is_for_operators_and_audited(api: Api) -> None:
    run_id = api.make(text="private words")
    assert api.with_key("tasks:read").get(f"/api/tasks/{run_id}?reveal=payload").status_code == 403
    assert audited(api) == []
    assert api.get(f"/api/tasks/{run_id}?reveal=payload").json["payload"] == {"text": "private words"}
    assert audited(api) == [("run.reveal", str(run_id), None)]


def test_lists_are_filtered_and_paged(api: Api) -> None:
    made = [str(api.make(str(number), company_id=number % 2 + 1)) for number in range(5)]
    first = api.get("/api/tasks?limit=2").json
    second = api.get(f"/api/tasks?limit=2&cursor={first['next_cursor']}").json
    third = api.get(f"/api/tasks?limit=2&cursor={second['next_cursor']}").json
    assert [run["id"] for page in (first, second, third) for run in page["runs"]] == made[::-1]
    assert third["next_cursor"] is None
    assert len(api.get("/api/tasks?company_id=2").json["runs"]) == 2
    assert len(api.get("/api/tasks?state=queued&task=test.echo&queue=interactive").json["runs"]) == 5
    assert api.get("/api/tasks?until=2020-01-01").json["runs"] == []
    assert "payload" not in first["runs"][0]


def test_cancel_and_retry(api: Api) -> None:
    run_id = api.make()
    assert api.post(f"/api/tasks/{run_id}/retry").status_code == 409
    assert api.post(f"/api/tasks/{run_id}/cancel").json == {"id": str(run_id), "outcome": "cancelled"}
    assert api.post(f"/api/tasks/{run_id}/cancel/").json["outcome"] == "cancelled"
    assert api.post(f"/api/tasks/{run_id}/retry").json["outcome"] == "queued"
    unknown = UUID(int=1)
    assert api.post(f"/api/tasks/{unknown}/cancel").status_code == 404
    assert api.post(f"/api/tasks/{unknown}/retry").status_code == 404
    assert [action for action, _, _ in audited(api)] == ["run.cancel", "run.retry"]


def test_settling_what_nobody_knows(api: Api) -> None:
    run_id = api.make()
    sending = runs.Sending()
    bound = BoundTask(ECHO, sending.handle)
    for _ in range(2):
        runs.execute_run(api.database, api.worker, bound, run_id)
    assert api.get(f"/api/tasks/{run_id}").json["state"] == "uncertain"

    assert api.post(f"/api/tasks/{run_id}/retry").status_code == 409
    assert api.post(f"/api/tasks/{run_id}/settle", {"happened": True}).status_code == 422
    decision = {"happened": True, "reference": {"id": "m-1"}, "reason": "Seen in the provider's console."}
    assert api.post(f"/api/tasks/{run_id}/settle", {**decision, "happened": False}).status_code == 422
    assert api.post(f"/api/tasks/{run_id}/settle", decision).json["outcome"] == "queued"
    assert api.post(f"/api/tasks/{run_id}/settle", decision).status_code == 409

    runs.execute_run(api.database, api.worker, bound, run_id)
    assert api.get(f"/api/tasks/{run_id}").json["result"] == {"reference": {"id": "m-1"}}
    assert sending.sent == 1
    assert audited(api) == [("run.settle", str(run_id), decision["reason"])]


def test_bulk_is_a_run(api: Api) -> None:
    body = {"action": "retry", "filter": {"state": "failed", "since": "2026-01-01T00:00:00"}, "reason": "Fixed."}
    answer = api.post("/api/tasks/bulk", body)
    assert answer.status_code == 202
    assert answer.json["task"] == "upkeep.bulk"
    payload = api.rows("select payload from task_runs")[0]["payload"]
    assert payload == {"action": "retry", "state": "failed", "since": "2026-01-01T00:00:00Z", "reason": "Fixed."}
    refused = api.post("/api/tasks/bulk", {**body, "filter": {}})
    assert (refused.status_code, refused.json["errors"][0]["loc"]) == (422, ["body", "filter"])
    assert api.post("/api/tasks/bulk", {**body, "filter": {"colour": "red"}}).status_code == 422


def test_the_catalogue_shows_schema_and_policy(api: Api) -> None:
    tasks = {each["name"]: each for each in api.get("/api/tasks/catalogue").json["tasks"]}
    assert tasks[ECHO.name]["payload_schema"]["properties"]["text"] == {"title": "Text", "type": "string"}
    assert (tasks[ECHO.name]["queue"], tasks[ECHO.name]["priority"]) == ("interactive", 3)


def test_queues_are_paused_and_resumed(api: Api) -> None:
    api.make()
    queues = {each["name"]: each for each in api.get("/api/queues").json["queues"]}
    assert (queues["interactive"]["depth"], queues["bulk"]["depth"]) == (1, 0)
    assert api.post("/api/queues/bulk/pause").json == {"name": "bulk", "paused": True}
    assert api.rows("select name from queues where paused_at is not null") == [{"name": "bulk"}]
    assert api.post("/api/queues/bulk/resume").json == {"name": "bulk", "paused": False}
    missing = api.post("/api/queues/nothing/pause")
    assert missing.status_code == 404
    assert "bulk" in missing.json["detail"]
    assert [action for action, _, _ in audited(api)] == ["queue.pause", "queue.resume"]
