"""Exchange, refresh, revocation, and what goes wrong with them."""

import base64
import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from sandbox.emulators.web import Request
from tests.unit.sandbox.emulators.google.application import CALENDAR, HR, Application

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def revoke(application: Application, token: str) -> int:
    body = urlencode({"token": token}).encode()
    return application.site.answer(Request("POST", "/google/revoke", body=body)).status


def userinfo(application: Application, token: str) -> tuple[int, dict[str, Any]]:
    headers = {"authorization": f"Bearer {token}"}
    response = application.site.answer(Request("GET", "/google/oauth2/v3/userinfo", headers=headers))
    return response.status, json.loads(response.body)


def test_the_first_tokens_tell_whose_they_are(application: Application) -> None:
    tokens = application.connect(nonce="n")
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == pytest.approx(3599, abs=1)
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert {name: claims[name] for name in ("aud", "email", "email_verified", "hd", "nonce")} == {
        "aud": "client",
        "email": HR,
        "email_verified": True,
        "hd": "exemple.cm",
        "nonce": "n",
    }
    status, told = userinfo(application, tokens["access_token"])
    assert (status, told["email"], told["sub"]) == (200, HR, claims["sub"])
    assert len(tokens["access_token"]) <= 2048
    assert len(tokens["refresh_token"]) <= 512


def test_nobody_is_told_without_openid(application: Application) -> None:
    tokens = application.connect(scope=CALENDAR)
    assert "id_token" not in tokens
    assert userinfo(application, tokens["access_token"])[0] == 401


@pytest.mark.parametrize(
    ("parameters", "given"),
    [
        ({}, True),
        ({"access_type": "online"}, False),
        ({"access_type": None}, False),
        ({"prompt": None}, False),
        ({"prompt": "select_account"}, False),
    ],
)
def test_a_refresh_token_comes_with_offline_and_consent(
    application: Application, parameters: dict[str, Any], *, given: bool
) -> None:
    """The very first consent of an account gives one in any case, when it is asked for."""
    assert "refresh_token" in application.connect()
    assert ("refresh_token" in application.connect(**parameters)) is given


def test_the_very_first_consent_gives_a_refresh_token(application: Application) -> None:
    assert "refresh_token" in application.connect(prompt=None)


def test_a_code_is_good_once(application: Application) -> None:
    code = application.decide(application.address())["code"]
    assert application.exchange(code)[0] == 200
    assert application.exchange(code) == (
        400,
        {"error": "invalid_grant", "error_description": "Malformed auth code."},
    )


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"redirect_uri": "https://app.example/other"}, 400, "invalid_grant"),
        ({"code_verifier": "w" * 64}, 400, "invalid_grant"),
        ({}, 400, "invalid_grant"),
        ({"code_verifier": VERIFIER, "client_id": "other"}, 401, "unauthorized_client"),
        ({"code": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_secret": ""}, 400, "invalid_request"),
        ({"code_verifier": VERIFIER}, 200, None),
    ],
)
def test_a_code_belongs_to_its_request(
    application: Application, fields: dict[str, str], status: int, error: str | None
) -> None:
    address = application.address(code_challenge=CHALLENGE, code_challenge_method="S256")
    code = application.decide(address)["code"]
    answered, body = application.exchange(**{"code": code, **fields})
    assert (answered, body.get("error")) == (status, error)


def test_a_code_is_good_for_ten_minutes(application: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (application.decide(application.address())["code"] for _ in range(2))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 590)
    assert application.exchange(first)[0] == 200
    monkeypatch.setattr(time, "time", lambda: now + 610)
    assert application.exchange(second)[1]["error"] == "invalid_grant"


def test_the_client_may_sign_in_with_basic(application: Application) -> None:
    application.steer("PUT", "client", {"client_id": "client", "client_secret": "secret"})
    refresh = application.connect()["refresh_token"]
    fields = {"grant_type": "refresh_token", "refresh_token": refresh}
    good = "Basic " + base64.b64encode(b"client:secret").decode()
    assert application.token(basic=good, **fields)[0] == 200
    assert application.token(basic="Basic %%%", **fields)[0] == 400


