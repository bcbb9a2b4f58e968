"""The frame of pages for people who have signed in: sign-in, dialogs, toasts, and typed text that is never lost."""

from collections.abc import Callable

import pytest
from flask import Response, request
from flask_openapi.openapi import OpenAPI
from jinja2 import ChoiceLoader, DictLoader
from playwright.sync_api import Page

from api_min import sessions
from api_min.auth import EVERYBODY, access
from api_min.pages import dashboard
from api_min.pages.dashboard import Next, Said
from api_min.pages.shell import Pages
from tests.factories.api import Api, token
from tests.integration.api.pages.looking import check
from tests.means import CHROMIUM
from worker.kit.settings import Settings

pytestmark = CHROMIUM.mark

SignIn = Callable[..., Page]
# Between the last control and the first one the browser's own come.
OUTSIDE = "document.activeElement !== document.body && !document.activeElement.closest('dialog')"
LIST = """
{% extends "dashboard/base.html" %}
{% block title %}Notes{% endblock %}
{% block main %}
<h1 tabindex="-1">Notes</h1>
<p>{{ notes | join(", ") }}</p>
<a class="btn" id="add" href="/dashboard/notes/new" {% include "dashboard/opens_dialog.html" %}>Ajouter</a>
{% endblock %}
"""
FORM = """
{% extends "dashboard/base.html" %}
{% from "dashboard/parts.html" import form_members with context %}
{% block title %}Nouvelle note{% endblock %}
{% block main %}
<h1 id="dialog-title" tabindex="-1">Nouvelle note</h1>
<form id="note" method="post" action="/dashboard/notes/new" data-page="/dashboard/notes/new">
  {{ form_members() }}
  <p hidden data-restored>Votre texte est revenu.</p>
  <label for="text">Texte</label>
  <textarea class="textarea" id="text" name="text"
    {%- if wrong %} aria-invalid="true" aria-describedby="wrong"{% endif %}>{{ text }}</textarea>
  {% if wrong %}<p id="wrong">{{ wrong }}</p>{% endif %}
  <button class="btn btn-primary">Enregistrer</button>
  <a class="btn" href="/dashboard/notes" data-close-dialog>Annuler</a>
</form>
{% endblock %}
"""


def notes_pages(written: list[str]) -> Pages:
    """Pages of the tests' own: a list, and a form that wants a text."""
    pages = Pages("notes", __name__)

    @pages.get("/dashboard/notes")
    @access(roles=EVERYBODY, session=True)
    def show_all() -> Response:
        return dashboard.show("sample_list.html", notes=written)

    @pages.get("/dashboard/notes/new")
    @access(roles=EVERYBODY, session=True)
    def ask() -> Response:
        return dashboard.show("sample_form.html", text="", wrong="")

    @pages.post("/dashboard/notes/new")
    @access(roles=EVERYBODY, session=True)
    @dashboard.form
    def write() -> Response:
        text = request.form.get("text", "").strip()
        if not text:
            return dashboard.show("sample_form.html", 422, text=text, wrong="Écrivez quelque chose.")
        if text == "panne":
            return Response("", 503)
        written.append(text)
        return dashboard.go(Next("/dashboard/notes", Said("Note ajoutée")))

    return pages


@pytest.fixture
def written() -> list[str]:
    return []


@pytest.fixture
def app_with_notes(people: Api, written: list[str]) -> OpenAPI:
    app = people.app
    app.register_blueprint(notes_pages(written))
    samples = DictLoader({"sample_list.html": LIST, "sample_form.html": FORM})
    loader = app.jinja_env.loader
    assert loader is not None
    app.jinja_env.loader = ChoiceLoader([samples, loader])
    return app


@pytest.fixture
def page(app_with_notes: OpenAPI, sign_in: SignIn, address: str) -> Page:
    assert "notes" in app_with_notes.blueprints
    page = sign_in(1)
    page.goto(f"{address}/dashboard/notes")
    return page


