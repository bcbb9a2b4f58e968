"""Facebook: the dialog, tokens of people and pages, and posts with their refusals."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from sandbox.emulators.facebook.consent import PATH
from sandbox.emulators.site import Site
from sandbox.emulators.web import Request, Response

REDIRECT = "https://app.example/callback"
SCOPES = "pages_show_list,pages_manage_posts,pages_read_engagement"
HR, DIRECTION = "rh@exemple.cm", "direction@exemple.cm"
PAGE, OTHER_PAGE = "106541988990001", "106541988990002"
POST = {
    "message": "Comptable\n\nhttps://intowork.co/carrieres/1?ref=p-1",
    "link": "https://intowork.co/carrieres/1?ref=p-1",
}


@dataclass
class Application:
    site: Site

    def steer(self, method: str, path: str, body: Any = None) -> Any:
        request = Request(method, f"/_emulator/facebook/{path}", body=json.dumps(body or {}).encode())
        response = self.site.answer(request)
        assert response.status < 400, response.body
        return json.loads(response.body)

    def faults(self, **switches: Any) -> None:
        self.steer("PUT", "faults", switches)

    def decide(self, account: str = HR, wishes: Mapping[str, Any] | None = None, **more: str) -> dict[str, str]:
        query = {"client_id": "app", "redirect_uri": REDIRECT, "scope": SCOPES, "state": "s", **more}
        address = f"https://www.facebook.example/dialog/oauth?{urlencode(query)}"
        answer = self.steer("POST", "authorize", {"address": address, "account": account, **(wishes or {})})
        return dict(parse_qsl(urlsplit(answer["location"]).query))

    def send(self, method: str, path: str, token: str = "", version: str = "v26.0", **fields: str) -> Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        body = urlencode(fields).encode() if method == "POST" else b""
        query = {} if method == "POST" else fields
        return self.site.answer(Request(method, f"/facebook/graph/{version}{path}", query, headers, body))

    def ask(self, method: str, path: str, token: str = "", **fields: str) -> tuple[int, dict[str, Any]]:
        response = self.send(method, path, token, **fields)
        return response.status, json.loads(response.body)

    def exchange(self, code: str, **more: str) -> tuple[int, dict[str, Any]]:
        fields = {"client_id": "app", "client_secret": "secret", "redirect_uri": REDIRECT, "code": code, **more}
        return self.ask("POST", "/oauth/access_token", **fields)

    def lengthen(self, token: str) -> dict[str, Any]:
        fields = {"client_id": "app", "client_secret": "secret", "grant_type": "fb_exchange_token"}
        status, answer = self.ask("POST", "/oauth/access_token", fb_exchange_token=token, **fields)
        assert status == 200
        return answer

    def connect(self, account: str = HR, wishes: Mapping[str, Any] | None = None, **more: str) -> str:
        """The long token of the person."""
        status, answer = self.exchange(self.decide(account, wishes, **more)["code"])
        assert status == 200
        token: str = self.lengthen(answer["access_token"])["access_token"]
        return token

    def pages(self, token: str) -> dict[str, str]:
        """Page to its token."""
        return {each["id"]: each["access_token"] for each in self.ask("GET", "/me/accounts", token)[1]["data"]}

    def page_token(self, account: str = HR, **more: str) -> str:
        return self.pages(self.connect(account, None, **more))[PAGE]

    def refused(self, method: str, path: str, token: str = "", **fields: str) -> tuple[int, int | None]:
        """Code and subcode."""
        status, answer = self.ask(method, path, token, **fields)
        assert status >= 400
        return answer["error"]["code"], answer["error"].get("error_subcode")


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    site = Site(tmp_path)
    yield Application(site)
    site.close()


def test_a_person_agrees_on_pages_of_facebooks_own(application: Application) -> None:
    query = {"client_id": "app", "redirect_uri": REDIRECT, "scope": SCOPES, "state": "s"}
    shown = application.site.answer(Request("GET", PATH, query))
    assert (b"Paul Essomba" in shown.body, shown.status) == (True, 200)
    raw = re.search(r'name="query" value="([^"]*)"', shown.body.decode())
    assert raw is not None
    fields = {"query": raw[1].replace("&amp;", "&"), "account": DIRECTION}
    asked = application.site.answer(Request("POST", PATH, body=urlencode(fields).encode()))
    assert b"Exemple Conseil" in asked.body
    ticked = [("scope", each) for each in (*SCOPES.split(","), f"page:{PAGE}")]
    body = urlencode([*fields.items(), ("decision", "approve"), *ticked]).encode()
    location = application.site.answer(Request("POST", PATH, body=body)).headers["Location"]
    status, answer = application.exchange(dict(parse_qsl(urlsplit(location).query))["code"])
    assert (status, answer["expires_in"]) == (200, 5400)
    assert list(application.pages(answer["access_token"])) == [PAGE]
    denied = application.site.answer(Request("POST", PATH, body=urlencode({**fields, "decision": "deny"}).encode()))
    assert "error_reason=user_denied" in denied.headers["Location"]


def test_what_the_dialog_refuses_stays_on_it(application: Application) -> None:
    application.steer("PUT", "client", {"client_id": "app", "redirect_uris": [REDIRECT]})
    for wrong in (
        {"client_id": "x"},
        {"redirect_uri": "https://b.org/"},
        {"redirect_uri": "b"},
        {"scope": "everything"},
    ):
        query = {"client_id": "app", "redirect_uri": REDIRECT, "scope": SCOPES, **wrong}
        assert application.site.answer(Request("GET", "/facebook/v26.0/dialog/oauth", query)).status == 400


def test_tokens_go_from_short_to_long_to_those_of_pages(application: Application) -> None:
    code = application.decide(DIRECTION)["code"]
    _, short = application.exchange(code)
    long = application.lengthen(short["access_token"])
    assert (long["expires_in"], long["token_type"]) == (5_184_000, "bearer")
    pages = application.pages(long["access_token"])
    assert set(pages) == {PAGE, OTHER_PAGE}
    assert application.pages(long["access_token"]) == pages, "a page's token is the same each time"
    application.steer("POST", "tokens/expire")
    assert application.refused("GET", "/me", long["access_token"]) == (190, 463)
    assert application.ask("GET", "/me", pages[PAGE]) == (200, {"id": PAGE, "name": "Exemple SA"})
    assert {each["kind"] for each in application.steer("GET", "grants")["grants"]} == {"short", "long", "page"}


def test_codes_and_apps_that_are_not_good(application: Application) -> None:
    application.steer("PUT", "client", {"client_id": "app", "client_secret": "secret"})
    path, code = "/oauth/access_token", application.decide()["code"]
    app = {"client_id": "app", "client_secret": "secret", "redirect_uri": REDIRECT}
    assert application.refused("POST", path, **{**app, "client_id": "b"}, code=code) == (101, None)
    assert application.refused("POST", path, **{**app, "client_secret": "b"}, code=code) == (1, None)
    assert application.refused("POST", path, **app, code="nobodys") == (100, None)
    assert application.refused("POST", path, **{**app, "redirect_uri": "https://b.org/"}, code=code) == (100, 36008)
    assert application.refused("POST", path, **app, code=code) == (100, 36009)
    assert application.refused("GET", path, **app, grant_type="magic") == (100, None)


def test_a_post_is_made_read_counted_and_deleted(application: Application) -> None:
    token = application.page_token()
    status, made = application.ask("POST", f"/{PAGE}/feed", token, **POST)
    assert (status, made["id"].startswith(f"{PAGE}_")) == (200, True)
    wished = "id,message,created_time,permalink_url,attachments{unshimmed_url}"
    _, feed = application.ask("GET", f"/{PAGE}/feed", token, fields=wished)
    assert feed["data"][0]["message"] == POST["message"]
    assert feed["data"][0]["attachments"]["data"][0]["unshimmed_url"] == POST["link"]
    application.steer("POST", f"posts/{made['id']}", {"likes": 3, "comments": 1})
    fields = "likes.limit(0).summary(true),comments.limit(0).summary(true),shares"
    _, post = application.ask("GET", f"/{made['id']}", token, fields=fields)
    assert (post["likes"]["summary"]["total_count"], "shares" in post) == (3, False)
    assert list(application.ask("GET", "/", token, ids=made["id"])[1]) == [made["id"]]
    assert application.refused("GET", "/", token, ids=f"{made['id']},1") == (803, None)
    assert application.refused("GET", "/", token, ids=",".join(["1"] * 51)) == (100, None)
    assert application.ask("DELETE", f"/{made['id']}", token) == (200, {"success": True})
    assert application.refused("DELETE", f"/{made['id']}", token) == (100, 33)
    assert application.ask("GET", f"/{PAGE}/feed", token)[1] == {"data": []}
    assert [each["live"] for each in application.steer("GET", "posts")["posts"]] == [False]
    assert application.steer("GET", "counters")["feed.create"] == 1


def test_the_last_post_is_not_repeated(application: Application) -> None:
    token = application.page_token()
    application.ask("POST", f"/{PAGE}/feed", token, **POST)
    assert application.refused("POST", f"/{PAGE}/feed", token, **POST) == (506, 1455006)
    application.ask("POST", f"/{PAGE}/feed", token, message="Autre")
    assert application.ask("POST", f"/{PAGE}/feed", token, **POST)[0] == 200


def test_content_that_is_refused(application: Application) -> None:
    token = application.page_token()
    application.faults(unreadable_links=["intowork.co"])
    for fields, code in (
        (POST, (100, 1609005)),
        ({"message": ""}, (100, None)),
        ({"message": "x" * 63_207}, (100, None)),
        ({"link": "x"}, (100, None)),
    ):
        assert application.refused("POST", f"/{PAGE}/feed", token, **fields) == code


def test_who_may_post(application: Application) -> None:
    assert application.refused("POST", f"/{PAGE}/feed", "EAAnobody", **POST) == (190, 467)
    user = application.connect()
    assert application.refused("POST", f"/{PAGE}/feed", user, **POST) == (100, 33), "a person's token is no page's"
    reader = application.page_token(scope="pages_show_list,pages_read_engagement")
    assert application.refused("POST", f"/{PAGE}/feed", reader, **POST) == (200, None)
    blind = application.page_token(scope="pages_show_list,pages_manage_posts")
    assert application.refused("GET", f"/{PAGE}/feed", blind) == (10, None)
    token = application.page_token()
    assert application.refused("POST", f"/{OTHER_PAGE}/feed", token, **POST) == (100, 33)
    application.steer("PUT", f"accounts/{HR}", {"pages": [{"page": PAGE, "tasks": ["ANALYZE"]}]})
    assert application.refused("POST", f"/{PAGE}/feed", token, **POST) == (200, None)
    application.steer("PUT", f"accounts/{HR}", {"pages": []})
    assert application.refused("POST", f"/{PAGE}/feed", token, **POST) == (190, 492)


@pytest.mark.parametrize(("error", "subcode"), [("password", 460), ("checkpoint", 459), ("expired", 463)])
def test_sessions_end_for_a_reason(application: Application, error: str, subcode: int) -> None:
    token = application.page_token()
    application.steer("POST", f"grants/{HR}/end", {"error": error})
    assert application.refused("GET", "/me", token) == (190, subcode)


def test_an_app_is_removed_by_its_user_or_by_itself(application: Application) -> None:
    first = application.page_token()
    application.steer("POST", f"grants/{HR}/revoke")
    assert application.refused("GET", "/me", first) == (190, 458)
    user = application.connect()
    token = application.pages(user)[PAGE]
    assert application.ask("DELETE", "/me/permissions", user) == (200, {"success": True})
    assert application.refused("GET", "/me", token) == (190, 458)


@pytest.mark.parametrize(
    ("name", "code"),
    [("app_limit", 4), ("user_limit", 17), ("page_limit", 32), ("calls_limit", 613), ("blocked", 368), ("service", 2)],
)
def test_named_errors_do_nothing(application: Application, name: str, code: int) -> None:
    token = application.page_token()
    application.faults(api_error=name, only="feed.create")
    status, answer = application.ask("POST", f"/{PAGE}/feed", token, **POST)
    assert (answer["error"]["code"], answer["error"]["type"], status >= 400) == (code, "OAuthException", True)
    assert application.steer("GET", "posts")["posts"] == []


def test_a_post_may_be_recorded_although_nobody_says_so(application: Application) -> None:
    token = application.page_token()
    application.faults(only="feed.create", error_5xx_after=1.0, error_status=500)
    assert application.refused("POST", f"/{PAGE}/feed", token, message="a") == (2, None)
    application.faults(only="feed.create", drop_after=1.0)
    assert application.send("POST", f"/{PAGE}/feed", token, message="b").dropped
    application.faults(only="feed.create", hang_after=1.0, hang_seconds=0.01)
    assert application.send("POST", f"/{PAGE}/feed", token, message="c").dropped
    application.faults(only="feed.create", drop_before=1.0)
    assert application.send("POST", f"/{PAGE}/feed", token, message="d").dropped
    assert [each["message"] for each in application.steer("GET", "posts")["posts"]] == ["a", "b", "c"]


def test_posts_of_an_app_in_development_are_for_its_administrators(application: Application) -> None:
    token = application.page_token()
    application.faults(development_mode=True)
    application.ask("POST", f"/{PAGE}/feed", token, message="a")
    application.faults(feed_delay=3600)
    application.ask("POST", f"/{PAGE}/feed", token, message="b", published="true")
    application.ask("POST", f"/{PAGE}/feed", token, message="c", published="false")
    posts = application.steer("GET", "posts")["posts"]
    assert [each["audience"] for each in posts] == ["administrators", "everybody", "nobody"]
    assert [each["message"] for each in application.ask("GET", f"/{PAGE}/feed", token)[1]["data"]] == ["a"]
    page = application.site.answer(Request("GET", "/feed/facebook")).body.decode()
    assert "administrateurs de l’app seulement" in page


def test_a_dead_version_becomes_the_oldest_living_one(application: Application) -> None:
    token = application.page_token()
    assert application.send("GET", "/me", token).headers["facebook-api-version"] == "v26.0"
    assert application.send("GET", "/me", token, version="v12.0").headers["facebook-api-version"] == "v21.0"
    application.faults(usage=98, regain_minutes=7)
    usage = application.send("GET", "/me", token).headers["X-Business-Use-Case-Usage"]
    assert json.loads(usage)["1"][0]["estimated_time_to_regain_access"] == 7


def test_a_proof_of_the_apps_secret(application: Application) -> None:
    application.steer("PUT", "client", {"client_secret": "secret"})
    token = application.page_token()
    application.faults(require_proof=True)
    assert application.refused("GET", "/me", token) == (100, None)
    proof = hmac.new(b"secret", token.encode(), hashlib.sha256).hexdigest()
    assert application.ask("GET", "/me", token, appsecret_proof=proof)[0] == 200
    assert application.refused("GET", "/me", token, appsecret_proof=proof[::-1]) == (100, None)


def test_lists_come_in_pages(application: Application) -> None:
    token = application.page_token()
    for number in range(3):
        application.ask("POST", f"/{PAGE}/feed", token, message=str(number))
    _, first = application.ask("GET", f"/{PAGE}/feed", token, limit="2")
    assert ([each["message"] for each in first["data"]], "next" in first["paging"]) == (["2", "1"], True)
    _, second = application.ask("GET", f"/{PAGE}/feed", token, limit="2", after=first["paging"]["cursors"]["after"])
    assert ([each["message"] for each in second["data"]], "next" in second["paging"]) == (["0"], False)


def test_paths_and_steering_that_make_no_sense(application: Application) -> None:
    assert application.refused("PUT", "/me") == (2500, None)
    for method, path, body in (
        ("PUT", "faults", {"surprise": 1}),
        ("PUT", "faults", {"api_error": "because"}),
        ("PUT", "client", {"surprise": 1}),
        ("PUT", f"accounts/{HR}", {"surprise": 1}),
        ("PUT", f"accounts/{HR}", {"pages": [{"page": "seven"}]}),
        ("PUT", "accounts/nobody", {}),
        ("POST", "posts/1", {"likes": 1}),
        ("DELETE", "posts/1", {}),
    ):
        request = Request(method, f"/_emulator/facebook/{path}", body=json.dumps(body).encode())
        assert application.site.answer(request).status == 422
