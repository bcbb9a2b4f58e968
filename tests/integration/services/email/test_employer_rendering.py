"""Letters when their batch is fixed: the version that was chosen, today's values, one reader, nothing else."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from typing_extensions import override

from tests.factories.emulators import ResendEmulator
from tests.integration.services.email.templated_mails import applications, many_applicants, template
from tests.integration.services.support import Platform
from worker.catalogue import email
from worker.kit.database import query
from worker.services.email.delivery.messages import NewMessage
from worker.services.email.delivery.messages import write as write_messages
from worker.services.email.rendering import mail_content
from worker.services.email.rendering.rendered import Missing, Rendered

GONE = "The letter's reader is no longer on record."


def letter(platform: Platform, application_id: int, template_id: int | None = None, **changes: object) -> int:
    """One pending message to candidate 1, in a batch of its own; the message's id."""
    values: dict[str, object] = {
        "source": f"test:{len(platform.mails())}",
        "template": "employer" if template_id else "application_rejected",
        "recipient": "paul.ndong@example.org",
        "context": {"application_id": application_id},
        "user_id": 2,
        "company_id": 1,
        "template_id": template_id,
        "template_version": 1 if template_id else None,
        **changes,
    }
    [identifier] = platform.do(
        lambda connection: write_messages(connection, [NewMessage(**values)])  # type: ignore[arg-type]
    ).values()
    platform.fill()
    return identifier


def delivered(platform: Platform, emulator: ResendEmulator) -> list[dict[str, Any]]:
    platform.drain()
    return [emulator.mail(mail["id"]) for mail in emulator.mails()]


def reason(platform: Platform, identifier: int) -> str:
    platform.drain()
    row = platform.row("select state, error from email_messages where id = %s", identifier)
    assert row["state"] == "failed"
    return str(row["error"])


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[str, ...]]] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(name for name, _ in attrs)))


def structure(html: str) -> list[tuple[str, tuple[str, ...]]]:
    reader = Tags()
    reader.feed(html)
    return reader.seen


def test_the_version_that_the_message_names_is_sent(platform: Platform, emulator: ResendEmulator) -> None:
    [application] = applications(platform)
    template_id = template(platform)
    letter(platform, application, template_id)
    platform.change("update email_templates set subject = 'Neuf', body = '<p>neuf</p>' where id = %s", template_id)
    letter(platform, application, template_id, template_version=2)
    first, second = delivered(platform, emulator)
    assert (first["subject"], second["subject"]) == ("Votre candidature : Comptable", "Neuf")


def test_a_deleted_template_still_serves_the_letters_that_chose_it(
    platform: Platform, emulator: ResendEmulator
) -> None:
    [application] = applications(platform)
    template_id = template(platform)
    letter(platform, application, template_id)
    platform.change("update email_templates set deleted_at = now(), is_active = false where id = %s", template_id)
    assert len(delivered(platform, emulator)) == 1


def test_a_version_that_is_not_there(platform: Platform, emulator: ResendEmulator) -> None:
    [application] = applications(platform)
    identifier = letter(platform, application, template(platform), template_version=7)
    assert "does not exist any more" in reason(platform, identifier)
    assert emulator.requests() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"user_id": 3}, GONE),
        ({"user_id": None}, GONE),
        ({"company_id": 2}, GONE),
        ({"company_id": None}, GONE),
        ({"context": {"application_id": 99}}, GONE),
        ({"context": {"application_id": "x"}}, "What the mail should say is no longer on record."),
        ({"context": {"values": [1]}}, "What the mail should say is no longer on record."),
        ({"template": "raw", "context": {"subject": "x"}}, "What the mail should say is no longer on record."),
        ({"template": "nonsense"}, "There is no such layout."),
        ({"recipient": "a@example.org\r\nBcc: b@example.org"}, None),
    ],
)
def test_a_letter_whose_reader_or_text_is_not_what_it_was_is_not_sent(
    platform: Platform, emulator: ResendEmulator, changes: dict[str, object], expected: str | None
) -> None:
    [application] = applications(platform)
    identifier = letter(platform, application, None, **changes)
    said = reason(platform, identifier)
    assert said == expected or (expected is None and said.startswith("The message cannot be put into a mail"))
    assert emulator.requests() == []


def test_a_candidate_who_left_gets_no_letter(platform: Platform) -> None:
    [application] = applications(platform)
    identifier = letter(platform, application)
    platform.change("delete from job_applications where id = %s", application)
    assert reason(platform, identifier) == GONE


def test_a_template_of_the_main_web_app_with_an_unknown_name_fails_at_sending_only(platform: Platform) -> None:
    [application] = applications(platform)
    identifier = letter(platform, application, template(platform, body="<p>{candidat_nom} {candidate_name}</p>"))
    assert reason(platform, identifier) == "No value for {candidat_nom}."


