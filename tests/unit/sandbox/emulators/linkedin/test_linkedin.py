"""LinkedIn: consent, tokens with and without refresh, and what an account's label needs."""

import base64
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from sandbox.emulators.linkedin.consent import PATH
from sandbox.emulators.web import Request, Response
from tests.unit.sandbox.emulators.linkedin.application import ACLS, DIRECTION, HR, REDIRECT, SCOPES, Application


def submit(application: Application, shown: Response, **fields: str) -> Response:
    query = re.search(r'name="query" value="([^"]*)"', shown.body.decode())
    assert query is not None
    body = urlencode({"query": query[1].replace("&amp;", "&"), **fields}).encode()
    return application.site.answer(Request("POST", PATH, body=body))


def test_the_pages(application: Application) -> None:
    picker = application.site.answer(Request("GET", PATH, application.query()))
    permissions = submit(application, picker, account=HR)
    assert "w_organization_social" in permissions.body.decode()
    assert "checkbox" not in permissions.body.decode()
    approved = submit(application, permissions, account=HR, decision="approve")
    back = dict(parse_qsl(urlsplit(approved.headers["Location"]).query))
    assert (approved.status, back["state"]) == (302, "s")
    assert application.exchange(back["code"])[0] == 200
    denied = submit(application, permissions, account=HR, decision="deny")
    assert "error=user_cancelled_authorize" in denied.headers["Location"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"client_id": ""},
        {"redirect_uri": "nowhere"},
        {"redirect_uri": f"{REDIRECT}#x"},
        {"redirect_uri": "https://other.example/"},
        {"response_type": "token"},
        {"scope": ""},
    ],
)
def test_what_is_wrong_stays_on_linkedins_own_page(application: Application, parameters: dict[str, str]) -> None:
    application.steer("PUT", "client", {"redirect_uris": [REDIRECT]})
    response = application.site.answer(Request("GET", PATH, application.query(**parameters)))
    assert (response.status, "Location" in response.headers) == (400, False)
    address = f"https://www.linkedin.example{PATH}?{urlencode(application.query(**parameters))}"
    assert application.steer("POST", "authorize", {"address": address})["location"] is None
    assert application.decide(redirect_uri=f"{REDIRECT}?page=1")["code"]


def test_a_product_that_the_application_lacks(application: Application) -> None:
    back = application.decide(scope=f"{SCOPES} openid")
    assert (back["error"], back["state"]) == ("unauthorized_scope_error", "s")
    application.faults(products=["openid"])
    assert "code" in application.decide(scope="openid")


@pytest.mark.parametrize("deny", [True, "user_cancelled_login"])
def test_denials(application: Application, *, deny: bool | str) -> None:
    back = application.decide(wishes={"deny": deny})
    assert back["error"] == (deny if isinstance(deny, str) else "user_cancelled_authorize")
    assert back["error_description"]


def test_the_answer_to_an_exchange(application: Application) -> None:
    """Scopes come with commas; a refresh token only for approved applications."""
    tokens = application.connect()
    assert tokens["scope"] == SCOPES.replace(" ", ",")
    assert tokens["expires_in"] == pytest.approx(5_184_000, abs=1)
    assert tokens["refresh_token_expires_in"] == pytest.approx(31_536_000, abs=1)
    assert 300 <= len(tokens["access_token"]) <= 1000
    application.faults(refresh_tokens=False, no_token_type=1.0)
    assert set(application.connect()) == {"access_token", "expires_in", "scope"}
    assert application.connect(wishes={"scopes": ["r_basicprofile"]})["scope"] == "r_basicprofile"


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"redirect_uri": "https://app.example/other"}, 400, "invalid_request"),
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"client_secret": "other"}, 401, "invalid_client"),
        ({"client_secret": ""}, 400, "invalid_request"),
        ({"code": "unknown"}, 400, "invalid_request"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
    ],
)
def test_exchanges_that_are_refused(application: Application, fields: dict[str, str], status: int, error: str) -> None:
    application.steer("PUT", "client", {"client_id": "client", "client_secret": "secret"})
    code = application.decide()["code"]
    answered, body = application.exchange(**{"code": code, **fields})
    assert (answered, body["error"]) == (status, error)


def test_a_code_is_good_once_and_for_half_an_hour(application: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = application.decide()["code"], application.decide()["code"]
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 1790)
    assert application.exchange(first)[0] == 200
    assert application.exchange(first)[0] == 400
    monkeypatch.setattr(time, "time", lambda: now + 1810)
    assert application.exchange(second)[0] == 400


