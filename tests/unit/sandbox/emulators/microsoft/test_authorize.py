"""What people meet on Microsoft's pages, and where these lead."""

import html
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.unit.sandbox.emulators.microsoft.conftest import REDIRECT, Outside, page, parameters

PLACE = "/microsoft/common/oauth2/v2.0/authorize"
FRENCH = "fr-FR,fr;q=0.9"


def test_a_person_chooses_an_account_and_accepts(outside: Outside) -> None:
    shown = outside.call("GET", PLACE, query=page(prompt="select_account"), headers={"accept-language": FRENCH})
    assert shown.status == 200
    assert re.findall(r'name="choice" value="(\w+)"', shown.body) == ["work", "personal", "guest", "managed"]
    assert "Accepter" in shown.body
    assert "Calendars.ReadWrite" in shown.body
    form = urlencode({"choice": "personal", "decision": "accept"}).encode()
    decided = outside.call("POST", PLACE, form, page())
    assert decided.status == 302
    assert decided.headers["Location"].startswith(f"{REDIRECT}?")
    back = parameters(decided.headers["Location"])
    assert back["state"] == "s1"
    assert outside.redeem(back["code"]).body["token_type"] == "Bearer"


def test_who_declines_goes_back_without_a_code(outside: Outside) -> None:
    decided = outside.call("POST", PLACE, b"choice=work&decision=decline", page())
    back = parameters(decided.headers["Location"])
    assert back["error"] == "access_denied"
    assert back["error_description"].startswith("AADSTS65004: ")
    assert "code" not in back
    assert outside.decide(deny=True)["error"] == "access_denied"


@pytest.mark.parametrize(
    ("tenant", "known"),
    [
        ("common", {"work", "personal", "guest", "managed"}),
        ("organizations", {"work", "guest", "managed"}),
        ("consumers", {"personal"}),
        ("ministere.example", {"managed"}),
    ],
)
def test_a_tenant_offers_its_own_people(outside: Outside, tenant: str, known: set[str]) -> None:
    shown = outside.call("GET", f"/microsoft/{tenant}/oauth2/v2.0/authorize", query=page())
    assert set(re.findall(r'name="choice" value="(\w+)"', shown.body)) == known


def test_a_hint_names_the_account(outside: Outside) -> None:
    shown = outside.call("GET", PLACE, query=page(login_hint="RH@exemple.cm"))
    assert re.findall(r'name="choice" value="(\w+)"', shown.body) == ["work"]


def signed_in(outside: Outside, account: str) -> dict[str, str]:
    """The browser's cookies after somebody accepted."""
    decided = outside.call("POST", PLACE, urlencode({"choice": account, "decision": "accept"}).encode(), page())
    return {"cookie": decided.headers["Set-Cookie"].partition(";")[0]}


def test_a_browser_that_is_signed_in_is_asked_nothing_unless_prompt_says_so(outside: Outside) -> None:
    browser = signed_in(outside, "personal")
    silent = outside.call("GET", PLACE, query=page(), headers=browser)
    assert silent.status == 302
    assert "code" in parameters(silent.headers["Location"])
    asked = outside.call("GET", PLACE, query=page(prompt="select_account"), headers=browser)
    assert asked.status == 200
    assert len(re.findall(r'name="choice"', asked.body)) == 4
    more = outside.call("GET", PLACE, query=page(scope="User.Read Mail.Read"), headers=browser)
    assert re.findall(r'name="choice" value="(\w+)"', more.body) == ["personal"]


def test_prompt_none_shows_no_page(outside: Outside) -> None:
    strange = outside.call("GET", PLACE, query=page(prompt="none"))
    assert parameters(strange.headers["Location"])["error"] == "login_required"
    known = outside.call("GET", PLACE, query=page(prompt="none"), headers=signed_in(outside, "work"))
    assert "code" in parameters(known.headers["Location"])


@pytest.mark.parametrize(
    ("query", "client", "number"),
    [
        ({"redirect_uri": "https://elsewhere.example/"}, {"redirect_uris": [REDIRECT]}, 50011),
        ({"redirect_uri": "http://platform.example.org/"}, {}, 50011),
        ({"client_id": ""}, {}, 900144),
        ({"client_id": "other"}, {"client_id": "app"}, 700016),
        ({"response_type": "token"}, {}, 700054),
        ({"response_mode": "form_post"}, {}, 900144),
        ({"scope": "Calendars.ReadWrite Everything.All"}, {}, 70011),
        ({}, {"multi_tenant": False}, 50194),
    ],
)
def test_what_is_wrong_with_the_request_stays_on_microsofts_page(
    outside: Outside, query: dict[str, str], client: dict[str, Any], number: int
) -> None:
    outside.steer("PUT", "client", client)
    shown = outside.call("GET", PLACE, query=page(**query))
    assert shown.status == 400
    assert f"AADSTS{number}: " in html.unescape(shown.body)
    assert "Location" not in shown.headers
    assert outside.decide(query=query)["aadsts"] == str(number)