@pytest.mark.parametrize(
    "body",
    ["<div>" * 4000, "x" * 102_001, "<b>x</b>" * 3001, "{company_name}" * 7000, "<a href='x:{job_title}'>x</a>"],
)
def test_an_unfit_text_is_replaced_by_ours_for_that_letter_alone(
    platform: Platform, emulator: ResendEmulator, body: str
) -> None:
    first, second = applications(platform, 2)
    letter(platform, first, template(platform, body=body))
    letter(platform, first, template(platform, body="<p>Merci</p>"))
    letter(platform, second, template(platform, body=body), user_id=3, recipient="lea.obame@example.org")
    found = delivered(platform, emulator)
    assert [("Merci" in mail["text"], mail["to"]) for mail in found] == [
        (False, ["paul.ndong@example.org"]),
        (True, ["paul.ndong@example.org"]),
        (False, ["lea.obame@example.org"]),
    ]
    assert "Paul" in found[0]["text"]
    assert "Comptable" in found[0]["text"]
    assert all(len(mail["html"].encode()) <= 102_000 for mail in found)


def test_a_hostile_template_and_hostile_values(platform: Platform, emulator: ResendEmulator) -> None:
    [application] = applications(platform)
    platform.change("update users set first_name = %s where id = 2", '<img src=x onerror=alert(1)>{job_title}"')
    platform.change("update jobs set title = %s", "Chef\r\nBcc: victime@example.org")
    template_id = template(
        platform,
        subject="{candidate_first_name} {job_title}",
        body=(
            '<p onclick="steal()">{candidate_first_name}</p><script>alert(1)</script><iframe src="https://x"></iframe>'
            '<a href="javascript:alert(1)">ici</a><form action="https://x"><input name="y"></form>'
        ),
    )
    letter(platform, application, template_id)
    [content] = delivered(platform, emulator)
    assert content["subject"] == '<img src=x onerror=alert(1)>{job_title}" Chef Bcc: victime@example.org'
    assert content["to"] == ["paul.ndong@example.org"]
    assert "bcc" not in content
    assert not re.search(r"<script|<iframe|<form|<input|<img src=x|onclick|javascript:", content["html"])
    assert "&lt;img src=x onerror=alert(1)&gt;{job_title}" in content["html"]
    assert '<img src=x onerror=alert(1)>{job_title}"' in content["text"]


ANY_TEXT = st.text(min_size=1, max_size=60).filter(lambda text: "\x00" not in text)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(first=ANY_TEXT, title=ANY_TEXT, place=ANY_TEXT)
def test_no_value_of_the_database_changes_the_structure_or_the_headers(
    platform: Platform, first: str, title: str, place: str
) -> None:
    known = platform.rows("select id from job_applications order by id")
    application = known[0]["id"] if known else applications(platform)[0]
    body = "<p>{candidate_first_name}</p><ul><li>{job_title}</li><li>{job_location}</li></ul>"
    templates = platform.rows("select id from email_templates order by id")
    template_id = templates[0]["id"] if templates else template(platform, subject="{job_title}", body=body)

    def rendered(*values: str) -> Rendered:
        texts = [text.encode("utf-8", "ignore").decode() for text in values]
        platform.change("update users set first_name = %s, last_name = 'N' where id = 2", texts[0])
        platform.change("update jobs set title = %s, location = %s", texts[1], texts[2])
        identifier = letter(platform, application, template_id)

        def work(connection: Connection) -> Rendered | Missing:
            rows = query(connection, "select * from email_messages where id = %s", (identifier,))
            return mail_content.render_all(connection, rows, platform.settings)[identifier]

        answer = platform.do(work)
        assert isinstance(answer, Rendered) or "No value for" in answer.reason
        return answer if isinstance(answer, Rendered) else rendered("a", "b", "c")

    harmless, hostile = rendered("a", "b", "c"), rendered(first, title, place)
    assert structure(hostile.html) == structure(harmless.html)
    assert not re.search(r"[\x00-\x1f\x7f]", hostile.subject)
    assert hostile.reply_to == harmless.reply_to == "awa.mba@example.org"


def test_a_hundred_letters_leave_in_one_request(platform: Platform, emulator: ResendEmulator) -> None:
    ids = many_applicants(platform, 100)
    template_id = template(platform)
    users = {
        row["id"]: row["user_id"]
        for row in platform.rows(
            "select a.id, c.user_id from job_applications a join candidates c on c.id = candidate_id"
        )
    }
    new = [
        NewMessage(
            source=f"test:{identifier}",
            template="employer",
            recipient=f"p.{identifier}@example.org",
            context={"application_id": identifier},
            user_id=users[identifier],
            company_id=1,
            template_id=template_id,
            template_version=1,
        )
        for identifier in ids
    ]
    platform.do(lambda connection: write_messages(connection, new))
    platform.fill()
    assert platform.deliveries()[0]["task"] == email.DELIVER_BATCH.name
    assert len(delivered(platform, emulator)) == 100
    assert len(emulator.requests()) == 1