def test_a_refresh_does_not_prolong_the_refresh_token(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = application.connect()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 31_536_000 - 86_400)
    status, renewed = application.refresh(tokens["refresh_token"])
    assert (status, renewed["refresh_token"]) == (200, tokens["refresh_token"])
    assert renewed["expires_in"] == pytest.approx(86_400, abs=60)
    assert renewed["refresh_token_expires_in"] == pytest.approx(86_400, abs=60)
    monkeypatch.setattr(time, "time", lambda: now + 31_536_000 + 60)
    assert application.refresh(tokens["refresh_token"])[1]["error"] == "invalid_grant"


def test_refreshes_that_are_refused(application: Application) -> None:
    tokens = application.connect()
    assert application.refresh(tokens["access_token"])[1]["error"] == "invalid_grant"
    assert application.refresh(tokens["refresh_token"], client_id="new")[0] == 401
    application.faults(token_error="unauthorized_client", times=1)
    assert application.refresh(tokens["refresh_token"])[1]["error"] == "unauthorized_client"
    assert application.refresh(tokens["refresh_token"])[0] == 200
    assert application.steer("POST", f"grants/{HR}/revoke")["revoked"] == 3
    assert application.refresh(tokens["refresh_token"])[1]["error"] == "invalid_grant"


def test_another_set_of_scopes_ends_older_tokens(application: Application) -> None:
    first, same = application.connect(), application.connect()
    application.connect(DIRECTION, scope="r_basicprofile")
    assert application.get(first["access_token"], "/v2/me")[0] == 200
    application.connect(scope="r_basicprofile")
    for tokens in (first, same):
        status, error = application.get(tokens["access_token"], "/v2/me")
        assert (status, error["serviceErrorCode"]) == (401, 65601)


def test_introspection(application: Application) -> None:
    token = application.connect()["access_token"]
    status, told = application.post("introspectToken", token=token)
    assert (status, told["active"], told["status"], told["auth_type"]) == (200, True, "active", "3L")
    assert told["scope"] == SCOPES.replace(" ", ",")
    assert told["expires_at"] - told["created_at"] == pytest.approx(5_184_000, abs=1)
    assert application.post("introspectToken", token=token, client_id="other")[1] == {"active": False}
    assert application.post("introspectToken")[0] == 400
    application.steer("POST", "tokens/expire", {"account": HR})
    assert application.post("introspectToken", token=token)[1]["status"] == "expired"
    application.steer("POST", f"grants/{HR}/revoke")
    assert application.post("introspectToken", token=token)[1]["status"] == "revoked"
    application.steer("PUT", "client", {"client_secret": "changed"})
    assert application.post("introspectToken", token=token)[0] == 401


def test_who_it_is_and_what_may_be_posted_for(application: Application) -> None:
    token = application.connect(DIRECTION)["access_token"]
    status, me = application.get(token, "/v2/me", version="")
    assert (status, me["localizedFirstName"], me["localizedLastName"]) == (200, "Paul", "Essomba")
    status, page = application.get(token, "/rest/organizationAcls", {**ACLS, "count": "1"})
    assert (len(page["elements"]), page["paging"]["total"]) == (1, 2)
    status, page = application.get(token, "/rest/organizationAcls", {**ACLS, "start": "1", "count": "1"})
    element = page["elements"][0]
    assert (element["state"], element["roleAssignee"]) == ("APPROVED", f"urn:li:person:{me['id']}")
    identifier = element["organization"].rpartition(":")[2]
    status, organization = application.get(token, f"/rest/organizations/{identifier}")
    assert (status, organization["localizedName"]) == (200, "Exemple Conseil")
    status, found = application.get(token, "/rest/organizations", {"q": "vanityName", "vanityName": "exemple-sa"})
    assert [each["localizedName"] for each in found["elements"]] == ["Exemple SA"]
    assert application.get(token, "/rest/organizations/1")[0] == 404


def test_roles_are_steered(application: Application) -> None:
    roles = [{"organization": 7, "name": "Sept SA"}, {"organization": 8, "role": "CONTENT_ADMINISTRATOR"}]
    application.steer("PUT", f"accounts/{HR}", {"roles": roles})
    token = application.connect()["access_token"]
    application.faults(old_name=True)
    elements = application.get(token, "/rest/organizationAcls", ACLS)[1]["elements"]
    assert [element["organizationTarget"] for element in elements] == ["urn:li:organization:7"]
    assert application.get(token, "/rest/organizations/7")[1]["vanityName"] == "sept-sa"
    nobody = application.connect("new@exemple.cm")["access_token"]
    assert application.get(nobody, "/rest/organizationAcls", ACLS)[1]["elements"] == []


