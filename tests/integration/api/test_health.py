"""Signs of life, figures, and the documents."""

import re
from collections.abc import Callable

from flask_openapi.openapi import OpenAPI

from tests.factories import runs
from tests.factories.api import Api
from worker.kit.database import Database, execute
from worker.kit.settings import Settings
from worker.ledger.dispatch import note_alive


def test_alive_and_ready_need_no_credentials(api: Api) -> None:
    assert api.client.get("/healthz").json == {"status": "ok"}
    assert api.client.get("/healthz/").status_code == 200
    assert api.client.get("/readyz").status_code == 200


def test_a_silent_dispatcher_or_broker_is_degraded_not_unready(api: Api) -> None:
    assert api.get("/readyz").json["status"] == "degraded"
    with api.database.transaction() as connection:
        note_alive(connection, broker_reachable=False)
    answer = api.get("/readyz").json
    assert (answer["status"], answer["broker_reachable"]) == ("degraded", False)
    with api.database.transaction() as connection:
        note_alive(connection, broker_reachable=True)
    assert api.get("/readyz").json["status"] == "ok"
    with api.database.transaction() as connection:
        execute(connection, "update platform_state set updated_at = now() - interval '5 minutes'")
    answer = api.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert "silent" in answer.json["problems"][0]


def test_a_provider_that_does_not_accept_us_is_told_to_operators(api: Api) -> None:
    reason = "Resend does not accept our account."
    with api.database.transaction() as connection:
        execute(
            connection,
            "insert into park_gates (key, closed_at, reason) values ('provider:resend', '2026-11-27 10:00Z', %s)",
            (reason,),
        )
    problems = api.get("/readyz").json["problems"]
    assert problems[0].startswith("The provider resend does not accept our configuration: 0 runs wait since 2026-11-27")
    [gate] = api.get("/api/queues").json["closed_gates"]
    assert (gate["gate"], gate["reason"]) == ("provider:resend", reason)
    assert 'intowork_closed_gate_waiting{gate="provider:resend"} 0.0' in api.get("/metrics").text


def test_a_version_that_a_provider_ended_is_told_before_anybody_meets_it(
    make_app: Callable[[Settings], OpenAPI], settings: Settings, database: Database
) -> None:
    with database.transaction() as connection:
        note_alive(connection, broker_reachable=True)
    old = {"linkedin_api_version": "202301"}
    for app, said in ((old, []), ({**old, "linkedin_client_id": "app"}, ["LinkedIn ended version 202301 of its API"])):
        found = make_app(settings.model_copy(update=app)).test_client().get("/readyz")
        assert found.status_code == 200
        told = found.get_json()
        assert [problem[:40] for problem in told["problems"]] == said
        assert told["status"] == ("degraded" if said else "ok")


def test_migrations_that_are_behind_are_unready(api: Api) -> None:
    with api.database.transaction() as connection:
        execute(connection, "update platform_alembic_version set version_num = '0001'")
    answer = api.get("/readyz")
    assert answer.status_code == 503
    assert "intowork migrate" in answer.json["detail"]


def test_metrics_for_operators(api: Api) -> None:
    api.make()
    assert api.client.get("/metrics").status_code == 401
    text = api.get("/metrics").text
    assert 'intowork_api_requests_total{method="POST",route="/api/tasks",status="202"} 1.0' in text
    assert 'intowork_queue_depth{queue="interactive"} 1.0' in text
    assert 'intowork_queue_oldest_waiting_seconds{queue="interactive"}' in text
    assert "intowork_api_waiting 0.0" in text
    with api.database.transaction() as connection:
        runs.put(connection, [], state="queued")


def test_the_document_is_complete(api: Api) -> None:
    document = api.client.get("/api/openapi.json").json
    assert document is not None
    assert document["openapi"] == "3.1.0"
    names = {parameter["name"] for parameter in document["paths"]["/api/tasks"]["post"]["parameters"]}
    assert names == {"Idempotency-Key", "Prefer"}
    known = set(document["components"]["schemas"])
    text = api.client.get("/api/openapi.json").text
    assert {each.rsplit("/", 1)[-1] for each in re.findall(r'"\$ref":"([^"]+)"', text)} <= known


def test_the_page_lists_every_operation_and_loads_nothing_from_elsewhere(api: Api) -> None:
    page = api.client.get("/api/docs")
    document = api.client.get("/api/openapi.json").json
    assert document is not None
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert not re.search(r'(src|href)="(https?:)?//', page.text)
    [style] = re.findall(r'rel="stylesheet" href="([^"]+)"', page.text)
    assert api.client.get(style).mimetype == "text/css"
