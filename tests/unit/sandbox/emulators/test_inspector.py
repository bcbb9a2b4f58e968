"""The pages for people."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.emulators.inspector import MAIL_POLICY
from sandbox.emulators.site import Site
from sandbox.emulators.texts import TEXTS
from sandbox.emulators.web import Request

MAIL = {
    "from": "a@example.org",
    "to": ["Awa <awa@example.org>"],
    "subject": "<b>Offre</b>",
    "html": "<script>alert(1)</script><p>Bonjour</p>",
    "text": "Bonjour",
    "headers": {
        "List-Unsubscribe": "<https://platform.example.org/u/abc?x=1&y=2>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.close()


def deliver(site: Site, **members: object) -> str:
    headers = {"authorization": "Bearer re_key", "user-agent": "test"}
    body = json.dumps({**MAIL, **members}).encode()
    response = site.answer(Request("POST", "/resend/emails", headers=headers, body=body))
    identifier: str = json.loads(response.body)["id"]
    return identifier


def page(site: Site, path: str, **query: str) -> str:
    response = site.answer(Request("GET", path, query))
    assert response.status == 200
    return response.body.decode()


def test_both_languages_have_the_same_words() -> None:
    assert TEXTS["fr"].keys() == TEXTS["en"].keys()


def test_a_mail_shows_its_attachments(site: Site) -> None:
    content = base64.b64encode(b"BEGIN:VCALENDAR <x>").decode()
    file = {"filename": "entretien.ics", "content_type": "text/calendar; method=REQUEST", "content": content}
    identifier = deliver(site, attachments=[file])
    shown = page(site, f"/mailbox/{identifier}")
    assert "Pièces jointes" in shown
    assert "entretien.ics</a> · text/calendar; method=REQUEST" in shown
    assert "<pre>BEGIN:VCALENDAR &lt;x&gt;</pre>" in shown
    answer = site.answer(Request("GET", f"/mailbox/{identifier}/attachments/0", {}))
    assert (answer.body, answer.headers["Content-Type"]) == (b"BEGIN:VCALENDAR <x>", "text/calendar; method=REQUEST")
    assert site.answer(Request("GET", f"/mailbox/{identifier}/attachments/1", {})).status == 404
    assert "Pièces jointes" not in page(site, f"/mailbox/{deliver(site)}")


def test_the_mailbox_lists_mails_in_french_and_english(site: Site) -> None:
    assert "Aucun e-mail reçu" in page(site, "/mailbox")
    identifier = deliver(site)
    listed = page(site, "/mailbox")
    assert f"/mailbox/{identifier}?lang=fr" in listed
    assert "&lt;b&gt;Offre&lt;/b&gt;" in listed
    assert "<b>Offre</b>" not in listed
    assert "<h1>Mailbox</h1>" in page(site, "/mailbox", lang="en")
    assert identifier not in page(site, "/mailbox", to="someone.else")


def test_a_mail_is_shown_with_its_parts(site: Site) -> None:
    shown = page(site, f"/mailbox/{deliver(site)}")
    assert "<iframe sandbox src=" in shown
    assert "<pre>Bonjour</pre>" in shown
    assert "List-Unsubscribe-Post" in shown
    assert '<form method="post" action="https://platform.example.org/u/abc?x=1&amp;y=2">' in shown
    assert "alert(1)" not in shown


def test_the_mail_itself_runs_nothing(site: Site) -> None:
    response = site.answer(Request("GET", f"/mailbox/{deliver(site)}/html"))
    assert response.headers["Content-Security-Policy"] == MAIL_POLICY
    assert response.body.decode() == MAIL["html"]


def test_the_journal_shows_requests(site: Site) -> None:
    deliver(site)
    assert "POST /resend/emails" in page(site, "/journal")


def test_questions_to_claude_are_shown_with_their_answers(site: Site) -> None:
    assert "Aucune question" in page(site, "/claude")
    schema: dict[str, object] = {"type": "object", "properties": {"score": {"type": "number"}}}
    form = {"type": "json_schema", "schema": schema}
    asked = {
        "model": "claude-sonnet-4-6",
        "max_tokens": 10,
        "messages": [{"role": "user", "content": "<b>?</b>"}],
        "output_config": {"format": form},
    }
    headers = {"x-api-key": "sk-ant-test", "anthropic-version": "2023-06-01"}
    for strict in (False, True):
        schema["additionalProperties"] = not strict
        body = json.dumps(asked).encode()
        site.answer(Request("POST", "/anthropic/v1/messages", headers=headers, body=body))
    listed = page(site, "/claude", lang="en")
    assert "Refused : invalid_request_error" in listed
    shown = page(site, "/claude/2")
    assert "<pre>&lt;b&gt;?&lt;/b&gt;</pre>" in shown
    assert "score" in shown
    assert site.answer(Request("GET", "/claude/9")).status == 404


def test_an_empty_calendar_shows_this_week(site: Site) -> None:
    shown = page(site, "/calendar", lang="en")
    assert "This calendar is empty." in shown
    assert " · today</h2>" in shown
    assert shown.count("<section") == 7
    assert "google:perso@gmail.com" in shown
    assert "microsoft:rh@exemple.cm" in shown


def test_the_other_language_shows_the_same_page(site: Site) -> None:
    shown = page(site, "/calendar", account="microsoft:rh@exemple.cm", week="2026-W53")
    assert 'href="/calendar?account=microsoft%3Arh%40exemple.cm&amp;week=2026-W53&amp;lang=en"' in shown
    assert "Semaine du 28 décembre 2026" in shown


@pytest.mark.parametrize("query", [{"account": "google:nobody"}, {"week": "2026-W54"}, {"week": "9999-W01"}])
def test_what_no_calendar_has_is_refused(site: Site, query: dict[str, str]) -> None:
    assert site.answer(Request("GET", "/calendar", query)).status == 422


@pytest.mark.parametrize(
    "path", ["/nothing", "/mailbox/none", "/mailbox/none/html", "/calendar/google/none", "/calendar/resend/none"]
)
def test_missing_pages_say_so(site: Site, path: str) -> None:
    response = site.answer(Request("GET", path))
    assert response.status == 404
    assert "Cette page n’existe pas." in response.body.decode()


def test_the_root_leads_to_the_mailbox(site: Site) -> None:
    assert site.answer(Request("GET", "/")).headers["Location"] == "/mailbox"