def test_scopes_are_needed(application: Application) -> None:
    token = application.connect(scope="w_organization_social r_organization_social")["access_token"]
    for path, query in (("/v2/me", {}), ("/rest/organizationAcls", ACLS)):
        status, error = application.get(token, path, query)
        assert (status, error["serviceErrorCode"], error["code"]) == (403, 100, "ACCESS_DENIED")


@pytest.mark.parametrize(
    ("version", "status", "code"),
    [
        ("", 400, "VERSION_MISSING"),
        ("202511", 426, "NONEXISTENT_VERSION"),
        ("202512", 426, "NONEXISTENT_VERSION"),
        ("202601", 200, None),
        ("202609", 200, None),
        ("202712", 426, "NONEXISTENT_VERSION"),
    ],
)
def test_versions(application: Application, version: str, status: int, code: str | None) -> None:
    token = application.connect()["access_token"]
    answered, body = application.get(token, "/rest/organizationAcls", ACLS, version)
    assert (answered, body.get("code")) == (status, code)


def test_tokens_that_are_not_good(application: Application) -> None:
    token = application.connect()["access_token"]
    headers = {"linkedin-version": "202609"}
    without = application.site.answer(Request("GET", "/linkedin/v2/me", headers=headers))
    assert json.loads(without.body)["serviceErrorCode"] == 65604
    assert application.get("unknown", "/v2/me")[1]["serviceErrorCode"] == 65600
    application.steer("POST", "tokens/expire")
    assert application.get(token, "/v2/me")[1]["serviceErrorCode"] == 65602
    application.steer("POST", f"grants/{HR}/revoke")
    assert application.get(token, "/v2/me")[1]["serviceErrorCode"] == 65601


def test_a_token_that_was_just_refreshed(application: Application) -> None:
    application.faults(just_refreshed_refused=1.0)
    token = application.refresh(application.connect()["refresh_token"])[1]["access_token"]
    assert application.get(token, "/v2/me")[1]["serviceErrorCode"] == 65601
    assert application.get(token, "/v2/me")[0] == 200


@pytest.mark.parametrize(
    ("switches", "status"), [({"rate_limit": 1.0}, 429), ({"error_5xx": 1.0, "error_status": 500}, 500)]
)
def test_faults(application: Application, switches: dict[str, float], status: int) -> None:
    tokens = application.connect()
    application.faults(**switches)
    assert application.get(tokens["access_token"], "/v2/me")[0] == status
    assert application.refresh(tokens["refresh_token"])[0] == status
    application.faults(drop_after=1.0, only="me")
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert application.site.answer(Request("GET", "/linkedin/v2/me", headers=headers)).dropped
    application.faults(html_200=1.0)
    body = urlencode({"client_id": "c", "client_secret": "s", "grant_type": "x"}).encode()
    refused = application.site.answer(Request("POST", "/linkedin/oauth/v2/accessToken", body=body))
    assert refused.status == 400


def test_two_hundred_refreshes_at_once_are_counted(application: Application) -> None:
    refresh = application.connect()["refresh_token"]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: application.refresh(refresh)[0], range(200)))
    assert answers == [200] * 200
    assert application.steer("GET", "counters") == {"token.code": 1, "token.refresh": 200}
    kinds = [grant["kind"] for grant in application.steer("GET", "grants")["grants"]]
    assert (kinds.count("access"), kinds.count("refresh")) == (201, 1)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"surprise": 1}),
        ("faults", {"token_error": "because"}),
        ("faults", {"token_refusal": 1}),
        ("faults", {"urn_kind": "post"}),
        ("client", {"surprise": 1}),
        (f"accounts/{HR}", {"surprise": 1}),
        (f"accounts/{HR}", {"roles": [{"organization": "seven"}]}),
        ("accounts/nobody", {}),
    ],
)
def test_steering_that_makes_no_sense(application: Application, path: str, body: dict[str, Any]) -> None:
    request = Request("PUT", f"/_emulator/linkedin/{path}", body=json.dumps(body).encode())
    assert application.site.answer(request).status == 422


def test_places_that_do_not_exist(application: Application) -> None:
    assert application.get("token", "/nothing")[0] == 404
    assert application.site.answer(Request("DELETE", "/linkedin/v2/me")).status == 405


def test_who_asks_for_openid_is_told_whose_token_it_is(application: Application) -> None:
    assert "id_token" not in application.connect()
    application.faults(products=["openid", "profile", "w_member_social"])
    token = application.connect(scope="openid profile w_member_social")["id_token"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert (claims["aud"], claims["name"]) == ("client", "Awa Ndiaye")
    assert "email" not in claims
