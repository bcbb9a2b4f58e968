"""Routes of pages take a session's cookie beside a Bearer token, what writes with the session's token; others never."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Response, g, render_template_string
from flask_openapi.openapi import OpenAPI

from api_min import sessions
from api_min.auth import access, caller
from api_min.pages.shell import Pages
from api_min.request_parsing import body_limit
from api_min.sessions import Session
from tests.factories.api import SIGNING_SECRET, Answer, Api, token
from worker.kit.settings import Settings
from worker.services.email.recipients import unsubscribing

FORM = '{% include "form_token.html" %}'
ADMIN, EMPLOYER, INACTIVE = 1, 2, 3


def sample_pages() -> Pages:
    pages = Pages("sample", __name__)

    @pages.route("/sample", methods=["GET", "POST", "PUT", "DELETE"])
    @access(session=True)
    @body_limit(2000)
    def show() -> Response:
        return Response(f"{caller().name} {'session' in g} {render_template_string(FORM)}", mimetype="text/html")

    @pages.get("/sample/operations")
    @access(scopes=("operations",), session=True)
    def show_operations() -> str:
        return caller().name

    return pages


class Browser:
    """Somebody signed in, whose browser sends the cookie with everything."""

    def __init__(self, api: Api, settings: Settings) -> None:
        self.api, self.settings = Api(api.app, api.app.test_client(), api.database, api.worker), settings
        self.session: Session | None = None

    def sign_in(self, user_id: int) -> "Browser":
        self.session = sessions.begin(user_id)
        response = Response()
        sessions.set_cookie(response, self.settings, self.session)
        return self.bring(response.headers["Set-Cookie"].partition("=")[2].partition(";")[0])

    def bring(self, cookie: str) -> "Browser":
        self.api.client.set_cookie(sessions.cookie_name(self.settings), cookie)
        return self

    @property
    def token(self) -> str:
        assert self.session is not None
        return sessions.form_token(self.settings, self.session)

    def call(self, method: str = "GET", path: str = "/sample", **options: Any) -> Answer:
        return self.api.call(method, path, **options)


@pytest.fixture
def guarded(make_app: Callable[[Settings], OpenAPI], settings: Settings, api: Api) -> Api:
    app = make_app(settings)
    app.register_blueprint(sample_pages())
    made = Api(app, app.test_client(), api.database, api.worker, api.headers)
    for user_id, role in ((ADMIN, "admin"), (EMPLOYER, "employer"), (INACTIVE, "employer")):
        made.with_user(user_id, role, active=user_id != INACTIVE)
    return made


@pytest.fixture
def browser(guarded: Api, settings: Settings) -> Browser:
    return Browser(guarded, settings)


def test_the_cookie_or_a_bearer_token(guarded: Api, browser: Browser) -> None:
    assert browser.call().status_code == 401
    assert browser.sign_in(EMPLOYER).call().text.startswith("user:2 True ")
    assert guarded.with_token(token(sub="2")).get("/sample").text.startswith("user:2 False ")
    assert guarded.get("/sample").text.startswith("key:")


def test_a_bearer_token_wins_and_a_wrong_one_is_not_mended_by_the_cookie(browser: Browser) -> None:
    browser.sign_in(EMPLOYER)
    assert browser.call(headers={"Authorization": f"Bearer {token(sub='1')}"}).text.startswith("user:1 False ")
    assert browser.call(headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_rights_are_those_of_the_database_now(browser: Browser) -> None:
    assert browser.sign_in(EMPLOYER).call(path="/sample/operations").status_code == 403
    browser.api.rows("update users set role = 'ADMIN' where id = %s returning id", (EMPLOYER,))
    assert browser.call(path="/sample/operations").status_code == 200
    browser.api.rows("update users set is_active = false where id = %s returning id", (EMPLOYER,))
    assert browser.call().status_code == 403
    browser.api.rows("delete from users where id = %s returning id", (EMPLOYER,))
    assert browser.call().status_code == 401
    assert browser.sign_in(INACTIVE).call().status_code == 403


def test_hostile_cookies_open_nothing(browser: Browser, settings: Settings) -> None:
    browser.sign_in(ADMIN)
    mine = browser.api.client.get_cookie(sessions.cookie_name(settings))
    assert mine is not None
    foreign = settings.model_copy(update={"signing_secret": type(settings.signing_secret)("another secret" * 4)})  # type: ignore[misc]
    stranger = Browser(browser.api, foreign).sign_in(ADMIN).api.client.get_cookie(sessions.cookie_name(settings))
    assert stranger is not None
    link = unsubscribing.link(settings, user_id=ADMIN).rpartition("/")[2]
    for text in ("x", mine.value[:-2], f"{mine.value}x", stranger.value, link, browser.token, SIGNING_SECRET):
        assert browser.bring(text).call().status_code == 401, text
    assert browser.bring(mine.value).call().status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_writes_brings_the_session_s_token(browser: Browser, method: str) -> None:
    other = browser.sign_in(EMPLOYER).token
    browser.sign_in(EMPLOYER)
    for wrong in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": "é"}, {"csrf_token": other}):
        answer = browser.call(method, data=wrong)
        assert (answer.status_code, answer.mimetype) == (403, "text/html")
        assert "Ce formulaire n’est plus valable" in answer.text
    assert browser.call(method, headers={"X-CSRF-Token": other}, data={"csrf_token": browser.token}).status_code == 403
    assert browser.call(method, data={"csrf_token": browser.token}).status_code == 200
    assert browser.call(method, headers={"X-CSRF-Token": browser.token}, json={}).status_code == 200
    assert browser.call(method, f"/sample?csrf_token={browser.token}").status_code == 403


def test_a_page_s_form_holds_the_token(browser: Browser, guarded: Api) -> None:
    text = browser.sign_in(EMPLOYER).call().text
    assert f'<input type="hidden" name="csrf_token" value="{browser.token}">' in text
    assert "csrf_token" not in guarded.with_token(token(sub="2")).get("/sample").text


def test_bearer_tokens_need_no_token_of_a_form(guarded: Api) -> None:
    assert guarded.with_token(token(sub="2")).post("/sample").status_code == 200
    assert guarded.post("/sample").status_code == 200


def test_a_form_larger_than_its_route_accepts_is_413(browser: Browser) -> None:
    browser.sign_in(EMPLOYER)
    answer = browser.call("POST", data={"csrf_token": browser.token, "text": "x" * 3000})
    assert (answer.status_code, answer.mimetype) == (413, "text/html")


def test_machines_routes_never_take_the_cookie(browser: Browser) -> None:
    browser.sign_in(ADMIN)
    headers = {"X-CSRF-Token": browser.token}
    for method, path in (
        ("GET", "/api/tasks"),
        ("POST", "/api/tasks"),
        ("GET", "/api/email-templates"),
        ("POST", "/api/job-alerts"),
        ("GET", "/api/suppressions"),
        ("GET", "/metrics"),
    ):
        answer = browser.call(method, path, headers=headers)
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), path
    assert browser.call("POST", "/api/webhooks/resend", headers=headers, json={}).status_code == 401
    assert browser.api.rows("select 1 from task_runs") == []


def test_whoever_is_not_signed_in_is_told_where_to(browser: Browser, settings: Settings) -> None:
    answer = browser.call()
    assert "Connexion nécessaire" in answer.text
    assert f'href="{settings.frontend_url}/signin"' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
