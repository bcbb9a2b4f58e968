"""`email.send`: one mail to one person, from what the platform knows to what became of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from tests.factories import main_web_app
from tests.factories.emulators import ResendEmulator
from tests.integration.services.email.templated_mails import applications, send, template, usage
from tests.integration.services.support import Platform
from worker.catalogue import email
from worker.ledger.enqueue import enqueue


def interview(platform: Platform, application_id: int, **values: Any) -> int:
    given = {"scheduled_at": datetime(2031, 1, 7, 9, 30, tzinfo=UTC), "timezone": "Africa/Libreville", **values}
    return platform.app(lambda connection: main_web_app.insert_interview(connection, application_id, 1, **given))


def test_the_run_ends_with_the_outcome_of_its_delivery(platform: Platform, emulator: ResendEmulator) -> None:
    [application] = applications(platform)
    run = send(platform, kind="application_rejected", application_id=application)
    assert (run["task"], run["state"]) == ("email.send", "succeeded")
    [mail] = emulator.mails()
    [row] = platform.mails()
    assert run["result"] == {"message_id": row["id"], "state": "sent", "provider_id": mail["id"]}
    assert (mail["to"], row["user_id"], row["company_id"]) == (["paul.ndong@example.org"], 2, 1)
    assert (row["template"], row["template_id"], row["context"]) == (
        "application_rejected",
        None,
        {"application_id": application},
    )
    content = emulator.mail(mail["id"])
    assert content["reply_to"] == "awa.mba@example.org"
    assert "Comptable" in content["text"]
    assert "Gabon Numérique" in content["html"]


def test_its_delivery_is_a_child_on_the_interactive_queue(platform: Platform) -> None:
    [application] = applications(platform)
    run = send(platform, kind="application_rejected", application_id=application)
    [child] = platform.rows("select task, queue, state from task_runs where parent_id = %s", run["id"])
    assert child == {"task": "email.deliver_message", "queue": "interactive", "state": "succeeded"}


def test_it_waits_while_the_delivery_does(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(rate_limit={"share": 1.0, "seconds": 30}, times=1)
    [application] = applications(platform)
    run = send(platform, kind="application_rejected", application_id=application)
    assert (run["state"], run["progress"]) == ("queued", {"message_id": platform.mails()[0]["id"]})
    platform.change("update task_runs set run_at = now() where state = 'queued' and task = 'email.send'")
    platform.drain()
    assert platform.run(run["id"])["state"] == "queued"
    platform.change("update rate_limits set next_at = now()")
    platform.change("update task_runs set run_at = now() where state = 'queued' and task = 'email.deliver_message'")
    platform.drain()
    assert platform.run(run["id"])["result"]["state"] == "sent"
    assert len(emulator.mails()) == 1


def test_an_employer_s_template_in_its_own_language(platform: Platform, emulator: ResendEmulator) -> None:
    [application] = applications(platform, language="en")
    template_id = template(platform)
    run = send(platform, template_id=template_id, application_id=application)
    assert run["state"] == "succeeded"
    [row] = platform.mails()
    assert (row["template"], row["template_id"], row["template_version"], row["locale"]) == (
        "employer",
        template_id,
        1,
        "fr",
    )
    assert emulator.mails()[0]["subject"] == "Votre candidature : Comptable"
    assert usage(platform, template_id) == (1, True)


def test_a_kind_prefers_the_company_s_default(platform: Platform, emulator: ResendEmulator) -> None:
    first, second = applications(platform, 2)
    template_id = template(platform, is_default=True, subject="Le nôtre pour {candidate_name}")
    send(platform, kind="rejection", application_id=first)
    assert emulator.mails()[0]["subject"] == "Le nôtre pour Paul Ndong"
    platform.change("update email_templates set is_active = false where id = %s", template_id)
    send(platform, kind="rejection", application_id=second)
    assert platform.mails()[1]["template"] == "application_rejected"


def test_the_recipient_s_language_chooses_among_ours(platform: Platform, emulator: ResendEmulator) -> None:
    [application] = applications(platform, language="en")
    send(platform, kind="offer_letter", application_id=application)
    assert platform.mails()[0]["locale"] == "en"
    platform.change("insert into recipient_preferences (user_id, locale) values (2, 'fr')")
    send(platform, kind="offer_letter", application_id=application)
    send(platform, kind="offer_letter", application_id=application, locale="en")
    assert [row["locale"] for row in platform.mails()] == ["en", "fr", "en"]


def test_an_interview_in_its_own_time_zone(platform: Platform, emulator: ResendEmulator) -> None:
    [application] = applications(platform)
    interview(platform, application, location="12 boulevard", meeting_link="https://meet.example.org/x")
    assert send(platform, kind="interview_invitation", application_id=application)["state"] == "succeeded"
    text = emulator.mail(emulator.mails()[0]["id"])["text"]
    assert "mardi 7 janvier 2031" in text
    assert "10:30 (heure de Libreville)" in text
    assert "12 boulevard" in text


def test_missing_values_are_all_named_and_nothing_is_sent(platform: Platform, emulator: ResendEmulator) -> None:
    [application] = applications(platform)
    template_id = template(
        platform, type="CUSTOM", body="<p>{interview_date} {interview_time} {candidate_name} {nothing_like_it}</p>"
    )
    run = send(platform, template_id=template_id, application_id=application)
    assert (run["state"], run["error"]["code"], run["error"]["status"]) == ("failed", "email.missing_values", 422)
    assert run["error"]["message"] == (
        "Nothing was sent: there is no value for {interview_date}, {interview_time}, {nothing_like_it}."
    )
    assert platform.mails() == []
    assert emulator.requests() == []
    assert usage(platform, template_id) == (0, False)


def test_a_value_that_went_missing_meanwhile_stops_the_mail(platform: Platform, emulator: ResendEmulator) -> None:
    [application] = applications(platform)
    meeting = interview(platform, application)
    payload = email.SendMail(
        template_id=template(platform, type="CUSTOM", body="<p>{interview_date}</p>"), application_id=application
    )
    run_id = platform.do(lambda connection: enqueue(connection, email.SEND, payload)).id
    platform.step(run_id)
    platform.change("update interview_schedules set status = 'CANCELED' where id = %s", meeting)
    platform.drain()
    run = platform.run(run_id)
    assert (run["state"], run["error"]["code"]) == ("failed", "email.failed")
    assert run["error"]["message"] == "The mail was not sent. No value for {interview_date}."
    assert emulator.requests() == []


def test_given_values_win(platform: Platform, emulator: ResendEmulator) -> None:
    [application] = applications(platform)
    template_id = template(platform, body="<p>{candidate_first_name} {interview_date}</p>", type="CUSTOM")
    values = {"interview_date": "<b>demain</b> {job_title}", "candidate_first_name": "Paulette"}
    assert send(platform, template_id=template_id, application_id=application, values=values)["state"] == "succeeded"
    content = emulator.mail(emulator.mails()[0]["id"])
    assert "Paulette &lt;b&gt;demain&lt;/b&gt; {job_title}" in content["html"]
    assert "Paulette <b>demain</b> {job_title}" in content["text"]


@pytest.mark.parametrize(
    ("payload", "code", "status"),
    [
        ({"kind": "custom", "application_id": 4_000}, "email.no_reader", 404),
        ({"kind": "custom", "application_id": 1, "company_id": 2}, "email.no_reader", 404),
        ({"kind": "custom", "user_id": 4_000}, "email.no_reader", 404),
        ({"template_id": 4_000, "application_id": 1}, "email.no_template", 404),
        ({"template_id": 1, "user_id": 2}, "email.no_template", 404),
        ({"template_id": 1, "user_id": 2, "company_id": 2}, "email.no_template", 404),
        ({"template_id": 2, "application_id": 1}, "email.template_inactive", 409),
        ({"template_id": 3, "application_id": 1}, "email.no_template", 404),
    ],
)
def test_what_is_not_there_or_another_company_s(
    platform: Platform, emulator: ResendEmulator, payload: dict[str, Any], code: str, status: int
) -> None:
    applications(platform)
    template(platform)
    template(platform, is_active=False)
    template(platform, company_id=2)
    run = send(platform, **payload)
    assert (run["state"], run["error"]["code"], run["error"]["status"]) == ("failed", code, status)
    assert platform.mails() == []


def test_a_deleted_template_is_not_used(platform: Platform) -> None:
    [application] = applications(platform)
    template_id = template(platform)
    platform.change("update email_templates set deleted_at = now() where id = %s", template_id)
    assert send(platform, template_id=template_id, application_id=application)["error"]["code"] == "email.no_template"


def test_an_account_without_an_address(platform: Platform) -> None:
    [application] = applications(platform)
    platform.change("update users set email = 'nobody' where id = 2")
    assert send(platform, kind="offer_letter", application_id=application)["error"]["code"] == "email.no_address"


def test_a_suppressed_address_fails_the_run_with_the_reason(platform: Platform, emulator: ResendEmulator) -> None:
    [application] = applications(platform)
    platform.change("insert into suppressions (address, reason) values ('paul.ndong@example.org', 'bounced')")
    run = send(platform, kind="offer_letter", application_id=application)
    assert (run["error"]["code"], run["error"]["status"]) == ("email.suppressed", 409)
    assert run["error"]["message"] == "The mail was not sent. The address is on the suppression list."
    assert (platform.states(), emulator.requests()) == (["suppressed"], [])


def test_a_refused_address_fails_the_run(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(answer={"status": 422, "name": "validation_error", "message": "no"}, times=1)
    [application] = applications(platform)
    run = send(platform, kind="offer_letter", application_id=application)
    assert (run["state"], run["error"]["code"], run["error"]["status"]) == ("failed", "email.failed", 502)
    assert platform.states() == ["failed"]


def test_a_delivery_waits_while_the_account_is_not_accepted_and_makes_no_second_mail(
    platform: Platform, emulator: ResendEmulator
) -> None:
    platform.connect_provider(key="re_invalid")
    [application] = applications(platform)
    run = send(platform, kind="offer_letter", application_id=application)
    assert run["state"] == "queued"
    [delivery] = platform.rows("select * from task_runs where parent_id = %s", run["id"])
    assert (delivery["state"], delivery["error"]["code"]) == ("queued", "provider.configuration")
    platform.connect_provider()
    platform.step(delivery["id"])
    run = platform.step(run["id"])
    assert (run["state"], run["result"] and run["result"]["state"]) == ("succeeded", "sent"), run["error"]
    assert len(emulator.mails()) == len(platform.mails()) == 1


def test_an_outcome_that_nobody_knows(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(drop_after_recording=1.0, times=1)
    [application] = applications(platform)
    run = send(platform, kind="offer_letter", application_id=application)
    platform.change("update effects set first_intended_at = now() - interval '24 hours'")
    platform.change("update task_runs set run_at = now() where state = 'queued' and task = 'email.deliver_message'")
    platform.drain()
    run = platform.run(run["id"])
    assert (run["state"], run["error"]["code"], run["error"]["status"]) == ("failed", "provider.unknown_outcome", 504)
    assert len(emulator.mails()) == 1


def test_a_dropped_answer_is_asked_for_again_with_the_same_key(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(drop_after_recording=1.0, times=1)
    [application] = applications(platform)
    run = send(platform, kind="offer_letter", application_id=application)
    platform.change("update task_runs set run_at = now() where state = 'queued' and task = 'email.deliver_message'")
    platform.drain()
    assert platform.run(run["id"])["result"]["state"] == "sent"
    first, second = emulator.requests()
    assert (first["key"], first["sha256"]) == (second["key"], second["sha256"])
    assert len(emulator.mails()) == 1


def test_a_test_mail_is_marked_and_does_not_count(platform: Platform, emulator: ResendEmulator) -> None:
    template_id = template(platform)
    assert send(platform, template_id=template_id, user_id=1, company_id=1, sample=True)["state"] == "succeeded"
    [mail] = emulator.mails()
    assert mail["to"] == ["awa.mba@example.org"]
    assert mail["subject"] == "[Test] Votre candidature : Comptable senior"
    assert usage(platform, template_id) == (0, False)


def test_a_welcome_to_a_user(platform: Platform, emulator: ResendEmulator) -> None:
    run = send(platform, kind="welcome", user_id=3, company_id=2)
    assert run["state"] == "succeeded"
    content = emulator.mail(emulator.mails()[0]["id"])
    assert content["to"] == ["lea.obame@example.org"]
    assert "Douala Conseil" in content["text"]
    assert "reply_to" not in content


def test_a_raw_mail_of_another_program(platform: Platform, emulator: ResendEmulator) -> None:
    run = send(
        platform,
        recipient="qui@example.org",
        subject="Mot de\r\npasse",
        text="Bonjour <b>,\n\nVoici le lien.",
        reply_to="aide@example.org",
    )
    assert run["state"] == "succeeded"
    [mail] = emulator.mails()
    content = emulator.mail(mail["id"])
    assert (mail["to"], mail["subject"], content["reply_to"]) == (
        ["qui@example.org"],
        "Mot de passe",
        "aide@example.org",
    )
    assert content["text"] == "Bonjour <b>,\n\nVoici le lien."
    assert "<p>Bonjour &lt;b&gt;,</p><p>Voici le lien.</p>" in content["html"]
    assert platform.mails()[0]["context"] is None


@pytest.mark.parametrize(("recipient", "sent"), [("Paul.Ndong@example.org", True), ("lea.obame@example.org", False)])
def test_a_user_may_write_his_own_words_to_nobody_but_himself(
    platform: Platform, emulator: ResendEmulator, recipient: str, sent: bool
) -> None:
    run = send(platform, caused_by=2, recipient=recipient, subject="Essai", text="Bonjour", html="<p>Bonjour</p>")
    assert run["state"] == ("succeeded" if sent else "failed")
    assert len(emulator.mails()) == int(sent)
    if not sent:
        assert (run["error"]["code"], run["error"]["status"]) == ("email.free_address", 403)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"kind": "custom"},
        {"kind": "custom", "application_id": 1, "user_id": 1},
        {"kind": "custom", "template_id": 1, "user_id": 1},
        {"kind": "job_alert", "user_id": 1},
        {"kind": "custom", "application_id": 1, "sample": True},
        {"kind": "custom", "user_id": 1, "recipient": "a@example.org"},
        {"kind": "custom", "user_id": 1, "html": "<p>"},
        {"recipient": "a@example.org", "subject": "s"},
        {"recipient": "a@example.org\nBcc: b@example.org", "subject": "s", "text": "t"},
        {"recipient": "a@example.org, b@example.org", "subject": "s", "text": "t"},
        {"recipient": "a@example.org", "subject": "s", "text": "t", "values": {"job_title": "x"}},
        {"kind": "custom", "user_id": 1, "values": {"job title": "x"}},
        {"kind": "custom", "user_id": 2**31},
        {"kind": "custom", "user_id": 1, "locale": "pt"},
        {"kind": "custom", "user_id": 1, "bcc": "a@example.org"},
    ],
)
def test_payloads_that_mean_nothing_or_two_things_are_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        email.SendMail(**payload)


def test_the_kind_may_be_written_as_anybody_writes_it() -> None:
    assert email.SendMail(kind="INTERVIEW-INVITATION", user_id=1).kind == "interview_invitation"
    assert email.SendMail(kind="welcome", user_id=1).kind == "welcome_candidate"


def test_an_expired_parent_does_not_outlive_its_delivery() -> None:
    assert email.SEND.expires_after > email.DELIVER_MESSAGE.expires_after
    assert email.SEND_BULK.expires_after > email.DELIVER_BATCH.expires_after
    assert timedelta(seconds=email.SEND.expires_after) < timedelta(days=4)
