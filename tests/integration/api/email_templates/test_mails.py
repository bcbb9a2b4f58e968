"""Previews, tests and mails to applicants, through the real tasks to the emulated provider."""

from collections.abc import Callable

import pytest
import requests
from flask_openapi.openapi import OpenAPI

from tests.factories import main_web_app
from tests.factories.api import Api, token
from tests.integration.api.email_templates.conftest import COLLEAGUE, FOREIGNER, RECRUITER, URL, TemplateOffice, detail
from worker.kit.settings import Settings

ASYNC = {"Prefer": "respond-async"}


def test_a_preview_shows_examples_or_an_applicant(office: TemplateOffice) -> None:
    made = office.make(subject="{candidate_first_name}", body="<p>{candidate_name} chez {company_name}</p>")
    address = f"{URL}/{made['id']}/preview"
    example = office.recruiter.post(address)
    assert example.status_code == 200
    assert (example.json["subject"], example.json["missing"]) == ("Awa", [])
    real = office.recruiter.post(address, {"application_id": office.applications.awa}).json
    assert real["subject"] == "Paul"
    for part in ("html", "text"):
        assert "Paul Ndong chez Gabon Numérique" in real[part]
    given = office.recruiter.post(address, {"values": {"candidate_first_name": "<b>Rose</b>\r\nBcc: x"}}).json
    assert given["subject"] == "<b>Rose</b> Bcc: x"


def test_a_preview_names_what_is_missing(office: TemplateOffice) -> None:
    made = office.make(type="interview_invitation", subject="Le {interview_date}", body="<p>{interview_link}</p>")
    answer = office.recruiter.post(f"{URL}/{made['id']}/preview", {"application_id": office.applications.awa}).json
    assert answer["missing"] == ["interview_date", "interview_link"]


def test_an_unsaved_template_is_previewed_by_the_same_code(office: TemplateOffice) -> None:
    content = {"type": "OFFER_LETTER", "subject": "{job_title}", "body": "Bonjour\n\n{nobody}", "body_format": "text"}
    answer = office.recruiter.post(f"{URL}/preview", {**content, "application_id": office.applications.lea}).json
    assert answer["subject"] == "Développeur Python"
    assert answer["missing"] == ["nobody"]
    assert "Bonjour" in answer["text"]
    saved = office.make(type="offer_letter", subject="{job_title}", body="Bonjour\n\nbis", body_format="text")
    body = {**content, "body": "Bonjour\n\nbis"}
    assert (
        office.recruiter.post(f"{URL}/preview", body).json == office.recruiter.post(f"{URL}/{saved['id']}/preview").json
    )


def test_a_preview_of_an_alert_shows_example_offers(office: TemplateOffice) -> None:
    body = {"type": "job_alert", "subject": "{alert_name}", "body": "<p>{jobs_list}</p>"}
    answer = office.recruiter.post(f"{URL}/preview", body).json
    assert answer["missing"] == []
    assert "{jobs_list}" not in answer["html"] + answer["text"]
    assert "https://" in answer["text"]


def test_a_preview_runs_nothing(office: TemplateOffice) -> None:
    body = {"type": "custom", "body": '<script>x</script><p onclick="x()">{candidate_name}</p>'}
    values = {"candidate_name": "<script>alert(1)</script>"}
    html = office.recruiter.post(f"{URL}/preview", {**body, "values": values}).json["html"]
    assert "<script" not in html
    assert "onclick" not in html
    assert "&lt;script&gt;" in html


def test_a_template_is_sent_to_applicants(office: TemplateOffice) -> None:
    made = office.make()
    ids = [office.applications.lea, office.applications.awa, office.applications.lea]
    answer = office.recruiter.post(f"{URL}/{made['id']}/send", {"application_ids": ids})
    assert (answer.status_code, answer.json["count"]) == (202, 2)
    run = answer.json["run"]
    assert (run["task"], run["state"]) == ("email.send_bulk", "queued")
    assert answer.headers["Location"] == f"/api/tasks/{run['id']}"
    assert office.user(COLLEAGUE).get(answer.headers["Location"]).status_code == 404, "only who asked may look"

    office.work()
    office.api.database.autocommit("update task_runs set run_at = now() where state = 'queued'", {})
    office.work()
    assert office.recruiter.get(answer.headers["Location"]).json["state"] == "succeeded"
    mails = {mail["to"][0]: mail for mail in office.mails()}
    assert set(mails) == {"paul.ndong@example.org", "lea.obame@example.org"}
    mail = mails["paul.ndong@example.org"]
    assert mail["subject"] == "Bienvenue Paul"
    assert mail["reply_to"] == "awa.mba@example.org"
    used = office.recruiter.get(f"{URL}/{made['id']}").json
    assert used["usage_count"] == 2
    assert used["last_used_at"] is not None


