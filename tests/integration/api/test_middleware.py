"""What holds for every answer: request ids, https, cross-origin calls, limits, outages."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask_openapi.openapi import OpenAPI
from structlog.testing import capture_logs

from api_min import errors, limits
from api_min.limits import KeyBudget
from tests.factories.api import ECHO, Api
from worker.kit.database import execute
from worker.kit.logging import get_logger
from worker.kit.settings import Settings

BODY = {"task": ECHO.name, "payload": {"text": "hello"}}
Maker = Callable[[Settings], OpenAPI]


def other(api: Api, make_app: Maker, settings: Settings, **changes: Any) -> Api:
    app = make_app(Settings(**{**settings.model_dump(), **changes}))
    return Api(app, app.test_client(), api.database, api.worker, api.headers)


def test_a_request_id_is_echoed_or_made(api: Api) -> None:
    assert api.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    assert api.get("/api/nothing", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    assert len(api.get("/healthz").headers["X-Request-ID"]) == 36
    assert len(api.get("/healthz", headers={"X-Request-ID": "x" * 500}).headers["X-Request-ID"]) == 36


def test_cross_origin_calls_from_allowed_origins(api: Api, make_app: Maker, settings: Settings) -> None:
    mine = other(
        api,
        make_app,
        settings,
        allowed_origins="https://rh.example.ga, https://x.example/, https://intowork-*-team.vercel.app",
        frontend_url="https://app.example.com/fr",
    )
    allowed = (
        "http://localhost:3000",
        "https://intowork-git-main-team.vercel.app",
        "https://rh.example.ga",
        "https://x.example",
        "https://app.example.com",
    )
    for origin in allowed:
        answer = mine.get("/api/tasks", headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in answer.vary
    for origin in (
        "https://evil.example",
        "https://intowork-evil.vercel.app",
        "https://intowork-a.evil.example/-team.vercel.app",
        "https://intowork-.evil-team.vercel.app",
        "https://intowork.vercel.app.evil.example",
        "null",
        "",
    ):
        assert "Access-Control-Allow-Origin" not in mine.get("/api/tasks", headers={"Origin": origin}).headers


def test_a_large_head_is_refused_before_it_costs_anything(api: Api) -> None:
    for answer in (
        api.get("/healthz", headers={"X-Anything": "x" * 20_000}),
        api.get("/healthz", headers={f"X-{number}": "x" * 200 for number in range(100)}),
        api.get("/api/tasks?task=" + "x" * 20_000),
        api.get("/api/tasks", headers={"Authorization": "Bearer " + "x" * 20_000}),
    ):
        assert (answer.status_code, answer.content_type) == (431, "application/problem+json")


def test_invented_methods_are_one_label(api: Api) -> None:
    for number in range(30):
        assert api.call(f"INVENTED{number}", "/api/tasks").status_code == 405
    text = api.get("/metrics").text
    assert "INVENTED" not in text
    assert 'method="other"' in text


def test_a_preflight_needs_no_credentials(api: Api) -> None:
    asked = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key",
    }
    answer = api.client.options("/api/tasks", headers=asked)
    assert answer.status_code == 204
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization,idempotency-key"
    evil = api.client.options("/api/tasks", headers={**asked, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in evil.headers
    assert "Access-Control-Allow-Methods" not in evil.headers


def test_errors_carry_cross_origin_headers_too(api: Api) -> None:
    answer = api.client.post("/api/tasks", headers={"Origin": "http://localhost:3000"})
    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"


def test_https_is_forced_when_asked_for(api: Api, make_app: Maker, settings: Settings) -> None:
    forced = other(api, make_app, settings, force_https=True, trusted_proxies=1)
    answer = forced.post("/api/tasks?x=1", BODY)
    assert (answer.status_code, answer.headers["Location"]) == (308, "https://localhost/api/tasks?x=1")
    behind = forced.get("/api/tasks", headers={"X-Forwarded-Proto": "https"})
    assert behind.status_code == 200
    assert behind.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert forced.get("/healthz").status_code == 200


def test_a_forwarded_protocol_counts_only_from_trusted_proxies(api: Api, make_app: Maker, settings: Settings) -> None:
    forced = other(api, make_app, settings, force_https=True, trusted_proxies=0)
    assert forced.get("/api/tasks", headers={"X-Forwarded-Proto": "https"}).status_code == 308


def test_a_service_key_has_a_budget_per_second(api: Api) -> None:
    parts = api.app.extensions
    parts["intowork.key_budget"] = KeyBudget(parts["intowork.tally"], per_second=7)
    answers = [api.post("/api/tasks", BODY) for _ in range(40)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {answer.status_code for answer in answers} == {202, 429}
    assert refused[0].headers["Retry-After"] == "1"
    assert api.get("/healthz").status_code == 200


def test_a_user_has_a_budget_per_second(
    api: Api, make_app: Maker, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PER_SECOND", 2)
    admin = other(api, make_app, settings).with_user(1, "admin")
    answers = [admin.post("/api/tasks", BODY) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {202, 429}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.content_type == "application/problem+json"
    assert int(refused.headers["Retry-After"]) >= 1


def test_nothing_is_refused_because_redis_is_away(api: Api, make_app: Maker, settings: Settings) -> None:
    lost = other(api, make_app, settings, broker_url="redis://127.0.0.1:1/0")
    admin = lost.with_user(1, "admin")
    for _ in range(5):
        assert lost.post("/api/tasks", BODY).status_code == 202
        assert admin.post("/api/tasks", BODY).status_code == 202


def test_an_unreachable_database_is_503(api: Api, make_app: Maker, settings: Settings) -> None:
    away = "postgresql://nobody@127.0.0.1:1/nothing"
    lost = other(api, make_app, settings, database_url=away, database_direct_url=away)
    for path in ("/api/tasks", "/readyz"):
        answer = lost.get(path)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "127.0.0.1" not in answer.text
    assert lost.get("/healthz").status_code == 200


def test_a_restarted_database_is_used_again(api: Api) -> None:
    assert api.post("/api/tasks", BODY).status_code == 202
    api.rows("""
        select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name like 'intowork-api%'
    """)
    answers = [api.post("/api/tasks", BODY).status_code for _ in range(3)]
    assert answers[0] in {202, 503}
    assert answers[1:] == [202, 202]


def test_a_key_held_by_another_writer_is_503_and_soon_again(api: Api) -> None:
    caller = f"key:{api.rows('select id from service_keys')[0]['id']}"
    with ThreadPoolExecutor(1) as pool, api.database.transaction() as connection:
        execute(
            connection,
            "insert into task_keys (scope, kind, key, run_id) values (%s, 'unique', 'u', new_run_id())",
            (caller,),
        )
        held = pool.submit(api.post, "/api/tasks", {**BODY, "unique_key": "u"}).result(timeout=20)
    assert (held.status_code, held.headers["Retry-After"]) == (503, "1")


def test_a_statement_that_takes_too_long_is_503_with_a_sentence(api: Api, make_app: Maker, settings: Settings) -> None:
    hurried = other(api, make_app, settings, api_statement_seconds=0.3)
    with ThreadPoolExecutor(1) as pool, api.database.transaction() as connection:
        execute(connection, "lock table task_runs in access exclusive mode")
        answer = pool.submit(hurried.get, "/api/tasks").result(timeout=20)
    assert answer.status_code == 503
    assert "too long" in answer.json["detail"]
    assert int(answer.headers["Retry-After"]) > 0
    assert hurried.get("/api/tasks").status_code == 200


def test_an_unmigrated_database_is_503(api: Api, make_app: Maker, settings: Settings, empty_database_url: str) -> None:
    early = other(api, make_app, settings, database_url=empty_database_url)
    for answer in (early.post("/api/tasks", BODY), early.get("/api/tasks")):
        assert answer.status_code == 503
        assert "intowork migrate" in answer.json["detail"]
        assert int(answer.headers["Retry-After"]) > 0


def test_an_api_without_room_for_its_connections_warns(
    api: Api, make_app: Maker, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    most = int(api.rows("show max_connections")[0]["max_connections"])
    for threads, warned in ((2, False), (min(most, 256), True)):
        crowded = other(api, make_app, settings, api_threads=threads, log_level="WARNING")
        assert crowded.get("/api/tasks").status_code == 200
        assert ("connections.scarce" in capfd.readouterr().err) is warned


def test_a_fault_of_ours_shows_nothing_inside(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    # A logger that an earlier test used keeps writing where that test told it to.
    monkeypatch.setattr(errors, "log", get_logger("fresh"))
    with api.database.transaction() as connection:
        execute(connection, "alter table task_runs rename to task_runs_gone")
    with capture_logs() as logged:
        answer = api.get("/api/tasks", headers={"X-Request-ID": "trace-me"})
    assert answer.status_code == 500
    assert answer.content_type == "application/problem+json"
    assert "task_runs" not in answer.text
    assert [(each["event"], each["request_id"], each["error"]) for each in logged] == [
        ("api.fault", "trace-me", "UndefinedTable")
    ]
