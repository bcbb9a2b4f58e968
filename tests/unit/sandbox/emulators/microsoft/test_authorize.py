"""What people meet on Microsoft's pages, and where these lead."""

import html
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.unit.sandbox.emulators.microsoft.conftest import REDIRECT, Answer, Outside, page, parameters

PLACE = "/microsoft/common/oauth2/v2.0/authorize"
FRENCH = "fr-FR,fr;q=0.9"


WORK, PERSONAL, GUEST, MANAGED = (
    "rh@exemple.cm",
    "awa.ndong@outlook.example",
    "invite@partenaire.example",
    "rh@ministere.example",
)


def offered(answer: Answer) -> list[str]:
    """The accounts on the page."""
    return re.findall(r'<button name="account" value="([^"]+)"', answer.body)


def post(outside: Outside, place: str = PLACE, query: dict[str, str] | None = None, **fields: str) -> Answer:
    """One of the page's forms."""
    form = {"query": urlencode(query or page()), **fields}
    return outside.call("POST", place, urlencode(form).encode(), headers={"accept-language": FRENCH})


def test_a_person_chooses_an_account_and_accepts(outside: Outside) -> None:
    shown = outside.call("GET", PLACE, query=page(prompt="select_account"), headers={"accept-language": FRENCH})
    assert shown.status == 200
    assert offered(shown) == [WORK, PERSONAL, GUEST, MANAGED]
    asked = post(outside, account=PERSONAL)
    assert "Accéder entièrement à vos calendriers (Calendars.ReadWrite)" in asked.body
    decided = post(outside, account=PERSONAL, decision="approve")
    assert decided.status == 302
    assert decided.headers["Location"].startswith(f"{REDIRECT}?")
    back = parameters(decided.headers["Location"])
    assert back["state"] == "s1"
    assert outside.redeem(back["code"]).body["token_type"] == "Bearer"


def test_who_declines_goes_back_without_a_code(outside: Outside) -> None:
    back = parameters(post(outside, account=WORK, decision="deny").headers["Location"])
    assert back["error"] == "access_denied"
    assert back["error_description"].startswith("AADSTS65004: ")
    assert "code" not in back
    assert outside.decide(deny=True)["error"] == "access_denied"


@pytest.mark.parametrize(
    ("tenant", "known"),
    [
        ("common", [WORK, PERSONAL, GUEST, MANAGED]),
        ("organizations", [WORK, GUEST, MANAGED]),
        ("consumers", [PERSONAL]),
        ("ministere.example", [MANAGED]),
    ],
)
def test_a_tenant_offers_its_own_people(outside: Outside, tenant: str, known: list[str]) -> None:
    shown = outside.call("GET", f"/microsoft/{tenant}/oauth2/v2.0/authorize", query=page())
    assert offered(shown) == known


def test_a_hint_names_the_account_unless_a_choice_is_wanted(outside: Outside) -> None:
    hinted = outside.call("GET", PLACE, query=page(login_hint="RH@exemple.cm"))
    assert offered(hinted) == []
    assert WORK in hinted.body
    assert "code" in outside.decide("", query={"login_hint": PERSONAL})
    chosen = outside.call("GET", PLACE, query=page(login_hint=WORK, prompt="select_account"))
    assert len(offered(chosen)) == 4


def signed_in(outside: Outside, account: str) -> dict[str, str]:
    """The browser's cookies after somebody accepted."""
    decided = post(outside, account=account, decision="approve")
    return {"cookie": decided.headers["Set-Cookie"].partition(";")[0]}


def test_a_browser_that_is_signed_in_is_asked_nothing_unless_prompt_says_so(outside: Outside) -> None:
    browser = signed_in(outside, PERSONAL)
    silent = outside.call("GET", PLACE, query=page(), headers=browser)
    assert silent.status == 302
    assert "code" in parameters(silent.headers["Location"])
    asked = outside.call("GET", PLACE, query=page(prompt="select_account"), headers=browser)
    assert len(offered(asked)) == 4
    more = outside.call("GET", PLACE, query=page(scope="User.Read Mail.Read"), headers=browser)
    assert (more.status, offered(more)) == (200, [])
    assert PERSONAL in more.body
    again = outside.call("GET", PLACE, query=page(prompt="consent"), headers=browser)
    assert again.status == 200


def test_prompt_none_shows_no_page(outside: Outside) -> None:
    strange = outside.call("GET", PLACE, query=page(prompt="none"))
    assert parameters(strange.headers["Location"])["error"] == "login_required"
    known = outside.call("GET", PLACE, query=page(prompt="none"), headers=signed_in(outside, WORK))
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
    assert offered(shown) == ["admin@exemple.cm", "admin@ministere.example"]
    assert "Administrator · exemple.cm" in shown.body
    administrator = "admin@exemple.cm"
    assert "Calendars.ReadWrite" in post(outside, place, APPROVAL, account=administrator).body
    back = parameters(post(outside, place, APPROVAL, account=administrator, decision="deny").headers["Location"])
    tenants = {each["domain"]: each["id"] for each in outside.steer("GET", "accounts")["tenants"]}
    assert (back["error"], back["tenant"], back["state"]) == ("consent_required", tenants["exemple.cm"], "s9")
    accepted = post(outside, place, APPROVAL, account=administrator, decision="approve")
    assert parameters(accepted.headers["Location"])["admin_consent"] == "True"
    for wrong in (PERSONAL, "nobody"):
        assert post(outside, place, APPROVAL, account=wrong, decision="approve").status == 400


def test_a_refused_approval_says_so(outside: Outside) -> None:
    told = outside.steer(
        "POST", "adminconsent", {"address": approval("exemple.cm"), "tenant": "exemple.cm", "deny": True}
    )
    assert parameters(told["location"])["error"] == "consent_required"
    assert outside.steer("POST", "adminconsent", {"address": approval("nowhere.example")})["aadsts"] == 90002
    assert outside.steer("POST", "adminconsent", {"address": approval("exemple.cm")})["aadsts"] == 50020


def test_discovery_advertises_microsofts_own_host(outside: Outside) -> None:
    found = outside.call("GET", "/microsoft/common/v2.0/.well-known/openid-configuration")
    assert found.body["token_endpoint"] == "https://login.microsoftonline.com/common/oauth2/v2.0/token"
    unknown = outside.call("GET", "/microsoft/nowhere.example/v2.0/.well-known/openid-configuration")
    assert (unknown.status, unknown.error, unknown.body["error_codes"]) == (400, "invalid_tenant", [90002])


def test_the_fragment_is_a_way_back_too(outside: Outside) -> None:
    decided = post(outside, query=page(response_mode="fragment"), account=WORK, decision="approve")
    assert decided.headers["Location"].startswith(f"{REDIRECT}#code=")


def test_any_address_may_be_typed_and_nothing_else(outside: Outside) -> None:
    assert "code" in parameters(post(outside, account="new@elsewhere.example", decision="approve").headers["Location"])
    assert post(outside, account="nobody", decision="approve").status == 400
    organisation = "/microsoft/exemple.cm/oauth2/v2.0/authorize"
    assert post(outside, organisation, account=PERSONAL).status == 400
