"""A recruiter's requests, repeated under their key: one template, one sending, one test mail, one proposal."""

import pytest

from tests.integration.api.email_templates.conftest import TemplateOffice
from tests.integration.api.repeating import EMPLOYERS, TEMPLATE, TEMPLATES, Asked, check

OTHER = Asked("POST", TEMPLATES, {**TEMPLATE, "name": "Un autre"})
TABLES = ("email_templates", "task_runs", "email_messages")


def asked_about(office: TemplateOffice, asked: Asked) -> Asked:
    made = office.make()
    office.recruiter.call("PATCH", f"{TEMPLATES}/{made['id']}", json={"subject": "Autre sujet"})
    return asked if asked.values else asked._replace(values=(made["id"], 1))


@pytest.mark.parametrize("asked", EMPLOYERS, ids=lambda asked: f"{asked.method} {asked.path}")
def test_a_recruiter_who_repeats_changes_nothing(office: TemplateOffice, asked: Asked) -> None:
    check(office.recruiter, asked_about(office, asked), OTHER, *TABLES)


def test_applicants_are_written_to_once(office: TemplateOffice) -> None:
    made = office.make()
    body = {"application_ids": [office.applications.awa, office.applications.lea]}
    asked = Asked("POST", f"{TEMPLATES}/{{template_id}}/send", body, (made["id"],))
    check(office.recruiter, asked, OTHER, *TABLES)
    office.work()
    assert asked.send(office.recruiter).status_code == 202
    office.work()
    assert len(office.mails()) == 2


def test_a_test_mail_is_sent_once(office: TemplateOffice) -> None:
    made = office.make()
    asked = Asked("POST", f"{TEMPLATES}/{{template_id}}/send-test", None, (made["id"],))
    with office.working():
        check(office.recruiter, asked, OTHER, "email_messages")
    assert len(office.mails()) == 1


def test_a_test_mail_that_is_not_there_yet_is_waited_for(office: TemplateOffice) -> None:
    made = office.make()
    asked = Asked("POST", f"{TEMPLATES}/{{template_id}}/send-test", None, (made["id"],))
    first = asked.send(office.recruiter, Prefer="respond-async")
    assert first.status_code == 202
    with office.working():
        again = asked.send(office.recruiter, Prefer="wait=20")
    assert (again.status_code, again.headers["Location"]) == (200, first.headers["Location"])
    assert len(office.mails()) == 1


def test_a_text_is_proposed_once(office: TemplateOffice) -> None:
    asked = Asked("POST", f"{TEMPLATES}/draft", {"type": "welcome_candidate", "instructions": "Chaleureux."})
    with office.working():
        check(office.recruiter, asked, OTHER, "task_runs")