def test_every_missing_value_is_named_and_nothing_is_sent(office: TemplateOffice) -> None:
    made = office.make(
        type="interview_invitation", subject="{interview_date}", body="<p>{interview_time} {interview_link}</p>"
    )
    office.app(
        lambda connection: main_web_app.insert_interview(
            connection, office.applications.awa, RECRUITER, meeting_link="https://meet.example.org/x"
        )
    )
    body = {"application_ids": [office.applications.awa, office.applications.lea]}
    answer = office.recruiter.post(f"{URL}/{made['id']}/send", body)
    assert answer.status_code == 422
    for name in ("{interview_date}", "{interview_time}", "{interview_link}"):
        assert name in detail(answer)
    assert str(office.applications.lea) in detail(answer)
    assert office.rows("select id from task_runs") == []
    complete = office.recruiter.post(f"{URL}/{made['id']}/send", {"application_ids": [office.applications.awa]})
    assert complete.status_code == 202


def test_an_inactive_template_is_not_sent(office: TemplateOffice) -> None:
    made = office.make(is_active=False)
    answer = office.recruiter.post(f"{URL}/{made['id']}/send", {"application_ids": [office.applications.awa]})
    assert answer.status_code == 409
    assert "inactive" in detail(answer)


@pytest.mark.parametrize("ids", [[], [1] * 501, ["x"], [None], "1", [True]])
def test_one_to_five_hundred_applications(office: TemplateOffice, ids: object) -> None:
    made = office.make()
    answer = office.recruiter.post(f"{URL}/{made['id']}/send", {"application_ids": ids})
    assert answer.status_code == 422
    assert "application_id" in detail(answer)


def test_mails_by_hand_are_limited_per_company(office: TemplateOffice) -> None:
    made = office.make(body="<p>Bonjour</p>", subject="Bonjour")
    ids = [office.app(lambda connection: main_web_app.insert_application(connection, 1, 1)) for _ in range(200)]
    address = f"{URL}/{made['id']}/send"
    assert office.recruiter.post(address, {"application_ids": ids}).status_code == 202
    refused = office.user(COLLEAGUE).post(address, {"application_ids": ids[:1]})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert len(office.rows("select id from task_runs")) == 1


