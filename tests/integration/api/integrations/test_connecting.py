"""Connecting an account: where consent begins, what comes back, and that a state is good for one person and one use."""

import base64
import hashlib
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from flask_openapi.openapi import OpenAPI

from api_min import sessions
from api_min.actions import integrations
from api_min.auth import Caller
from api_min.sessions import Session
from tests.factories.api import Api
from tests.integration.api.integrations.conftest import (
    ACCOUNT,
    COLLEAGUE,
    COMPANY,
    FOREIGNER,
    RECRUITER,
    URL,
    Connecting,
    asked,
    new_event,
    told,
)
from worker.catalogue.integrations import EXCHANGE_CODE
from worker.kit.settings import Settings

BEGUN = {"provider": "google-calendar", "success": "true"}


def test_a_google_account_is_connected(connecting: Connecting) -> None:
    answer = connecting.connect()
    assert told(answer) == BEGUN
    assert answer.headers["Location"].startswith("https://intowork.example/dashboard/integrations?")
    shown = connecting.status()["google_calendar"]
    assert (shown["is_connected"], shown["state"], shown["account"]) == (True, "connected", ACCOUNT)
    assert shown["connected_at"].endswith("+00:00")
    [row] = connecting.credentials()
    assert (row["company_id"], row["user_id"], row["is_active"]) == (COMPANY, RECRUITER, True)
    assert row["token_expires_at"] > row["connected_at"]
    runs = connecting.rows("select payload, result from task_runs where task = %s", EXCHANGE_CODE.name)
    assert runs == [
        {"payload": {"state_id": 1}, "result": {"connected": True, "credential_id": row["id"], "reason": None}}
    ]
    for column in ("access_token", "refresh_token"):
        assert row[column].startswith("gAAAAA")
        assert len(connecting.vault.open(row[column])) > 10


def test_the_consent_page_is_asked_with_a_state_a_challenge_and_a_choice_of_accounts(connecting: Connecting) -> None:
    first, second = asked(connecting.begin()), asked(connecting.begin())
    assert first["state"] != second["state"]
    assert len(base64.urlsafe_b64decode(first["state"] + "=")) >= 16
    assert set(first["prompt"].split()) == {"consent", "select_account"}
    assert (first["access_type"], first["code_challenge_method"], first["response_type"]) == ("offline", "S256", "code")
    assert first["redirect_uri"] == "https://platform.example/api/integrations/google-calendar/callback"
    stored = connecting.rows("select state_hash, secrets, expires_at - created_at as life from oauth_states")
    assert {bytes(row["state_hash"]) for row in stored} == {
        hashlib.sha256(each["state"].encode()).digest() for each in (first, second)
    }
    assert all(row["secrets"].startswith("gAAAAA") and row["life"].total_seconds() == 600 for row in stored)


def test_a_lost_account_is_asked_for_by_name_and_kept_until_another_one_is_there(connecting: Connecting) -> None:
    connecting.connect()
    connecting.api.database.autocommit("update integration_credentials set state = 'needs_reconnect'", {})
    before = connecting.credentials()
    again = asked(connecting.begin())
    assert again["login_hint"] == ACCOUNT
    assert again["prompt"] == "consent"
    connecting.connect(deny=True)
    assert connecting.credentials() == before
    connecting.connect(account="perso@exemple.cm")
    shown = connecting.status()["google_calendar"]
    assert (shown["is_connected"], shown["account"]) == (True, "perso@exemple.cm")


def test_the_same_account_is_connected_again_in_its_row(connecting: Connecting) -> None:
    connecting.connect()
    [before] = connecting.credentials()
    connecting.connect()
    [after] = connecting.credentials()
    assert (after["id"], after["state"]) == (before["id"], "connected")
    assert after["token_version"] > before["token_version"]


def test_another_account_takes_the_place_without_touching_what_was_made_with_the_first(connecting: Connecting) -> None:
    connecting.connect()
    connecting.connect(account="perso@exemple.cm")
    first, second = connecting.credentials()
    assert (first["account_label"], first["state"], first["is_active"]) == (ACCOUNT, "disconnected", False)
    assert (second["account_label"], second["state"]) == ("perso@exemple.cm", "connected")
    assert connecting.status()["google_calendar"]["account"] == "perso@exemple.cm"


def test_two_recruiters_may_connect_one_account(connecting: Connecting) -> None:
    connecting.connect()
    connecting.connect(user_id=COLLEAGUE)
    assert [(row["user_id"], row["state"]) for row in connecting.credentials()] == [
        (RECRUITER, "connected"),
        (COLLEAGUE, "connected"),
    ]


def test_a_linkedin_account_is_the_companys(connecting: Connecting) -> None:
    assert told(connecting.connect("linkedin"))["success"] == "true"
    connecting.connect("linkedin", user_id=COLLEAGUE)
    assert [row["user_id"] for row in connecting.credentials() if row["is_active"]] == [COLLEAGUE]
    assert connecting.status()["linkedin"]["is_connected"]


