"""What all pages share: one policy, files with immutable addresses, the language, refusals that say what happened."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask_openapi.openapi import OpenAPI

from api_min.pages import static_files
from api_min.pages.shell import POLICY
from tests.factories import main_web_app
from tests.factories.api import Answer, Api, token
from worker.kit.database import execute, raw
from worker.kit.settings import Settings
from worker.services.email.recipients import unsubscribing

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ADDRESS = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@pytest.fixture
def link(api: Api, settings: Settings) -> str:
    """A person's link, which shows a page."""
    with api.database.transaction() as connection:
        main_web_app.populate_people(raw(connection))
    return unsubscribing.link(settings, user_id=2).removeprefix(settings.platform_url)


def look(api: Api, path: str, language: str | None = None, method: str = "GET") -> Answer:
    headers = {**BROWSER, **({"Accept-Language": language} if language else {})}
    return api.app.test_client().open(path, method=method, headers=headers)


def test_every_html_answer_has_the_policy(api: Api, link: str) -> None:
    for method, path, status in (
        ("GET", "/api/docs", 200),
        ("GET", link, 200),
        ("POST", link, 200),
        ("GET", f"{link}/preferences", 200),
        ("GET", "/u/guess", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/u/guess/more/still", 404),
        ("PUT", link, 405),
        ("GET", f"/u/{'x' * 17_000}", 431),
    ):
        answer = look(api, path, method=method)
        assert (answer.status_code, answer.mimetype) == (status, "text/html"), path
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", answer.text)


def test_a_redirect_to_https_has_the_policy(make_app: Callable[[Settings], OpenAPI], settings: Settings) -> None:
    app = make_app(settings.model_copy(update={"force_https": True}))
    answer = app.test_client().get("/u/guess", headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (308, "text/html")
    assert answer.headers["Content-Security-Policy"] == POLICY


def test_static_files_are_kept_for_ever_under_the_name_of_their_content(api: Api, link: str) -> None:
    mine = api.with_token(token(sub="1")).get("/dashboard/notifications")
    shown = [mine, *(look(api, path) for path in (link, "/api/docs", "/nowhere"))]
    named = {address for answer in shown for address in ADDRESS.findall(answer.text)}
    assert named == {each.address for each in static_files.read_files().values()}
    for address in named:
        answer = api.client.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert re.fullmatch(r"/static/[a-z]+\.[0-9a-f]{16}\.[a-z]+", address)


def test_unknown_static_files_are_404_and_not_kept(api: Api) -> None:
    address = static_files.read_files()["app.css"].address
    other = re.sub(r"[0-9a-f]{16}", "0" * 16, address)
    for path in (other, "/static/app.css", "/static/../errors.py", "/static/..%2fshell.py", "/static/", "/static/x/y"):
        answer = api.client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store"), path


def test_another_content_has_another_address(tmp_path: Path) -> None:
    addresses = []
    for content in ("a{}", "b{}"):
        (tmp_path / "app.css").write_text(content)
        addresses.append(static_files.read_files(tmp_path)["app.css"].address)
    assert len(set(addresses)) == 2


def test_the_style_is_ours(api: Api) -> None:
    answer = api.client.get(static_files.read_files()["app.css"].address)
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert re.search(r"prefers-color-scheme: ?dark", answer.text)
    assert not re.search(r"""url\((?!"data:|%23)|@import""", answer.text)


REFUSALS = [
    ("/nowhere", "GET", 404, "Page introuvable", "Page not found"),
    ("/u/x", "PUT", 405, "Action impossible", "That cannot be done"),
    (f"/u/{'x' * 17_000}", "GET", 431, "Demande trop longue", "The request is too long"),
]


@pytest.mark.parametrize(("path", "method", "status", "french", "english"), REFUSALS)
def test_a_refusal_says_what_happened(api: Api, path: str, method: str, status: int, french: str, english: str) -> None:
    for language, title in ((None, french), ("en-GB", english)):
        answer = look(api, path, language, method)
        assert answer.status_code == status
        assert f"<h1>{title}</h1>" in answer.text
        assert f'<html lang="{"en" if language else "fr"}">' in answer.text


def test_too_many_requests_is_the_only_refusal_that_is_called_so(api: Api) -> None:
    answers = [api.get(f"/u/guess{number}") for number in range(130)]
    refused = next(each for each in answers if each.status_code == 429)
    assert "<h1>Trop de demandes</h1>" in refused.text
    assert "Réessayez dans une minute." in refused.text
    assert refused.headers["Retry-After"] == "60"
    assert not any("Trop de demandes" in each.text for each in answers if each.status_code != 429)


def test_a_body_that_is_too_large_is_a_page(api: Api, link: str) -> None:
    answer = api.client.post(f"{link}/preferences", data={"action": "x" * 20_000})
    assert (answer.status_code, answer.mimetype) == (413, "text/html")
    assert "Envoi trop volumineux" in answer.text


def test_an_unreachable_database_is_a_page(make_app: Callable[[Settings], OpenAPI], settings: Settings) -> None:
    away = type(settings.database_url)("postgresql://nobody@127.0.0.1:1/nothing")
    app = make_app(settings.model_copy(update={"database_url": away, "database_direct_url": away}))
    answer = app.test_client().get(unsubscribing.link(settings, user_id=2).removeprefix(settings.platform_url))
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert "Service momentanément indisponible" in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert "127.0.0.1" not in answer.text


def test_a_fault_of_ours_is_a_page_with_its_reference(api: Api, link: str) -> None:
    with api.database.transaction() as connection:
        execute(connection, "alter table recipient_preferences rename to recipient_preferences_gone")
    answer = api.client.get(link, headers={"X-Request-ID": "trace-me"})
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert "<code>trace-me</code>" in answer.text
    assert "recipient_preferences" not in answer.text


@pytest.mark.parametrize("path", ["/api/tasks", "/api/nowhere", "/metrics", "/api/email-templates"])
def test_programs_are_answered_in_json_whatever_they_accept(api: Api, path: str) -> None:
    for headers in (BROWSER, {}):
        answer = api.app.test_client().get(path, headers=headers)
        assert answer.status_code in {401, 404}
        assert answer.mimetype == "application/problem+json"
    assert api.app.test_client().get("/nowhere").mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "chosen", "accepted", "language"),
    [
        ("", None, None, "fr"),
        ("", "en", "fr", "en"),
        ("", "xx", "en", "en"),
        ("?lang=fr", "en", "en", "fr"),
        ("?lang=xx", "en", "fr", "en"),
        ("", None, "de,en;q=0.5", "en"),
    ],
)
def test_the_language(api: Api, query: str, chosen: str | None, accepted: str | None, language: str) -> None:
    client = api.app.test_client()
    if chosen:
        client.set_cookie("language", chosen)
    answer = client.get(f"/u/guess{query}", headers={"Accept-Language": accepted} if accepted else {})
    assert f'<html lang="{language}">' in answer.text
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)


