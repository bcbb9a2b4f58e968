"""MSAL signs people in and refreshes at the emulator as it does at Microsoft."""

import json
import warnings
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msal
import pytest
import requests

from tests.contracts.microsoft.conftest import MakeApplication
from tests.contracts.microsoft.support import HOST
from tests.factories.emulators import MicrosoftEmulator

SCOPES = ["User.Read", "Calendars.ReadWrite"]
REDIRECT = "https://platform.example.org/api/integrations/outlook/callback"


def begun(application: msal.ConfidentialClientApplication, **more: Any) -> dict[str, Any]:
    with warnings.catch_warnings():
        # Every response_mode but form_post is warned about; a cross-site POST would come without our cookie.
        warnings.simplefilter("ignore", UserWarning)
        flow: dict[str, Any] = application.initiate_auth_code_flow(
            SCOPES, redirect_uri=REDIRECT, response_mode="query", **more
        )
    return flow


def parameters(location: str | None) -> dict[str, str]:
    assert location is not None
    return dict(parse_qsl(urlsplit(location).query))


def signed_in(
    microsoft: MicrosoftEmulator, application: msal.ConfidentialClientApplication, account: str = "work"
) -> Mapping[str, Any]:
    flow = begun(application)
    back = parameters(microsoft.authorize(flow["auth_uri"], account))
    told: Mapping[str, Any] = application.acquire_token_by_auth_code_flow(flow, back)
    assert "access_token" in told, told
    return told


@pytest.mark.parametrize(("account", "address"), [("work", "rh@exemple.cm"), ("personal", "awa.ndong@outlook.example")])
def test_a_flow_and_a_refresh_lead_to_the_persons_calendar(
    microsoft: MicrosoftEmulator, make_application: MakeApplication, account: str, address: str
) -> None:
    application = make_application()
    flow = begun(application, prompt="select_account", login_hint=address)
    assert flow["auth_uri"].startswith(f"{HOST}/common/oauth2/v2.0/authorize?")
    told = application.acquire_token_by_auth_code_flow(flow, parameters(microsoft.authorize(flow["auth_uri"], account)))
    assert told["id_token_claims"]["preferred_username"] == address
    assert set(told["scope"].split()) == {*SCOPES, "openid", "profile"}
    fresh = make_application().acquire_token_by_refresh_token(told["refresh_token"], SCOPES)
    assert fresh["refresh_token"] != told["refresh_token"]
    answer = requests.get(
        f"{microsoft.graph_url}/me/calendar", headers={"Authorization": f"Bearer {fresh['access_token']}"}, timeout=5
    )
    assert answer.json()["owner"]["address"] == address
    assert microsoft.counters()["token.refresh"] == 1


def test_the_page_itself_leads_back(microsoft: MicrosoftEmulator, make_application: MakeApplication) -> None:
    application = make_application()
    flow = begun(application)
    address = flow["auth_uri"].replace(HOST, microsoft.identity_url)
    with requests.Session() as browser:
        assert 'value="rh@exemple.cm"' in browser.get(address, timeout=5).text
        place, _, query = address.partition("?")
        form = {"query": query, "account": "rh@exemple.cm", "decision": "approve"}
        decided = browser.post(f"{place}?", data=form, allow_redirects=False, timeout=5)
        assert browser.cookies
        silent = browser.get(address, allow_redirects=False, timeout=5)
    assert silent.status_code == 302
    told = application.acquire_token_by_auth_code_flow(flow, parameters(decided.headers["Location"]))
    assert told["token_type"] == "Bearer"


def test_an_account_is_known_from_the_answer(microsoft: MicrosoftEmulator, make_application: MakeApplication) -> None:
    application = make_application()
    told = signed_in(microsoft, application)
    (account,) = application.get_accounts()
    assert account["username"] == "rh@exemple.cm"
    silent = application.acquire_token_silent(SCOPES, account)
    assert silent["access_token"] == told["access_token"]
    renewed = application.acquire_token_silent(SCOPES, account, force_refresh=True)
    assert renewed["access_token"] != told["access_token"]


def test_a_nonce_of_another_flow_is_noticed(microsoft: MicrosoftEmulator, make_application: MakeApplication) -> None:
    application = make_application()
    flow, other = begun(application), begun(application)
    changed = flow["auth_uri"].replace(parameters(flow["auth_uri"])["nonce"], parameters(other["auth_uri"])["nonce"])
    with pytest.raises(RuntimeError, match="nonce"):
        application.acquire_token_by_auth_code_flow(flow, parameters(microsoft.authorize(changed, "work")))


def test_a_refusal_comes_back_as_values(microsoft: MicrosoftEmulator, make_application: MakeApplication) -> None:
    token = signed_in(microsoft, make_application())["refresh_token"]
    microsoft.faults(token_error=50076)
    told = make_application().acquire_token_by_refresh_token(token, SCOPES)
    assert (told["error"], told["suberror"], told["error_codes"]) == ("interaction_required", "basic_action", [50076])
    assert json.loads(told["claims"])
    microsoft.faults()
    microsoft.steer("POST", "grants/work/revoke")
    revoked = make_application().acquire_token_by_refresh_token(token, SCOPES)
    assert (revoked["error"], revoked["error_codes"]) == ("invalid_grant", [50173])


def test_a_person_who_declines_or_may_not_consent(
    microsoft: MicrosoftEmulator, make_application: MakeApplication
) -> None:
    application = make_application()
    flow = begun(application)
    declined = parameters(microsoft.authorize(flow["auth_uri"], "work", deny=True))
    assert application.acquire_token_by_auth_code_flow(flow, declined)["error"] == "access_denied"
    flow = begun(application)
    forbidden = parameters(microsoft.authorize(flow["auth_uri"], "managed"))
    told = application.acquire_token_by_auth_code_flow(flow, forbidden)
    assert told["error_description"].startswith("AADSTS90094")


@pytest.mark.parametrize(
    ("switch", "raised"),
    [
        ("rate_limit_html", json.JSONDecodeError),
        ("error_5xx", msal.exceptions.MsalServiceError),
        ("drop_before", requests.ConnectionError),
        ("drop_after", requests.ConnectionError),
    ],
)
def test_outages_reach_the_caller_as_they_do_from_microsoft(
    microsoft: MicrosoftEmulator, make_application: MakeApplication, switch: str, raised: type[Exception]
) -> None:
    token = signed_in(microsoft, make_application())["refresh_token"]
    microsoft.faults(**{switch: 1}, only="token.refresh")
    with pytest.raises(raised):
        make_application().acquire_token_by_refresh_token(token, SCOPES)
    microsoft.faults()
    assert make_application().acquire_token_by_refresh_token(token, SCOPES)["access_token"]