def test_an_account_of_another_kind_stays_on_microsofts_page(outside: Outside) -> None:
    assert outside.decide("personal", tenant="organizations")["aadsts"] == "50020"
    assert outside.decide(tenant="nowhere.example")["aadsts"] == "90002"


@pytest.mark.parametrize(
    ("number", "error"), [(90094, "access_denied"), (900941, "access_denied"), (65001, "consent_required")]
)
def test_an_organisation_may_keep_its_people_from_consenting(outside: Outside, number: int, error: str) -> None:
    outside.faults(consent_error=number)
    back = outside.decide("managed")
    assert back["error"] == error
    assert back["error_description"].startswith(f"AADSTS{number}: ")
    assert back["state"] == "s1"
    assert "code" in outside.decide("work")
    outside.faults(consent="administrator")
    assert "code" not in outside.decide("work")
    assert "code" in outside.decide("work", query={"scope": "openid User.Read"})


APPROVAL = {"client_id": "app", "redirect_uri": REDIRECT, "state": "s9", "scope": "Calendars.ReadWrite User.Read"}


def approval(tenant: str = "organizations") -> str:
    return f"https://login.microsoftonline.com/{tenant}/v2.0/adminconsent?{urlencode(APPROVAL)}"


def test_an_administrators_approval_comes_without_a_code_and_lets_people_in(outside: Outside) -> None:
    told = outside.steer("POST", "adminconsent", {"address": approval()})
    back = parameters(told["location"])
    tenants = {each["domain"]: each["id"] for each in outside.steer("GET", "accounts")["tenants"]}
    assert back == {
        "admin_consent": "True",
        "tenant": tenants["ministere.example"],
        "scope": "https://graph.microsoft.com/Calendars.ReadWrite https://graph.microsoft.com/User.Read",
        "state": "s9",
    }
    assert "code" in outside.decide("managed")
    assert "code" not in outside.decide("managed", query={"prompt": "consent"})


def test_an_administrator_decides_on_a_page(outside: Outside) -> None:
    place = "/microsoft/organizations/v2.0/adminconsent"
    shown = outside.call("GET", place, query=APPROVAL, headers={"accept-language": "en"})
    assert shown.status == 200
    assert "Approve for the whole organisation" in shown.body
    tenants = {each["domain"]: each["id"] for each in outside.steer("GET", "accounts")["tenants"]}
    assert re.findall(r'name="choice" value="([\w-]+)"', shown.body) == list(tenants.values())
    choice = {"choice": tenants["exemple.cm"], "decision": "decline"}
    refused = outside.call("POST", place, urlencode(choice).encode(), APPROVAL)
    back = parameters(refused.headers["Location"])
    assert (back["error"], back["tenant"], back["state"]) == ("consent_required", tenants["exemple.cm"], "s9")
    accepted = outside.call("POST", place, urlencode({**choice, "decision": "accept"}).encode(), APPROVAL)
    assert "error" not in parameters(accepted.headers["Location"])
    unknown = outside.call("POST", place, b"choice=nobody&decision=accept", APPROVAL)
    assert unknown.status == 400


def test_a_refused_approval_says_so(outside: Outside) -> None:
    told = outside.steer(
        "POST", "adminconsent", {"address": approval("exemple.cm"), "tenant": "exemple.cm", "deny": True}
    )
    assert parameters(told["location"])["error"] == "consent_required"
    assert outside.steer("POST", "adminconsent", {"address": approval("nowhere.example")})["aadsts"] == 90002


def test_discovery_advertises_microsofts_own_host(outside: Outside) -> None:
    found = outside.call("GET", "/microsoft/common/v2.0/.well-known/openid-configuration")
    assert found.body["token_endpoint"] == "https://login.microsoftonline.com/common/oauth2/v2.0/token"
    unknown = outside.call("GET", "/microsoft/nowhere.example/v2.0/.well-known/openid-configuration")
    assert (unknown.status, unknown.error, unknown.body["error_codes"]) == (400, "invalid_tenant", [90002])


def test_the_fragment_is_a_way_back_too(outside: Outside) -> None:
    decided = outside.call("POST", PLACE, b"choice=work&decision=accept", page(response_mode="fragment"))
    assert decided.headers["Location"].startswith(f"{REDIRECT}#code=")


def test_somebody_who_is_not_there_cannot_be_chosen(outside: Outside) -> None:
    assert outside.call("POST", PLACE, b"choice=nobody&decision=accept", page()).status == 400