def test_previews_are_limited_per_user(office: TemplateOffice) -> None:
    made = office.make()
    statuses = [office.recruiter.post(f"{URL}/{made['id']}/preview").status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    content = {"type": "custom", "subject": "Bonjour", "body": "<p>Bonjour</p>"}
    assert office.recruiter.post(f"{URL}/preview", content).status_code == 429


def test_a_test_mail_is_waited_for_and_marked(office: TemplateOffice) -> None:
    made = office.make()
    with office.working():
        answer = office.recruiter.post(f"{URL}/{made['id']}/send-test")
    assert answer.status_code == 200, answer.text
    assert answer.json["run"]["state"] == "succeeded"
    assert "awa.mba@example.org" in answer.json["message"]
    [mail] = office.mails()
    assert mail["subject"] == "[Test] Bienvenue Awa"
    assert office.recruiter.get(f"{URL}/{made['id']}").json["usage_count"] == 0


def test_a_test_mail_that_is_not_waited_for(office: TemplateOffice) -> None:
    made = office.make()
    answer = office.recruiter.post(f"{URL}/{made['id']}/send-test", {}, headers=ASYNC)
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert answer.json["run"]["state"] == "queued"
    assert answer.headers["Location"] == f"/api/tasks/{answer.json['run']['id']}"


def test_a_proposal_is_written_while_the_recruiter_waits(office: TemplateOffice) -> None:
    with office.working():
        answer = office.recruiter.post(
            f"{URL}/draft", {"type": "Follow-Up", "tone": "chaleureux", "instructions": "Demander les disponibilités."}
        )
    assert answer.status_code == 200, answer.text
    proposal = answer.json
    assert (proposal["type"], proposal["locale"], proposal["body_format"]) == ("follow_up", "fr", "html")
    assert proposal["body"].startswith("<p>Bonjour {candidate_first_name},</p>")
    saved = {name: proposal[name] for name in ("type", "locale", "name", "subject", "body", "body_format")}
    assert office.recruiter.post(URL, saved).status_code == 201


def test_a_proposal_with_unknown_names_is_asked_for_again(office: TemplateOffice) -> None:
    office.faults("anthropic", unknown_name=1.0, times=1)
    with office.working():
        answer = office.recruiter.post(f"{URL}/draft", {"type": "custom", "locale": "en"})
    assert answer.status_code == 200, answer.text
    assert "candidat_prenom" not in answer.json["body"]


def test_a_proposal_that_takes_long_is_fetched_later(office: TemplateOffice) -> None:
    answer = office.recruiter.post(f"{URL}/draft", {"type": "custom"}, headers={"Prefer": "wait=0"})
    assert answer.status_code == 202
    assert (answer.json["subject"], answer.json["body"], answer.json["type"]) == (None, None, "custom")
    office.work()
    run = office.recruiter.get(answer.headers["Location"]).json
    assert (run["task"], run["state"]) == ("email.draft", "succeeded")
    assert run["result"]["subject"]


def test_a_refusal_reaches_the_recruiter(office: TemplateOffice) -> None:
    office.faults("anthropic", declined=1.0)
    with office.working():
        answer = office.recruiter.post(f"{URL}/draft", {"type": "custom"})
    assert answer.status_code == 422
    assert "other words" in detail(answer)


def test_a_proposal_costs_what_it_takes(office: TemplateOffice) -> None:
    with office.working():
        assert office.recruiter.post(f"{URL}/draft", {"type": "custom"}).status_code == 200
    [total, ours] = office.rows("select * from ai_spending order by company_id")
    assert (total["company_id"], ours["company_id"]) == (0, 1)
    assert ours["calls"] == 1
    assert ours["micro_usd"] == 3 * ours["input_tokens"] + 15 * ours["output_tokens"] == total["micro_usd"] > 0


@pytest.mark.parametrize(
    ("fault", "paid"), [("rate_limit", False), ("overloaded", False), ("cut_off", True), ("declined", True)]
)
def test_what_comes_to_nothing_costs_the_most_or_nothing(office: TemplateOffice, fault: str, paid: bool) -> None:
    office.faults("anthropic", **{fault: 1.0})
    office.recruiter.post(f"{URL}/draft", {"type": "custom"}, headers=ASYNC)
    office.work()
    [total, ours] = office.rows("select calls, input_tokens, micro_usd from ai_spending order by company_id")
    assert total == ours
    assert (ours["calls"], ours["input_tokens"], ours["micro_usd"] > 0) == (1, 0, paid)


def test_a_used_up_budget_is_said_and_nothing_is_asked(office: TemplateOffice) -> None:
    office.rows(
        "insert into ai_spending (day, company_id, micro_usd) "
        "values ((now() at time zone 'Africa/Libreville')::date, 1, 4990000) returning day"
    )
    with office.working():
        answer = office.recruiter.post(f"{URL}/draft", {"type": "custom"})
    assert answer.status_code == 429
    assert "budget" in detail(answer)
    assert "tomorrow" in detail(answer)
    asked = requests.get(f"{office.emulators}/_emulator/anthropic/requests", timeout=5).json()["requests"]
    assert asked == []
    with office.working():
        other = office.user(FOREIGNER).post(f"{URL}/draft", {"type": "custom"})
    assert other.status_code == 200, "another company has its own"


def test_without_a_key_proposals_are_off(
    office: TemplateOffice, make_app: Callable[[Settings], OpenAPI], settings: Settings
) -> None:
    app = make_app(settings.model_copy(update={"anthropic_api_key": None}))
    caller = Api(app, app.test_client(), office.api.database, office.api.worker).with_token(token(sub=str(RECRUITER)))
    answer = caller.post(f"{URL}/draft", {"type": "custom"})
    assert answer.status_code == 503
    assert "ANTHROPIC_API_KEY" in detail(answer)
    assert office.rows("select id from task_runs") == []


def test_proposals_are_limited_per_user(office: TemplateOffice) -> None:
    statuses = [office.recruiter.post(f"{URL}/draft", {"type": "custom"}, headers=ASYNC).status_code for _ in range(31)]
    assert statuses == [202] * 30 + [429]
