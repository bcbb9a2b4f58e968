"""Requests of operators and candidates, repeated under their key; and that no writing route was forgotten."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from api_min.actions import once
from api_min.documents import openapi_document
from tests.factories import main_web_app
from tests.factories.api import Api, token
from tests.integration.api import repeating
from tests.integration.api.repeating import ALERT, CANDIDATES, KEY, OPERATORS, Asked, check
from worker.kit.database import execute, raw
from worker.services.email.recipients import suppression

OTHER_ALERT = Asked("POST", "/api/job-alerts", {**ALERT, "name": "Une autre"})
OTHER_ADDRESS = Asked("POST", "/api/suppressions", {"address": "paul@example.org", "reason": "another"})
# A look, a delivery that has an id of its own, and a cookie: nothing of these is written.
UNPREPARED = ("preview", "/webhooks/", "/api/session")


@pytest.fixture
def candidate(api: Api) -> Api:
    with api.database.transaction() as connection:
        main_web_app.populate_people(raw(connection))
    return api.with_token(token(sub="2"))


def test_every_route_that_writes_is_tried(api: Api) -> None:
    known = {each.route for each in (*OPERATORS, *CANDIDATES, *repeating.EMPLOYERS)}
    known |= {
        *repeating.RUNS,
        *repeating.ONE_RUN,
        *repeating.SENDS,
        *(
            each.route
            for each in (*repeating.CONNECTIONS, *repeating.FEEDS, *repeating.POSTINGS, *repeating.NOTIFICATIONS)
        ),
        *repeating.PUBLISHES,
    }
    known |= {*repeating.EVENTS, *(each.route for each in repeating.INTERVIEWS)}
    known |= {each.route for each in repeating.SCORECARDS}
    known |= {each.route for each in repeating.COLLABORATION}
    known |= {*(each.route for each in repeating.SCORES), *repeating.ASKED_SCORES}
    known |= {*repeating.SENT_AGAIN, *(each.route for each in repeating.PARTNERS)}
    documented = {
        f"{method.upper()} {path}": operation
        for path, methods in openapi_document(api.app)["paths"].items()
        for method, operation in methods.items()
        if method != "get" and not any(part in path for part in UNPREPARED)
    }
    assert documented.keys() == known
    named = {route: {each["name"] for each in each.get("parameters", ())} for route, each in documented.items()}
    assert [route for route, names in named.items() if "Idempotency-Key" not in names] == []
    # A key that is none is refused.
    assert [route for route, each in documented.items() if "422" not in each["responses"]] == []


@pytest.mark.parametrize("asked", OPERATORS, ids=lambda asked: asked.route)
def test_an_operator_who_repeats_changes_nothing(api: Api, asked: Asked) -> None:
    with api.database.transaction() as connection:
        suppression.add_by_hand(connection, "lea@example.org", actor="test", reason="a test")
    check(api, asked, OTHER_ADDRESS, "suppressions", "audit_log", "task_runs", "queues")


def test_a_bulk_action_is_begun_once(api: Api) -> None:
    body = {"action": "cancel", "reason": "a test", "filter": {"task": "test.echo"}}
    first, again = (api.post("/api/tasks/bulk", body, headers=KEY) for _ in range(2))
    assert (first.status_code, again.status_code, first.json["id"]) == (202, 202, again.json["id"])
    assert api.post("/api/tasks/bulk", {**body, "reason": "another"}, headers=KEY).status_code == 409
    assert len(api.rows("select id from task_runs")) == 1


@pytest.mark.parametrize("verb", ["cancel", "retry"])
def test_a_decision_about_a_run_is_taken_once(api: Api, verb: str) -> None:
    run_id = api.make()
    if verb == "retry":
        api.post(f"/api/tasks/{run_id}/cancel")
    asked = Asked("POST", f"/api/tasks/{{run_id}}/{verb}", None, (run_id,))
    check(api, asked, OTHER_ADDRESS, "task_runs", "audit_log")


def test_an_uncertain_run_is_settled_once(api: Api) -> None:
    run_id = api.make()
    with api.database.transaction() as connection:
        execute(connection, "update task_runs set state = 'uncertain', finished_at = now() where id = %s", (run_id,))
        execute(
            connection,
            """
            insert into effects (key, generation, provider, policy, request, run_id, lease)
            values ('test:1', 0, 'test', 'ask', '', %s, 1)
            """,
            (run_id,),
        )
    asked = Asked("POST", "/api/tasks/{run_id}/settle", {"happened": False, "reason": "a test"}, (run_id,))
    check(api, asked, OTHER_ADDRESS, "task_runs", "audit_log", "effects")


@pytest.mark.parametrize("asked", CANDIDATES, ids=lambda asked: f"{asked.method} {asked.path}")
def test_a_candidate_who_repeats_changes_nothing(candidate: Api, asked: Asked) -> None:
    made = candidate.post("/api/job-alerts", ALERT).json["id"]
    check(candidate, asked._replace(values=(made,)), OTHER_ALERT, "job_alerts")


def test_two_requests_at_once_under_one_key_do_one_thing(candidate: Api) -> None:
    asked = Asked("POST", "/api/job-alerts", ALERT)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: asked.send(Api(*vars(candidate).values())), range(4)))
    assert {each.status_code for each in answers} == {201}
    assert len({each.json["id"] for each in answers}) == 1
    assert len(candidate.rows("select id from job_alerts")) == 1


def test_what_was_refused_leaves_no_key(candidate: Api) -> None:
    assert candidate.post("/api/job-alerts/toggle", headers=KEY).status_code in {404, 405}
    assert Asked("POST", "/api/job-alerts/{alert_id}/toggle", None, (999,)).send(candidate).status_code == 404
    assert candidate.rows("select key from task_keys") == []
    assert Asked("POST", "/api/job-alerts", ALERT).send(candidate).status_code == 201


def test_a_key_belongs_to_its_caller(candidate: Api, api: Api) -> None:
    assert Asked("POST", "/api/job-alerts", ALERT).send(candidate).status_code == 201
    assert OPERATORS[2].send(api).status_code == 201


def test_answers_are_kept_for_so_many_requests_of_a_person_and_day(
    candidate: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "KEPT", "2 per day")
    keys = [{"Idempotency-Key": str(number)} for number in range(3)]
    made = [candidate.post("/api/job-alerts", {**ALERT, "name": f"Alerte {key}"}, headers=key) for key in keys]
    assert [answer.status_code for answer in made] == [201, 201, 429]
    again = candidate.post("/api/job-alerts", {**ALERT, "name": f"Alerte {keys[0]}"}, headers=keys[0])
    assert (again.status_code, again.json["id"]) == (201, made[0].json["id"]), "a repetition costs nothing"
    assert candidate.post("/api/job-alerts", {**ALERT, "name": "Sans clé"}).status_code == 201
