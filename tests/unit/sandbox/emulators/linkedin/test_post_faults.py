"""LinkedIn: what goes wrong with posts, on demand."""

import json
import time
from typing import Any

import pytest

from tests.unit.sandbox.emulators.linkedin.application import DIRECTION, Application, code_of, one


@pytest.fixture
def token(application: Application) -> str:
    return str(application.connect()["access_token"])


@pytest.mark.parametrize(
    ("switches", "status", "recorded"),
    [
        ({"drop_before": 1.0}, 0, 0),
        ({"drop_after": 1.0}, 0, 1),
        ({"hang_after": 1.0, "hang_seconds": 0.01}, 0, 1),
        ({"error_5xx": 1.0}, 503, 0),
        ({"error_5xx_after": 1.0, "error_status": 504}, 504, 1),
        ({"html_503": 1.0}, 503, 0),
        ({"rate_limit": 1.0}, 429, 0),
        ({"access_denied": 1.0}, 403, 0),
        ({"dead_version": 1.0}, 426, 0),
        ({"token_refused": 1.0}, 401, 0),
    ],
)
def test_what_is_recorded_and_what_is_answered(
    application: Application, token: str, switches: dict[str, Any], status: int, recorded: int
) -> None:
    application.faults(**switches, times=1, only="posts.create")
    assert application.found(token) == []
    answer = application.publish(token)
    assert (0 if answer.dropped else answer.status, len(application.posts())) == (status, recorded)
    assert "Retry-After" not in answer.headers
    assert application.publish(token).status == (422 if recorded else 201)
    name = "dropped" if status == 0 else str(status)
    assert application.steer("GET", "counters/statuses")["posts.create"][name] == 1


def test_the_id_may_not_be_told(application: Application, token: str) -> None:
    application.faults(no_id=1.0)
    made = application.publish(token)
    assert (made.status, made.body, "x-restli-id" in made.headers, "Location" in made.headers) == (
        201,
        b"",
        False,
        False,
    )
    assert len(application.found(token)) == 1


@pytest.mark.parametrize(("refusal", "name"), [(65601, "REVOKED_ACCESS_TOKEN"), (65602, "EXPIRED_ACCESS_TOKEN")])
def test_tokens_are_refused_on_demand(application: Application, token: str, refusal: int, name: str) -> None:
    application.faults(token_refused=1.0, token_refusal=refusal, only="posts.*")
    refused = application.publish(token)
    body = json.loads(refused.body)
    assert (refused.status, body["serviceErrorCode"], body["code"]) == (401, refusal, name)
    assert application.get(token, "/v2/me")[0] == 200


def test_shares_of_calls_fail(application: Application, token: str) -> None:
    application.faults(drop_after=0.3, error_5xx=0.2, seed=1, only="posts.create")
    for number in range(60):
        application.publish(token, f"Offre {number}")
    statuses = application.steer("GET", "counters/statuses")["posts.create"]
    assert set(statuses) == {"201", "503", "dropped"}
    assert len(application.posts()) == statuses["201"] + statuses["dropped"]


def test_a_day_has_so_many_calls(application: Application, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    midnight = 1_800_000_000 - 1_800_000_000 % 86_400
    monkeypatch.setattr(time, "time", lambda: float(midnight + 86_399))
    application.steer("PUT", "faults", {"daily_per_member": 2, "daily_per_application": 3})
    token, other = (str(application.connect(account)["access_token"]) for account in ("rh@exemple.cm", DIRECTION))
    assert [application.publish(token, f"Offre {number}").status for number in range(3)] == [201, 201, 429]
    refused = application.publish(token)
    assert ("MEMBER DAY" in refused.body.decode(), "Retry-After" in refused.headers) == (True, False)
    assert [application.get(other, "/v2/me")[0] for _ in range(2)] == [200, 429]
    monkeypatch.setattr(time, "time", lambda: float(midnight + 86_400))
    assert application.publish(token).status == 201


def test_a_post_may_fail_later(application: Application, token: str) -> None:
    application.faults(publish_failed=1.0)
    urn = application.published(token)
    assert application.call(token, "GET", one(urn)).status == 404
    shown = json.loads(application.call(token, "GET", f"{one(urn)}?viewContext=AUTHOR").body)
    assert shown["lifecycleState"] == "PUBLISH_FAILED"
    assert application.found(token) == []
    assert application.found(token, viewContext="AUTHOR") == [urn]
    assert application.posts()[0]["live"] is False


def test_what_hangs_is_refused_at_once_when_nothing_was_done(application: Application, token: str) -> None:
    application.faults(hang_after=1.0, hang_seconds=3600)
    assert code_of(application.publish(token, author="urn:li:organization:1")) == "ACCESS_DENIED"