def test_a_dialog_is_a_page_that_opens_over_another(page: Page, written: list[str]) -> None:
    opener = page.get_by_role("link", name="Ajouter")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Nouvelle note")
    dialog.wait_for()
    check(page)
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate(OUTSIDE) is False
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.id") == "add"
    opener.click()
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("Écrivez quelque chose.").wait_for()
    assert page.evaluate("document.activeElement.id") == "text"
    check(page)
    page.get_by_label("Texte").fill("Bonjour")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("status").get_by_text("Note ajoutée").wait_for()
    assert (written, dialog.count(), page.url.rpartition("/")[2]) == (["Bonjour"], 0, "notes")
    check(page)


def test_what_is_said_goes_after_three_seconds_unless_somebody_looks_at_it(page: Page) -> None:
    region = page.get_by_role("status")
    assert region.count() == 0 or region.inner_text() == ""
    assert page.locator("#toasts").count() == 1
    page.get_by_role("link", name="Ajouter").click()
    page.get_by_label("Texte").fill("Bonjour")
    page.get_by_role("button", name="Enregistrer").click()
    toast = page.get_by_role("status").get_by_text("Note ajoutée")
    toast.hover()
    page.wait_for_timeout(3500)
    assert toast.is_visible()
    page.mouse.move(5, 500)
    toast.wait_for(state="detached")


def test_a_service_that_fails_keeps_what_was_typed(page: Page, written: list[str]) -> None:
    page.get_by_role("link", name="Ajouter").click()
    page.get_by_label("Texte").fill("panne")
    page.get_by_role("button", name="Enregistrer").click()
    said = page.get_by_role("status").get_by_text("Le service n’a pas répondu")
    said.wait_for()
    assert (page.get_by_label("Texte").input_value(), written) == ("panne", [])
    page.get_by_role("button", name="Fermer").click()
    assert said.count() == 0


def test_typed_text_outlives_the_session(page: Page, address: str, settings: Settings, written: list[str]) -> None:
    page.get_by_role("link", name="Ajouter").click()
    page.get_by_label("Texte").fill("Une longue note")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url("**/signin?next=*")
    assert written == []
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(f"{address}/dashboard/notes/new")
    assert page.get_by_label("Texte").input_value() == "Une longue note"
    assert page.get_by_text("Votre texte est revenu.").is_visible()
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("status").get_by_text("Note ajoutée").wait_for()
    assert written == ["Une longue note"]
    page.goto(f"{address}/dashboard/notes/new")
    assert page.get_by_label("Texte").input_value() == ""


def test_the_main_web_app_signs_people_in(people: Api, settings: Settings) -> None:
    client = people.app.test_client()
    bearer = {"Authorization": f"Bearer {token(sub='1')}"}
    for origin, status in (("https://intowork.co", 200), ("https://evil.example", 403), (None, 200)):
        headers = bearer | ({"Origin": origin} if origin else {})
        answer = client.post("/api/session", headers=headers)
        assert answer.status_code == status
        assert (sessions.cookie_name(settings) in answer.headers.get("Set-Cookie", "")) is (status == 200)
    assert client.get("/dashboard/notifications").status_code == 200
    cookie = client.get_cookie(sessions.cookie_name(settings))
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")
    assert client.post("/api/session").status_code == 401
    assert client.post("/api/session", headers=people.headers).status_code == 403
    assert client.post("/signout").status_code == 403
    session = sessions.read(settings, {sessions.cookie_name(settings): cookie.value})
    assert session is not None
    left = client.post("/signout", data={"csrf_token": sessions.form_token(settings, session)})
    assert (left.status_code, left.headers["Location"]) == (303, "/signin")
    assert client.get("/dashboard/notifications").status_code == 401


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\n"]
)
def test_nobody_is_sent_elsewhere(back: str) -> None:
    assert dashboard.local_path(back, "/dashboard") == "/dashboard"
