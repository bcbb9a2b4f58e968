"""The token endpoint: codes, refreshes, and the many ways of saying no."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandbox.emulators.microsoft.accounts import Directory
from sandbox.emulators.microsoft.behaviour import SWITCHES
from sandbox.emulators.microsoft.identity_errors import Refused
from sandbox.emulators.microsoft.tokens import Tokens
from sandbox.emulators.switches import Switches
from tests.unit.sandbox.emulators.microsoft.conftest import REDIRECT, SCOPE, VERIFIER, Outside, page


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_code_becomes_tokens_that_say_who_signed_in(outside: Outside) -> None:
    told = outside.sign_in("personal")
    claims = decoded(told["id_token"].split(".")[1])
    assert claims["tid"] == "9188040d-6c67-4c5b-b112-36a304b66dad"
    assert (claims["preferred_username"], claims["nonce"], claims["aud"]) == ("awa.ndong@outlook.example", "n1", "app")
    assert decoded(told["client_info"]) == {"uid": claims["oid"], "utid": claims["tid"]}
    assert 3600 <= told["expires_in"] <= 5400
    assert told["scope"] == "openid profile User.Read Calendars.ReadWrite"
    assert len(told["access_token"]) > 1000


def test_a_code_is_good_once(outside: Outside) -> None:
    code = outside.decide()["code"]
    assert outside.redeem(code).status == 200
    again = outside.redeem(code)
    assert (again.status, again.error, again.body["error_codes"]) == (400, "invalid_grant", [54005])


@pytest.mark.parametrize(
    ("change", "error", "number"),
    [
        ({"code_verifier": "w" * 64}, "invalid_grant", 501481),
        ({"code_verifier": ""}, "invalid_grant", 501481),
        ({"redirect_uri": "https://elsewhere.example/"}, "invalid_grant", 50011),
        ({"code": "unknown"}, "invalid_grant", 70000),
        ({"client_id": "other"}, "invalid_grant", 70000),
        ({"grant_type": "password"}, "unsupported_grant_type", 70003),
        ({"client_secret": ""}, "invalid_client", 7000218),
        ({"client_id": ""}, "invalid_request", 900144),
    ],
)
def test_a_wrong_exchange(outside: Outside, change: dict[str, str], error: str, number: int) -> None:
    refused = outside.redeem(outside.decide()["code"], **change)
    assert (refused.error, refused.body["error_codes"]) == (error, [number])
    assert refused.body["error_description"].startswith(f"AADSTS{number}: ")
    assert refused.body["trace_id"]
    assert refused.body["correlation_id"]


@pytest.mark.parametrize(
    ("client", "status", "error", "number"),
    [
        ({"client_id": "registered"}, 400, "unauthorized_client", 700016),
        ({"client_secret": "right"}, 401, "invalid_client", 7000215),
        ({"secret_expired": True}, 401, "invalid_client", 7000222),
    ],
)
def test_the_application_itself_may_be_wrong(
    outside: Outside, client: dict[str, Any], status: int, error: str, number: int
) -> None:
    token = outside.sign_in()["refresh_token"]
    outside.steer("PUT", "client", client)
    refused = outside.refresh(token)
    assert (refused.status, refused.error, refused.body["error_codes"]) == (status, error, [number])
    assert outside.steer("GET", "client")["client_id"] == client.get("client_id")
    outside.steer("PUT", "client", {})
    assert outside.refresh(token).status == 200


def test_each_refresh_gives_another_refresh_token_and_the_old_one_stays_good(outside: Outside) -> None:
    first = outside.sign_in()
    second = outside.refresh(first["refresh_token"]).body
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert outside.refresh(first["refresh_token"]).status == 200
    outside.faults(old_refresh_seconds=0)
    assert outside.refresh(first["refresh_token"]).body["error_codes"] == [70000]
    assert outside.refresh(second["refresh_token"]).status == 200


def test_two_hundred_refreshes_at_once_are_counted_exactly(outside: Outside) -> None:
    token = outside.sign_in()["refresh_token"]
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: outside.refresh(token), range(200)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["refresh_token"] for answer in answers}) == 200
    assert outside.steer("GET", "counters")["token.refresh"] == 200


def test_a_replaced_token_that_is_refused_is_good_for_one_of_many(outside: Outside) -> None:
    token = outside.sign_in()["refresh_token"]
    outside.faults(old_refresh_seconds=0)
    with ThreadPoolExecutor(8) as threads:
        statuses = [answer.status for answer in threads.map(lambda _: outside.refresh(token), range(40))]
    assert sorted(statuses) == [200] + [400] * 39


def test_scopes_may_be_narrowed_but_not_widened(outside: Outside) -> None:
    token = outside.sign_in()["refresh_token"]
    assert outside.refresh(token, scope="openid User.Read").body["scope"] == "openid profile User.Read"
    wider = outside.refresh(token, scope="Mail.Read")
    assert (wider.error, wider.body["suberror"]) == ("invalid_grant", "consent_required")
    assert outside.refresh(token, scope="Nothing.Known").error == "invalid_scope"


def test_less_may_be_granted_than_was_asked(outside: Outside) -> None:
    told = outside.sign_in(scopes=["openid", "User.Read"])
    assert told["scope"] == "openid User.Read"
    assert "refresh_token" not in told
    outside.faults(scopes=["User.Read", "offline_access"], scope_urls=True)
    assert outside.sign_in()["scope"] == "https://graph.microsoft.com/User.Read"


def test_a_personal_account_drops_what_it_cannot_give(outside: Outside) -> None:
    wanted = {"scope": f"{SCOPE} OnlineMeetings.ReadWrite Calendars.ReadWrite.Shared"}
    assert "Shared" not in outside.sign_in("personal", query=wanted)["scope"]
    assert "OnlineMeetings.ReadWrite" in outside.sign_in("work", query=wanted)["scope"]


def test_strange_successes(outside: Outside) -> None:
    first = outside.sign_in()
    outside.faults(same_token=True)
    outside.steer("POST", "tokens/expire", {})
    again = outside.refresh(first["refresh_token"])
    assert again.status == 200
    assert (again.body["access_token"], again.body["expires_in"]) == (first["access_token"], 0)
    outside.faults(no_expires_in=True, no_refresh_token=True)
    bare = outside.refresh(first["refresh_token"]).body
    assert "expires_in" not in bare
    assert "refresh_token" not in bare
    outside.faults(expires_in=60)
    assert outside.refresh(first["refresh_token"]).body["expires_in"] == 60


def test_a_revoked_grant_is_refused_until_a_new_consent(outside: Outside) -> None:
    first = outside.sign_in()
    other = outside.sign_in("personal")
    assert outside.steer("POST", "grants/work/revoke") == {"revoked": 1}
    refused = outside.refresh(first["refresh_token"])
    assert (refused.error, refused.body["error_codes"]) == ("invalid_grant", [50173])
    assert outside.refresh(other["refresh_token"]).status == 200
    assert outside.refresh(outside.sign_in()["refresh_token"]).status == 200
    assert outside.steer("POST", "grants/personal/revoke", {"aadsts": 700082}) == {"revoked": 1}
    assert outside.refresh(other["refresh_token"]).body["error_codes"] == [700082]


def test_refresh_tokens_can_be_too_old(outside: Outside) -> None:
    first = outside.sign_in()
    assert outside.steer("POST", "tokens/expire", {"account": "work", "refresh": True}) == {"expired": 1}
    assert outside.refresh(first["refresh_token"]).body["error_codes"] == [700082]


@pytest.mark.parametrize(
    ("wanted", "status", "expected"),
    [
        (50076, 400, {"error": "interaction_required", "suberror": "basic_action"}),
        (65001, 400, {"error": "invalid_grant", "suberror": "consent_required"}),
        ({"aadsts": 65001, "error": "consent_required"}, 400, {"error": "consent_required"}),
        ({"aadsts": 90006, "status": 503}, 503, {"error": "temporarily_unavailable"}),
        (700016, 400, {"error": "unauthorized_client"}),
    ],
)
def test_any_number_can_be_asked_for(outside: Outside, wanted: Any, status: int, expected: dict[str, str]) -> None:
    token = outside.sign_in()["refresh_token"]
    outside.faults(token_error=wanted, only="token.refresh", times=1)
    refused = outside.refresh(token)
    assert refused.status == status
    assert refused.body | expected == refused.body
    assert outside.refresh(token).status == 200


def test_what_needs_a_person_carries_claims(outside: Outside) -> None:
    outside.faults(token_error=50079)
    claims = json.loads(outside.refresh("any").body["claims"])
    assert "access_token" in claims


def test_throttling_and_outages(outside: Outside) -> None:
    token = outside.sign_in()["refresh_token"]
    outside.faults(rate_limit=1, retry_after=7)
    throttled = outside.refresh(token)
    assert (throttled.status, throttled.headers["Retry-After"]) == (429, "7")
    outside.faults(rate_limit_html=1, retry_after=None)
    page = outside.refresh(token)
    assert page.status == 429
    assert page.body.startswith("<!doctype html>")
    assert "Retry-After" not in page.headers
    outside.faults(error_5xx=1)
    assert (outside.refresh(token).status, outside.refresh(token).error) == (503, "temporarily_unavailable")
    outside.faults(drop_after=1, times=1)
    assert outside.refresh(token).dropped
    assert outside.steer("GET", "counters")["token.refresh"] == 5


def test_codes_and_refresh_tokens_age() -> None:
    now, switches = [0.0], Switches(SWITCHES)
    tokens = Tokens(switches, lambda: now[0])
    (account, *_) = Directory().all()
    code = {"client_id": "app", "code": tokens.code(account, page(), ["User.Read"]), "redirect_uri": REDIRECT}
    now[0] = 601.0
    with pytest.raises(Refused) as old:
        tokens.redeem(code)
    assert old.value.number == 70008
    now[0] = 599.0
    first = tokens.pair(tokens.redeem({**code, "code_verifier": VERIFIER}), ["User.Read"], 3600)
    second = tokens.rotate(first.refresh_token, "app", ["User.Read"], 3600)
    switches.set({"old_refresh_seconds": 60})
    now[0] += 59.0
    assert tokens.refreshable(first.refresh_token, "app").account == "work"
    now[0] += 1.0
    with pytest.raises(Refused) as replaced:
        tokens.refreshable(first.refresh_token, "app")
    assert replaced.value.number == 70000
    assert tokens.access(second.access_token) is not None
    now[0] += 3600.0
    assert tokens.access(second.access_token) is None
    now[0] += 90 * 24 * 3600.0
    with pytest.raises(Refused) as idle:
        tokens.refreshable(second.refresh_token, "app")
    assert idle.value.number == 700082


def test_an_address_is_told_when_it_is_asked_for(outside: Outside) -> None:
    query = {"scope": f"{SCOPE} email", "client_info": "1"}
    back = outside.decide(query=query)
    told = outside.redeem(back["code"]).body
    assert decoded(told["id_token"].split(".")[1])["email"] == "rh@exemple.cm"
    assert back["client_info"] == told["client_info"]


def test_every_secret_is_known_to_whoever_looks_for_leaks(outside: Outside) -> None:
    first = outside.sign_in()
    second = outside.refresh(first["refresh_token"]).body
    known = outside.steer("GET", "tokens")
    assert {first["access_token"], second["access_token"]} == set(known["access_tokens"])
    assert {first["refresh_token"], second["refresh_token"]} == set(known["refresh_tokens"])
    assert len(known["codes"]) == 1