@pytest.mark.parametrize(
    ("fields", "error"),
    [({"client_id": "other"}, "invalid_client"), ({"client_secret": "other"}, "invalid_client")],
)
def test_a_wrong_client_is_no_dead_grant(application: Application, fields: dict[str, str], error: str) -> None:
    application.steer("PUT", "client", {"client_id": "client", "client_secret": "secret"})
    refresh = application.connect()["refresh_token"]
    status, body = application.refresh(refresh, **fields)
    assert (status, body["error"]) == (401, error)
    assert application.refresh(refresh)[0] == 200


def test_a_changed_client_id_is_unauthorized(application: Application) -> None:
    refresh = application.connect()["refresh_token"]
    status, body = application.refresh(refresh, client_id="new")
    assert (status, body["error"]) == (401, "unauthorized_client")


def test_a_refresh_keeps_its_refresh_token(application: Application) -> None:
    first = application.connect()
    status, second = application.refresh(first["refresh_token"])
    assert status == 200
    assert "refresh_token" not in second
    assert second["access_token"] != first["access_token"]
    assert (second["scope"], "id_token" in second) == (first["scope"], True)
    assert userinfo(application, first["access_token"])[0] == 200


def test_a_refresh_may_ask_for_less_and_not_for_more(application: Application) -> None:
    refresh = application.connect()["refresh_token"]
    assert application.refresh(refresh, scope=CALENDAR)[1]["scope"] == CALENDAR
    status, body = application.refresh(refresh, scope=f"{CALENDAR}.freebusy")
    assert (status, body["error"]) == (400, "invalid_scope")


def test_rotation_replaces_the_refresh_token(application: Application) -> None:
    first = application.connect()["refresh_token"]
    application.faults(rotate=1.0)
    second = application.refresh(first)[1]["refresh_token"]
    assert second != first
    assert application.refresh(first)[1]["error"] == "invalid_grant"
    assert application.refresh(second)[0] == 200


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_any_token_ends_the_grant(application: Application, kind: str) -> None:
    older, newer = application.connect(), application.connect()
    assert revoke(application, newer[kind]) == 200
    assert application.refresh(older["refresh_token"])[1]["error"] == "invalid_grant"
    assert userinfo(application, older["access_token"])[0] == 401
    assert revoke(application, newer[kind]) == 400
    assert revoke(application, "") == 400


def test_the_person_removes_the_access(application: Application) -> None:
    tokens = application.connect()
    assert application.steer("POST", f"grants/{HR}/revoke") == {"revoked": 1}
    assert application.refresh(tokens["refresh_token"]) == (
        400,
        {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    )
    assert application.steer("GET", "grants") == {"grants": []}


def test_the_oldest_of_more_than_a_hundred_refresh_tokens_dies(application: Application) -> None:
    first, second = (application.connect()["refresh_token"] for _ in range(2))
    for _ in range(99):
        application.connect()
    assert application.refresh(first)[1]["error"] == "invalid_grant"
    assert application.refresh(second)[0] == 200


def test_tokens_expire_when_they_should(application: Application) -> None:
    application.faults(token_lifetime=2)
    tokens = application.connect()
    assert tokens["expires_in"] in (1, 2)
    application.faults(token_lifetime=3600)
    other = application.refresh(tokens["refresh_token"])[1]["access_token"]
    assert application.steer("POST", "tokens/expire", {"account": HR}) == {"expired": 2}
    assert userinfo(application, other)[0] == 401
    assert application.refresh(tokens["refresh_token"])[0] == 200
    application.steer("POST", "tokens/expire", {"refresh": True})
    assert application.refresh(tokens["refresh_token"])[1]["error"] == "invalid_grant"
    assert application.steer("GET", "grants")["grants"][0]["refresh_tokens"] == 0


@pytest.mark.parametrize(("switches", "seconds"), [({"testing": True}, 604_799), ({"refresh_lifetime": 60}, 60)])
def test_grants_that_end(
    application: Application, monkeypatch: pytest.MonkeyPatch, switches: dict[str, Any], seconds: int
) -> None:
    """A consent screen in testing gives a week; rotation does not prolong it."""
    application.faults(**switches)
    tokens = application.connect()
    assert tokens["refresh_token_expires_in"] == pytest.approx(seconds, abs=1)
    application.faults(rotate=1.0)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + seconds - 10)
    rotated = application.refresh(tokens["refresh_token"])[1]
    assert rotated["refresh_token_expires_in"] == pytest.approx(10, abs=1)
    monkeypatch.setattr(time, "time", lambda: now + seconds + 10)
    assert application.refresh(rotated["refresh_token"])[1]["error"] == "invalid_grant"


