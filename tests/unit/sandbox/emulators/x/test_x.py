"""X: consent with PKCE, tokens that rotate, posts with their limits and prices."""

import base64
import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from sandbox.emulators.site import Site
from sandbox.emulators.web import Request, Response
from sandbox.emulators.x import consent
from sandbox.emulators.x.texts import cashtags, shown, weight

REDIRECT = "https://app.example/callback"
SCOPES = "tweet.read tweet.write users.read offline.access"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
HR = "rh@exemple.cm"
LINK = "https://intowork.co/carrieres/12-exemple/34-comptable?ref=p-56"


@dataclass
class Application:
    site: Site

    def steer(self, method: str, path: str, body: Any = None) -> Any:
        request = Request(method, f"/_emulator/x/{path}", body=json.dumps(body or {}).encode())
        response = self.site.answer(request)
        assert response.status < 400, response.body
        return json.loads(response.body)

    def faults(self, **switches: Any) -> None:
        self.steer("PUT", "faults", switches)

    def query(self, **more: str) -> dict[str, str]:
        usual = {"client_id": "app", "redirect_uri": REDIRECT, "response_type": "code", "scope": SCOPES, "state": "s"}
        return {**usual, "code_challenge": CHALLENGE, "code_challenge_method": "S256", **more}

    def decide(self, account: str = HR, wishes: Mapping[str, Any] | None = None, **more: str) -> dict[str, str]:
        address = f"https://x.example/i/oauth2/authorize?{urlencode(self.query(**more))}"
        answer = self.steer("POST", "authorize", {"address": address, "account": account, **(wishes or {})})
        return dict(parse_qsl(urlsplit(answer["location"]).query))

    def post(self, path: str, *, client: str = "app:secret", **fields: str) -> tuple[int, dict[str, Any]]:
        headers = {"authorization": f"Basic {base64.b64encode(client.encode()).decode()}"} if client else {}
        response = self.site.answer(Request("POST", f"/x{path}", {}, headers, urlencode(fields).encode()))
        return response.status, json.loads(response.body)

    def exchange(self, code: str, **more: str) -> tuple[int, dict[str, Any]]:
        usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        return self.post("/2/oauth2/token", **{**usual, **more})

    def refresh(self, token: str) -> tuple[int, dict[str, Any]]:
        return self.post("/2/oauth2/token", grant_type="refresh_token", refresh_token=token)

    def connect(self, account: str = HR, **more: str) -> dict[str, Any]:
        status, tokens = self.exchange(self.decide(account, None, **more)["code"])
        assert status == 200
        return tokens

    def send(self, method: str, path: str, token: str, body: Any = None, **query: str) -> Response:
        content = json.dumps(body).encode() if body is not None else b""
        headers = {"authorization": f"Bearer {token}"}
        return self.site.answer(Request(method, f"/x{path}", query, headers, content))

    def ask(self, method: str, path: str, token: str, body: Any = None, **query: str) -> tuple[int, dict[str, Any]]:
        response = self.send(method, path, token, body, **query)
        return response.status, json.loads(response.body)

    def tweet(self, token: str, text: str) -> tuple[int, dict[str, Any]]:
        return self.ask("POST", "/2/tweets", token, {"text": text})


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    site = Site(tmp_path)
    yield Application(site)
    site.close()


def test_a_person_agrees_on_a_page_of_xs_own(application: Application) -> None:
    page = application.site.answer(Request("GET", consent.PATH, application.query()))
    assert b"exemple_sa" in page.body
    raw = re.search(r'name="query" value="([^"]*)"', page.body.decode())
    assert raw is not None
    fields = {"query": raw[1].replace("&amp;", "&"), "account": HR}
    asked = application.site.answer(Request("POST", consent.PATH, body=urlencode(fields).encode()))
    assert b"tweet.write" in asked.body
    approved = urlencode({**fields, "decision": "approve"}).encode()
    location = application.site.answer(Request("POST", consent.PATH, body=approved)).headers["Location"]
    answered = dict(parse_qsl(urlsplit(location).query))
    assert (answered["state"], application.exchange(answered["code"])[0]) == ("s", 200)
    assert application.decide(wishes={"deny": True}) == {"error": "access_denied", "state": "s"}


@pytest.mark.parametrize(
    "wrong",
    [{"scope": "all"}, {"state": ""}, {"code_challenge": ""}, {"code_challenge_method": "S1"}, {"redirect_uri": "b"}],
)
def test_what_the_page_refuses_stays_on_it(application: Application, wrong: dict[str, str]) -> None:
    assert application.site.answer(Request("GET", consent.PATH, application.query(**wrong))).status == 400