def test_of_what_a_browser_prefers_the_beginning_counts(api: Api) -> None:
    """Thousands of choices fit into a header, and each costs time."""
    many = "x," * 300
    assert (
        "Page introuvable"
        in api.client.get("/nowhere", headers={"Accept": "text/html", "Accept-Language": f"{many}en"}).text
    )
    assert (
        api.client.get("/nowhere", headers={"Accept": f"{'a/b,' * 150}text/html"}).mimetype
        == "application/problem+json"
    )


def test_a_chosen_language_is_remembered(api: Api, link: str) -> None:
    client = api.app.test_client()
    assert "Set-Cookie" not in client.get(link).headers
    cookie = client.get(f"{link}?lang=en").headers["Set-Cookie"]
    assert cookie.startswith("language=en;")
    assert all(each in cookie for each in ("HttpOnly", "SameSite=Lax", "Path=/"))
    assert '<html lang="en">' in client.get(f"{link}/preferences", headers={"Accept-Language": "fr"}).text
    assert "Set-Cookie" not in client.get(f"{link}?lang=en").headers
    assert "Set-Cookie" not in client.post(f"{link}?lang=fr").headers


def test_the_reference_of_the_api_is_english_for_everybody(api: Api) -> None:
    answer = look(api, "/api/docs?lang=fr", "fr")
    assert '<html lang="en">' in answer.text
    assert "Skip to content" in answer.text
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in answer.headers