def test_an_exchange_without_a_refresh_token(application: Application) -> None:
    application.faults(no_refresh_token=1.0)
    assert "refresh_token" not in application.connect()


@pytest.mark.parametrize(
    ("name", "status", "error", "subtype"),
    [
        ("invalid_grant", 400, "invalid_grant", None),
        ("invalid_rapt", 400, "invalid_grant", "invalid_rapt"),
        ("invalid_client", 401, "invalid_client", None),
        ("unauthorized_client", 401, "unauthorized_client", None),
        ("deleted_client", 401, "deleted_client", None),
        ("invalid_scope", 400, "invalid_scope", None),
        ("admin_policy_enforced", 400, "admin_policy_enforced", None),
    ],
)
def test_errors_on_demand(application: Application, name: str, status: int, error: str, subtype: str | None) -> None:
    refresh = application.connect()["refresh_token"]
    application.faults(token_error=name, times=1, only="token.refresh")
    answered, body = application.refresh(refresh)
    assert (answered, body["error"], body.get("error_subtype")) == (status, error, subtype)
    assert application.refresh(refresh)[0] == 200


def test_a_refresh_that_changes_nothing(application: Application) -> None:
    first = application.connect()
    application.steer("POST", "tokens/expire")
    application.faults(same_token=1.0)
    status, body = application.refresh(first["refresh_token"])
    assert (status, body["access_token"], body["expires_in"]) == (200, first["access_token"], 0)


def test_answers_that_nobody_expects(application: Application) -> None:
    refresh = application.connect()["refresh_token"]
    application.faults(no_expires_in=1.0)
    status, body = application.refresh(refresh)
    assert (status, "expires_in" in body) == (200, False)
    fields = {"client_id": "client", "client_secret": "s", "grant_type": "refresh_token", "refresh_token": refresh}
    request = Request("POST", "/google/token", body=urlencode(fields).encode())
    for switch, status, beginning in (
        ("html_200", 200, b"<!doctype"),
        ("empty_200", 200, b""),
        ("html_503", 503, b"<!doctype"),
        ("error_5xx", 503, b'{"error":"internal_failure"'),
        ("rate_limit", 429, b'{"error":"rate_limit_exceeded"'),
    ):
        application.faults(**{switch: 1.0})
        response = application.site.answer(request)
        assert (response.status, response.body[: len(beginning)]) == (status, beginning)


def test_two_hundred_refreshes_at_once_are_counted(application: Application) -> None:
    refresh = application.connect()["refresh_token"]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: application.refresh(refresh), range(200)))
    assert {status for status, _ in answers} == {200}
    assert len({body["access_token"] for _, body in answers}) == 200
    assert application.steer("GET", "counters") == {"token.code": 1, "token.refresh": 200}
    assert application.steer("GET", "counters/statuses")["token.refresh"] == {"200": 200}


def test_rotation_lets_one_of_many_through(application: Application) -> None:
    refresh = application.connect()["refresh_token"]
    application.faults(rotate=1.0)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: application.refresh(refresh)[0], range(60)))
    assert (answers.count(200), answers.count(400)) == (1, 59)