def test_a_code_is_good_once_for_half_a_minute_and_its_verifier(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = application.decide()["code"]
    status, tokens = application.exchange(code)
    assert (status, tokens["expires_in"], tokens["scope"]) == (200, 7200, SCOPES)
    assert application.exchange(code)[1]["error_description"] == "Value passed for the authorization code was invalid."
    assert application.exchange(application.decide()["code"], code_verifier="w" * 64)[0] == 400
    assert application.exchange(application.decide()["code"], redirect_uri="https://b.org/")[0] == 400
    late, now = application.decide()["code"], time.time()
    monkeypatch.setattr(time, "time", lambda: now + 31)
    assert application.exchange(late)[0] == 400


def test_the_client_says_who_it_is_in_a_header(application: Application) -> None:
    application.steer("PUT", "client", {"client_id": "app", "client_secret": "secret"})
    code = application.decide()["code"]
    for client in ("", "app:wrong", "other:secret", "app:"):
        status, answer = application.post(
            "/2/oauth2/token", client=client, grant_type="refresh_token", refresh_token=code
        )
        assert (status, answer["error"]) == (401, "unauthorized_client")
    assert application.exchange(code)[0] == 200


def test_a_refresh_token_is_good_once(application: Application) -> None:
    first = application.connect()
    status, second = application.refresh(first["refresh_token"])
    assert (status, second["refresh_token"] != first["refresh_token"]) == (200, True)
    assert application.refresh(first["refresh_token"]) == (
        400,
        {"error": "invalid_request", "error_description": "Value passed for the token was invalid."},
    )
    assert application.refresh(second["refresh_token"])[0] == 200
    assert "refresh_token" not in application.connect(scope="tweet.read users.read")


def test_a_token_that_was_lost_on_the_way_is_lost(application: Application) -> None:
    first = application.connect()
    application.faults(only="token.refresh", drop_after=1.0)
    body = urlencode({"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}).encode()
    headers = {"authorization": f"Basic {base64.b64encode(b'app:secret').decode()}"}
    assert application.site.answer(Request("POST", "/x/2/oauth2/token", {}, headers, body)).dropped
    application.faults()
    assert application.refresh(first["refresh_token"])[0] == 400


def test_tokens_end(application: Application) -> None:
    tokens = application.connect()
    assert application.ask("GET", "/2/users/me", tokens["access_token"])[1]["data"]["username"] == "exemple_sa"
    application.steer("POST", "tokens/expire", {"account": HR})
    assert application.ask("GET", "/2/users/me", tokens["access_token"])[0] == 401
    fresh = application.refresh(tokens["refresh_token"])[1]
    application.post("/2/oauth2/revoke", token=fresh["access_token"])
    assert application.ask("GET", "/2/users/me", fresh["access_token"])[0] == 401
    application.steer("POST", f"grants/{HR}/revoke")
    assert application.refresh(fresh["refresh_token"])[0] == 400
    assert {each["kind"] for each in application.steer("GET", "grants")["grants"]} == {"access", "refresh"}


def test_a_post_is_made_found_counted_and_deleted(application: Application) -> None:
    token = application.connect()["access_token"]
    person = application.ask("GET", "/2/users/me", token)[1]["data"]["id"]
    status, made = application.tweet(token, f"Comptable à Douala\n{LINK}")
    identifier = made["data"]["id"]
    assert (status, LINK in made["data"]["text"], "https://t.co/" in made["data"]["text"]) == (201, False, True)
    fields = {"tweet.fields": "created_at,entities,public_metrics"}
    _, found = application.ask("GET", f"/2/users/{person}/tweets", token, max_results="5", **fields)
    assert found["data"][0]["entities"]["urls"][0]["expanded_url"] == LINK
    assert found["meta"] == {"result_count": 1, "newest_id": identifier, "oldest_id": identifier}
    application.steer("POST", f"posts/{identifier}", {"like_count": 2})
    _, read = application.ask("GET", "/2/tweets", token, ids=f"{identifier},1", **fields)
    assert read["data"][0]["public_metrics"]["like_count"] == 2
    assert read["errors"][0]["resource_id"] == "1"
    assert application.ask("DELETE", f"/2/tweets/{identifier}", token) == (200, {"data": {"deleted": True}})
    assert application.ask("DELETE", f"/2/tweets/{identifier}", token)[0] == 404
    assert application.ask("GET", f"/2/users/{person}/tweets", token) == (200, {"meta": {"result_count": 0}})
    assert application.ask("GET", f"/2/users/{person}/tweets", token, max_results="4")[0] == 400
    assert application.steer("GET", "spent")["spent"] == 0.21


def test_the_same_is_not_said_twice_not_even_when_it_was_deleted(application: Application) -> None:
    token = application.connect()["access_token"]
    made = application.tweet(token, "Bonjour")[1]["data"]["id"]
    application.ask("DELETE", f"/2/tweets/{made}", token)
    status, answer = application.tweet(token, "Bonjour")
    assert (status, answer["detail"]) == (403, "You are not allowed to create a Tweet with duplicate content.")
    assert "id" not in answer
    other = application.connect("direction@exemple.cm")["access_token"]
    theirs = application.tweet(other, "Bonjour")[1]["data"]["id"]
    assert application.ask("DELETE", f"/2/tweets/{theirs}", token)[0] == 403


def test_content_and_people_that_are_refused(application: Application) -> None:
    token = application.connect()["access_token"]
    assert application.tweet(token, "x" * 281)[0] == 400
    assert application.tweet(token, "Vendre $AAPL et $TSLA")[0] == 403
    assert application.tweet(token, " ")[0] == 400
    assert application.tweet(application.connect(scope="tweet.read users.read")["access_token"], "a")[0] == 403
    application.steer("PUT", f"accounts/{HR}", {"suspended": True})
    assert application.tweet(token, "a")[1]["detail"].startswith("Your account is suspended")


def test_credits_are_used_up(application: Application) -> None:
    token = application.connect()["access_token"]
    application.faults(credits=0.2)
    assert application.tweet(token, LINK)[0] == 201
    status, answer = application.tweet(token, "a")
    assert (status, answer["title"]) == (402, "CreditsDepleted")
    application.faults(credits=1, not_enrolled=True)
    assert application.tweet(token, "a")[1]["reason"] == "client-not-enrolled"
    application.faults(usage_capped=True)
    assert application.tweet(token, "a")[1]["title"] == "UsageCapExceeded"


def test_calls_are_counted_by_the_quarter_of_an_hour(application: Application) -> None:
    token = application.connect()["access_token"]
    application.faults(window_calls=2)
    for text, remaining in (("a", "1"), ("b", "0")):
        response = application.send("POST", "/2/tweets", token, {"text": text})
        assert (response.status, response.headers["x-rate-limit-remaining"]) == (201, remaining)
    refused = application.send("POST", "/2/tweets", token, {"text": "c"})
    assert refused.status == 429
    assert 0 < int(refused.headers["x-rate-limit-reset"]) - time.time() <= 902
    application.faults(rate_limit=1.0, reset_in=60)
    refused = application.send("GET", "/2/users/me", token)
    assert (refused.status, 50 < int(refused.headers["x-rate-limit-reset"]) - time.time() < 70) == (429, True)


def test_a_post_may_be_recorded_although_nobody_says_so(application: Application) -> None:
    token = application.connect()["access_token"]
    application.faults(only="tweets.create", error_5xx_after=1.0)
    assert application.tweet(token, "a")[0] == 503
    application.faults(only="tweets.create", hang_after=1.0, hang_seconds=0.01, timeline_delay=3600)
    assert application.send("POST", "/2/tweets", token, {"text": "b"}).dropped
    assert [each["text"] for each in application.steer("GET", "posts")["posts"]] == ["a", "b"]
    person = application.ask("GET", "/2/users/me", token)[1]["data"]["id"]
    assert application.ask("GET", f"/2/users/{person}/tweets", token)[1]["meta"]["result_count"] == 1
    assert b"@exemple_sa" in application.site.answer(Request("GET", "/feed/x")).body


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bonjour", 7),
        ("é", 1),
        ("e\u0301", 1),
        ("日本", 4),
        ("👩‍💻", 2),
        ("🇨🇲🇫🇷", 4),
        ("1️⃣", 2),
        ("✅ oui", 6),
        ("«\u2019»…", 5),
        (LINK, 23),
        (f"a {LINK}.", 26),
        ("intowork.co", 23),
        ("Node.js", 7),
        ("http://127.0.0.1:5080/carrieres", 31),
    ],
)
def test_weights(text: str, expected: int) -> None:
    assert weight(text) == expected


def test_cashtags_and_short_addresses() -> None:
    assert cashtags("$AAPL, $BRK.B et $5 ou US$CAD") == 2
    assert len(shown(LINK)) == 23
    assert shown("rien") == "rien"


def test_paths_and_steering_that_make_no_sense(application: Application) -> None:
    assert application.site.answer(Request("GET", "/x/2/nothing")).status == 404
    assert application.site.answer(Request("GET", "/x/2/oauth2/token")).status == 405
    assert application.exchange("c", grant_type="magic")[0] == 400
    for method, path, body in (
        ("PUT", "faults", {"surprise": 1}),
        ("PUT", "client", {"surprise": 1}),
        ("PUT", f"accounts/{HR}", {"surprise": 1}),
        ("PUT", f"accounts/{HR}", {"username": "é"}),
        ("PUT", "accounts/nobody", {}),
        ("POST", "posts/1", {"like_count": 1}),
        ("DELETE", "posts/1", {}),
    ):
        request = Request(method, f"/_emulator/x/{path}", body=json.dumps(body).encode())
        assert application.site.answer(request).status == 422