def test_a_calendar_that_was_not_granted_is_not_connected(connecting: Connecting) -> None:
    answer = told(connecting.connect(scopes=["openid", "https://www.googleapis.com/auth/userinfo.email"]))
    assert answer["success"] == "false"
    assert "cases" in answer["error"]
    shown = connecting.status()["google_calendar"]
    assert (shown["is_connected"], shown["state"]) == (False, "error")
    assert shown["reason"] == (
        "L’accès au calendrier n’a pas été donné. Reconnectez Google Calendar en laissant cochées les cases de sa page."
    )
    english = connecting.recruiter.get(f"{URL}/status?lang=en").json["google_calendar"]["reason"]
    assert english == (
        "Access to the calendar was not granted. Connect Google Calendar again and leave the boxes on its page ticked."
    )
    assert connecting.credentials()[0]["last_error"] == english, "as errors of runs say it"
    refused = connecting.recruiter.post(f"{URL}/google-calendar/create-event", new_event(connecting))
    assert (refused.status_code, "pas connecté" in refused.json["detail"]) == (400, True)
    calls = connecting.google.counters()
    assert not [name for name in calls if name.startswith(("events", "freebusy"))]
    assert connecting.recruiter.call("DELETE", f"{URL}/google-calendar/disconnect").status_code == 200
    assert connecting.status()["google_calendar"]["state"] == "disconnected"


def test_a_grant_that_lacks_free_busy_says_so(connecting: Connecting) -> None:
    connecting.connect(scopes=["openid", "email", "https://www.googleapis.com/auth/calendar.events"])
    shown = connecting.status()["google_calendar"]
    assert shown["is_connected"]
    assert "disponibilités n’a pas été donné" in shown["reason"]


def test_a_worse_grant_does_not_replace_one_that_works(connecting: Connecting) -> None:
    connecting.connect()
    [before] = connecting.credentials()
    worse = connecting.connect(account="perso@exemple.cm", scopes=["openid", "email"])
    assert told(worse)["success"] == "false"
    assert connecting.credentials() == [before]


def test_a_refusal_connects_nothing(connecting: Connecting) -> None:
    answer = told(connecting.connect(deny=True))
    assert answer["success"] == "false"
    assert "rien n’a été connecté" in answer["error"]
    assert connecting.credentials() == []


def test_a_state_is_good_for_one_use(connecting: Connecting) -> None:
    location = connecting.google.authorize(connecting.begin(), ACCOUNT)
    assert location
    assert told(connecting.come_back(location))["success"] == "true"
    again = told(connecting.come_back(location))
    assert "déjà servi" in again["error"]
    assert connecting.google.counters()["token.code"] == 1
    assert connecting.rows("select secrets from oauth_states") == [{"secrets": None}]


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        ("update oauth_states set expires_at = now()", "a expiré"),
        ("update oauth_states set provider = 'linkedin'", "n’est pas valable"),
        ("delete from oauth_states", "n’est pas valable"),
    ],
)
def test_a_state_that_is_old_foreign_or_unknown_connects_nothing(
    connecting: Connecting, spoiled: str, said: str
) -> None:
    location = connecting.google.authorize(connecting.begin(), ACCOUNT)
    connecting.api.database.autocommit(spoiled, {})
    assert location
    assert said in told(connecting.come_back(location))["error"]
    assert connecting.credentials() == []
    assert "token.code" not in connecting.google.counters()


@pytest.mark.parametrize("query", ["", "?state=", "?code=x", f"?state={'x' * 5000}&code=x", "?state=%00&code=%ff"])
def test_a_callback_is_never_an_error(connecting: Connecting, query: str) -> None:
    answer = connecting.api.app.test_client().get(f"{URL}/google-calendar/callback{query}")
    assert told(answer)["success"] == "false"
    assert connecting.credentials() == []


def test_a_flow_that_began_on_a_page_ends_in_its_own_browser(connecting: Connecting, api: Api) -> None:
    """What another person's browser brings back is refused, and nothing is stored."""
    app: OpenAPI = api.app
    mine, theirs = Session(RECRUITER, "a session"), Session(FOREIGNER, "another session")
    for session, expected in ((theirs, "false"), (None, "false"), (mine, "true")):
        location = connecting.google.authorize(begun_on_a_page(app, mine), ACCOUNT)
        assert location
        with connecting.working():
            answer = browser(app, connecting, session).get(location.removeprefix("https://platform.example"))
        assert told(answer)["success"] == expected
        if session is not mine:
            assert "autre navigateur" in told(answer)["error"]
            assert connecting.credentials() == []
    assert connecting.notifications() == [], "a page's flow is bound to its browser: nobody has to be told"


