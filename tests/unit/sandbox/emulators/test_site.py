"""All emulators together."""

import json
from base64 import b64encode
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from sandbox.emulators.site import Scene, Site
from sandbox.emulators.web import Request

MAIL = Request(
    "POST",
    "/resend/emails",
    headers={"authorization": "Bearer re_key", "user-agent": "test"},
    body=json.dumps({"from": "a@example.org", "to": "b@example.org", "subject": "s", "text": "t"}).encode(),
)
QUESTION = Request(
    "POST",
    "/anthropic/v1/messages",
    headers={"x-api-key": "sk-ant-test", "anthropic-version": "2023-06-01"},
    body=json.dumps(
        {
            "model": "claude-x",
            "max_tokens": 1,
            "messages": [{"role": "user", "content": "?"}],
            "tools": [{"name": "propose"}],
            "tool_choice": {"name": "propose"},
        }
    ).encode(),
)
SCOPES = {
    "google": "openid",
    "linkedin": "r_basicprofile",
    "microsoft": "User.Read",
    "facebook": "pages_show_list",
    "x": f"users.read&state=s&code_challenge={'v' * 43}",
}
TOKENS = {
    "google": "/google/token",
    "linkedin": "/linkedin/oauth/v2/accessToken",
    "microsoft": "/microsoft/common/oauth2/v2.0/token",
    "facebook": "/facebook/graph/v26.0/oauth/access_token",
    "x": "/x/2/oauth2/token",
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.close()


def told(site: Site, path: str) -> Any:
    return json.loads(site.answer(Request("GET", f"/_emulator/{path}")).body)


@pytest.mark.parametrize(
    ("request_", "path", "member", "nothing"),
    [(MAIL, "resend/counts", "accepted", 0), (QUESTION, "anthropic/requests", "requests", [])],
    ids=["resend", "anthropic"],
)
def test_what_began_before_a_reset_is_not_seen_after_it(
    site: Site, request_: Request, path: str, member: str, nothing: object
) -> None:
    began: Scene = site.scene
    assert site.answer(Request("POST", "/_emulator/reset")).status == HTTPStatus.NO_CONTENT
    began.answer(request_)
    assert told(site, "journal")["total"] == 0
    assert told(site, path)[member] == nothing
    site.answer(request_)
    assert told(site, "journal")["total"] == 1
    assert told(site, path)[member] != nothing


@pytest.mark.parametrize("provider", SCOPES)
def test_a_reset_forgets_calls_and_consents(site: Site, provider: str) -> None:
    address = (
        f"https://x.example/?client_id=c&response_type=code&redirect_uri=https://app.example/&scope={SCOPES[provider]}"
    )
    decision = Request("POST", f"/_emulator/{provider}/authorize", body=json.dumps({"address": address}).encode())
    code = json.loads(site.answer(decision).body)["location"].partition("code=")[2].partition("&")[0]
    fields = f"grant_type=authorization_code&client_id=c&client_secret=s&redirect_uri=https://app.example/&code={code}"
    headers = {"authorization": f"Basic {b64encode(b'c:s').decode()}"} if provider == "x" else {}
    exchange = Request("POST", TOKENS[provider], headers=headers, body=fields.encode())
    site.answer(Request("POST", "/_emulator/reset"))
    assert site.answer(exchange).status == HTTPStatus.BAD_REQUEST
    assert told(site, f"{provider}/counters") == {"token.code": 1}
    site.answer(Request("POST", "/_emulator/reset"))
    assert told(site, f"{provider}/counters") == {}


def test_a_reset_puts_the_switches_back(site: Site) -> None:
    site.answer(Request("PUT", "/_emulator/resend/faults", body=b'{"error_5xx": 1.0}'))
    site.answer(Request("POST", "/_emulator/reset"))
    assert told(site, "resend/faults")["error_5xx"] == 0.0
