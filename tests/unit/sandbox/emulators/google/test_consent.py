"""What the person sees and decides, and where the browser goes."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from sandbox.emulators.google.consent import PATH
from sandbox.emulators.web import Request, Response
from tests.unit.sandbox.emulators.google.application import CALENDAR, HR, REDIRECT, Application

EMAIL = "https://www.googleapis.com/auth/userinfo.email"
EVENTS = f"{CALENDAR}.events"


def page(application: Application, **parameters: str | None) -> Response:
    query = dict(parse_qsl(urlsplit(application.address(**parameters)).query))
    return application.site.answer(Request("GET", PATH, query))


def submit(application: Application, shown: Response, *fields: tuple[str, str]) -> Response:
    """One of the page's forms."""
    query = re.search(r'name="query" value="([^"]*)"', shown.body.decode())
    assert query is not None
    body = urlencode([("query", query[1].replace("&amp;", "&")), *fields]).encode()
    return application.site.answer(Request("POST", PATH, body=body))


def arrival(response: Response) -> dict[str, str]:
    assert response.status == 302
    assert response.headers["Location"].startswith(f"{REDIRECT}?")
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def test_the_person_chooses_an_account_and_unticks_a_scope(application: Application) -> None:
    picker = page(application, scope=f"openid email {CALENDAR} {EVENTS}", prompt="consent select_account")
    assert HR in picker.body.decode()
    permissions = submit(application, picker, ("account", HR))
    text = permissions.body.decode()
    assert re.findall(r'type="checkbox" name="scope" value="([^"]+)" checked', text) == [CALENDAR, EVENTS]
    parameters = arrival(submit(application, permissions, ("account", HR), ("scope", EVENTS), ("decision", "approve")))
    assert parameters["scope"] == f"openid {EMAIL} {EVENTS}"
    assert parameters["state"] == "s"
    status, tokens = application.exchange(parameters["code"])
    assert (status, tokens["scope"]) == (200, f"openid {EMAIL} {EVENTS}")


def test_the_person_says_no(application: Application) -> None:
    permissions = submit(application, page(application), ("account", HR))
    denied = arrival(submit(application, permissions, ("account", HR), ("decision", "deny")))
    assert denied == {"error": "access_denied", "state": "s"}


def test_another_account_is_made_when_it_is_named(application: Application) -> None:
    permissions = submit(application, page(application), ("account", "new@exemple.cm"))
    assert "new@exemple.cm" in permissions.body.decode()


@pytest.mark.parametrize(
    ("signed_in", "parameters", "asked"),
    [
        (None, {}, "account"),
        (HR, {}, "permissions"),
        (HR, {"prompt": "consent select_account"}, "account"),
        (None, {"login_hint": HR}, "permissions"),
        ("perso@gmail.com", {"login_hint": HR}, "permissions"),
    ],
    ids=["nobody", "signed in", "to be chosen", "hinted", "hint before browser"],
)
def test_a_browser_that_is_signed_in_asks_nothing_unless_it_must(
    application: Application, signed_in: str | None, parameters: dict[str, str], asked: str
) -> None:
    application.faults(signed_in=signed_in)
    text = page(application, **parameters).body.decode()
    assert ("checkbox" in text) is (asked == "permissions")
    assert HR in text


def test_what_was_granted_before_is_not_asked_again(application: Application) -> None:
    application.connect()
    parameters = arrival(page(application, prompt=None, login_hint=HR))
    assert "code" in parameters
    silent = arrival(page(application, prompt="none", login_hint=HR, scope=f"openid email {CALENDAR}"))
    assert "code" in silent
    assert arrival(page(application, prompt="none"))["error"] == "interaction_required"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"client_id": None}, "invalid_client"),
        ({"redirect_uri": "nowhere"}, "redirect_uri_mismatch"),
        ({"redirect_uri": None}, "redirect_uri_mismatch"),
        ({"response_type": "token"}, "invalid_request"),
        ({"scope": None}, "invalid_request"),
        ({"scope": "https://elsewhere.example/x"}, "invalid_scope"),
        ({"access_type": "always"}, "invalid_request"),
        ({"prompt": "none consent"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": "c" * 43, "code_challenge_method": "S512"}, "invalid_request"),
    ],
)
def test_what_is_wrong_stays_on_googles_own_page(
    application: Application, parameters: dict[str, Any], code: str
) -> None:
    response = page(application, **parameters)
    assert response.status == 400
    assert code in response.body.decode()
    assert "Location" not in response.headers


def test_only_registered_addresses_are_redirected_to(application: Application) -> None:
    application.steer("PUT", "client", {"client_id": "client", "redirect_uris": [REDIRECT]})
    assert page(application).status == 200
    assert page(application, redirect_uri=f"{REDIRECT}/").status == 400
    assert page(application, client_id="other").status == 400


def test_a_decision_without_a_browser(application: Application) -> None:
    """Names of scopes may be short; what is needed for signing in stays."""
    both = f"openid email {CALENDAR} {EVENTS}"
    assert application.decide(application.address(scope=both), scopes=["calendar.events"])["scope"].endswith(EVENTS)
    assert application.decide(application.address(), deny=True)["error"] == "access_denied"
    assert application.decide(application.address(), deny="admin_policy_enforced")["error"] == "admin_policy_enforced"
    unticked = application.decide(application.address(scope=CALENDAR), scopes=[])
    assert unticked["error"] == "access_denied"
    stays = application.steer("POST", "authorize", {"address": "https://x.example/?client_id=c"})
    assert (stays["location"], stays["error"]) == (None, "redirect_uri_mismatch")


def test_earlier_grants_come_along_when_wished(application: Application) -> None:
    application.connect(scope=CALENDAR)
    wider = application.decide(application.address(scope=EVENTS, include_granted_scopes="true"))
    assert wider["scope"] == f"{EVENTS} {CALENDAR}"
    assert application.decide(application.address(scope=EVENTS))["scope"] == EVENTS


@pytest.mark.parametrize("language", ["fr", "en"])
def test_pages_speak_french_and_english(application: Application, language: str) -> None:
    text = page(application, hl=language).body.decode()
    assert f'<html lang="{language}">' in text
    assert {"fr": "Choisissez un compte", "en": "Choose an account"}[language] in text