def begun_on_a_page(app: OpenAPI, session: Session) -> str:
    with app.test_request_context():
        provider = integrations.provider_of("google-calendar")
        who = Caller("user", str(session.user_id), user_id=session.user_id, role="employer")
        return integrations.begin(who, provider, session=session.id).address


def browser(app: OpenAPI, connecting: Connecting, session: Session | None) -> FlaskClient:
    client = app.test_client()
    if session is not None:
        with app.test_request_context():
            response = app.make_response("")
            sessions.set_cookie(response, connecting.settings, session)
        name, _, rest = response.headers["Set-Cookie"].partition("=")
        client.set_cookie(name, rest.partition(";")[0], domain="localhost")
    return client


def test_what_began_through_the_api_is_told_to_every_recruiter(connecting: Connecting) -> None:
    connecting.connect()
    connecting.work()
    told_to = {row["user_id"]: row for row in connecting.notifications()}
    assert set(told_to) == {RECRUITER, COLLEAGUE}
    assert ACCOUNT in told_to[COLLEAGUE]["message"]
    assert told_to[COLLEAGUE]["type"] == "SYSTEM"


def test_a_provider_that_is_not_configured_is_503_and_the_others_work(
    connecting: Connecting, make_app: Callable[[Settings], OpenAPI]
) -> None:
    app = make_app(connecting.settings.model_copy(update={"microsoft_client_secret": None}))
    api = Api(app, app.test_client(), connecting.api.database, connecting.api.worker, connecting.recruiter.headers)
    answer = api.get(f"{URL}/outlook/auth-url")
    assert answer.status_code == 503
    assert "MICROSOFT_CLIENT_SECRET" in answer.json["detail"]
    assert "pas encore d’application chez Outlook" in api.get(f"{URL}/status").json["outlook_calendar"]["reason"]
    assert api.get(f"{URL}/google-calendar/auth-url").status_code == 200


def test_names_of_providers_take_dash_and_underscore(connecting: Connecting) -> None:
    for name in ("google-calendar", "google_calendar", "GOOGLE_CALENDAR"):
        assert connecting.recruiter.get(f"{URL}/{name}/auth-url").json["provider"] == "google_calendar"
    for name in ("outlook", "outlook_calendar", "google-calendar", "linkedin"):
        assert connecting.recruiter.call("DELETE", f"{URL}/{name}/disconnect").status_code == 200
    assert connecting.recruiter.get(f"{URL}/custom/auth-url").status_code == 400
    assert connecting.recruiter.get(f"{URL}/jobberman/auth-url").status_code == 400


def test_only_employers_connect(connecting: Connecting) -> None:
    for method, path in (("GET", "status"), ("GET", "linkedin/auth-url"), ("DELETE", "linkedin/disconnect")):
        assert connecting.user(2).call(method, f"{URL}/{path}").status_code == 403
        assert connecting.api.app.test_client().open(f"{URL}/{path}", method=method).status_code == 401


def test_another_companys_connection_is_not_seen_and_not_ended(connecting: Connecting) -> None:
    connecting.connect()
    assert not connecting.status(FOREIGNER)["google_calendar"]["is_connected"]
    connecting.user(FOREIGNER).call("DELETE", f"{URL}/google-calendar/disconnect")
    assert connecting.status()["google_calendar"]["is_connected"]


def test_a_useless_grant_does_not_hide_the_companys_connection(connecting: Connecting) -> None:
    connecting.connect("linkedin", scopes=["r_basicprofile"])
    connecting.connect("linkedin", user_id=COLLEAGUE, account="direction@exemple.cm")
    assert connecting.status()["linkedin"]["is_connected"]


def test_a_colleagues_lost_account_is_not_asked_for(connecting: Connecting) -> None:
    connecting.connect(user_id=COLLEAGUE)
    connecting.api.database.autocommit("update integration_credentials set state = 'needs_reconnect'", {})
    first = asked(connecting.begin())
    assert "login_hint" not in first
    assert "select_account" in first["prompt"]


def test_the_account_before_is_ended_at_its_provider(connecting: Connecting) -> None:
    connecting.connect()
    connecting.connect(account="perso@exemple.cm")
    connecting.work()
    assert connecting.google.counters()["revoke"] == 1
    first, second = connecting.credentials()
    assert (first["access_token"], second["state"]) == ("", "connected")


def test_a_code_that_is_kept_has_its_run(connecting: Connecting) -> None:
    """Both or none: a state that is used up without a run could never be finished."""
    location = connecting.google.authorize(connecting.begin(), ACCOUNT)
    assert location
    connecting.api.database.autocommit("delete from task_catalogue where name = 'integrations.exchange_code'", {})
    answer = connecting.api.app.test_client().get(location.removeprefix("https://platform.example"))
    assert answer.status_code == 500
    assert connecting.rows("select used_at from oauth_states") == [{"used_at": None}]
