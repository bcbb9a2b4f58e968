"""Nobody but the company's own recruiters: every route, tried by everybody else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask_openapi.openapi import OpenAPI
from pydantic import SecretStr

from api_min.routes import email_template_mails, email_templates
from tests.factories import main_web_app
from tests.factories.api import WEBHOOK_SECRET
from tests.integration.api.email_templates.conftest import (
    ADMIN,
    BODY,
    CANDIDATE,
    FOREIGNER,
    RECRUITER,
    URL,
    WITHOUT_ROW,
    TemplateOffice,
    detail,
)
from tests.integration.api.email_templates.possessions import possessions
from tests.integration.api.email_templates.trespasses import TRESPASSES
from tests.integration.api.route_guards import Route, RouteGroup
from worker.kit.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"resend_webhook_secret": SecretStr(WEBHOOK_SECRET)})


OF_ONE = (
    Route("GET", "/{id}"),
    Route("PUT", "/{id}", {"name": "Volé"}),
    Route("PATCH", "/{id}", {"name": "Volé"}),
    Route("DELETE", "/{id}"),
    Route("PATCH", "/{id}/set-default"),
    Route("POST", "/{id}/duplicate"),
    Route("GET", "/{id}/versions"),
    Route("POST", "/{id}/versions/1/restore"),
    Route("POST", "/{id}/preview", {}),
    Route("POST", "/{id}/send-test", {}),
    Route("POST", "/{id}/send", {"application_ids": [3]}),
)
OF_NONE = (
    Route("POST", "", BODY),
    Route("GET", ""),
    Route("GET", "/variables"),
    Route("GET", "/defaults"),
    Route("POST", "/defaults/custom/activate"),
    Route("GET", "/stats/usage"),
    Route("POST", "/preview", {"type": "custom", "subject": "Bonjour", "body": "Bonjour"}),
    Route("POST", "/draft", {"type": "custom"}),
)
EVERY = (*OF_ONE, *OF_NONE)

every_route_of_one = pytest.mark.parametrize("route", OF_ONE, ids=lambda route: f"{route.method} {route.path}")


GROUP = RouteGroup(URL, EVERY, frozenset({email_templates.api.name, email_template_mails.api.name}))
call = GROUP.call


def everything(office: TemplateOffice) -> list[Any]:
    """The rows that a trespasser could have touched."""
    return [
        office.rows(f"select to_jsonb(t) as row from {table} t order by 1")
        for table in ("email_templates", "email_template_versions", "email_messages", "task_runs")
    ]


def test_the_list_of_routes_is_complete(office: TemplateOffice) -> None:
    assert GROUP.is_complete(office.api.app, {"template_id": "{id}", "version": "1", "type": "custom"})


def test_credentials_come_first(office: TemplateOffice) -> None:
    assert GROUP.open_to_strangers(office.api) == []


@pytest.mark.parametrize("user_id", [CANDIDATE, ADMIN, None])
def test_other_roles_and_service_keys_are_refused(office: TemplateOffice, user_id: int | None) -> None:
    assert GROUP.not_answering(office.user(user_id) if user_id else office.api, 403) == []


def test_an_employer_without_a_profile_finds_nothing(office: TemplateOffice) -> None:
    for route in EVERY:
        answer = call(office.user(WITHOUT_ROW), route)
        assert (answer.status_code, detail(answer)) == (404, "Employer profile not found"), route


@every_route_of_one
def test_another_companys_template_does_not_exist(office: TemplateOffice, route: Route) -> None:
    made = office.make()
    before = everything(office)
    answer = call(office.user(FOREIGNER), route, made["id"])
    assert (answer.status_code, detail(answer)) == (404, "Template not found")
    assert everything(office) == before


@pytest.mark.parametrize("identifier", ["0", "-1", "999", "2147483648", "99999999999999999999"])
def test_ids_that_name_nothing_are_not_found(office: TemplateOffice, identifier: str) -> None:
    for route in OF_ONE:
        answer = call(office.recruiter, Route(route.method, route.path.replace("{id}", identifier), route.body))
        assert (answer.status_code, detail(answer)) == (404, "Template not found"), route


def test_an_id_is_a_number(office: TemplateOffice) -> None:
    for route in OF_ONE:
        answer = call(office.recruiter, Route(route.method, route.path.replace("{id}", "x1"), route.body))
        assert answer.status_code == 422, route
        assert "template_id" in detail(answer)


def test_lists_and_counts_are_the_companys_own(office: TemplateOffice) -> None:
    made = office.make(is_default=True)
    foreigner = office.user(FOREIGNER)
    assert foreigner.get(URL).json == []
    assert foreigner.get(f"{URL}/stats/usage").json["total_templates"] == 0
    assert not any(each["already_activated"] for each in foreigner.get(f"{URL}/defaults").json)
    theirs = foreigner.post(f"{URL}/defaults/welcome_candidate/activate").json
    assert (theirs["company_id"], theirs["is_default"]) == (2, True)
    assert office.recruiter.get(f"{URL}/{made['id']}").json["is_default"], "nobody's default moves another's"


@pytest.mark.parametrize("path", ["/{id}/preview", "/{id}/send", "/preview"])
def test_another_companys_application_is_refused(office: TemplateOffice, path: str) -> None:
    made = office.make(body="<p>Bonjour {candidate_name}</p>")
    before = everything(office)
    foreign = office.applications.foreign
    for identifier, status in ((foreign, 403), (999, 404), (2**31, 404)):
        body = {
            "application_id": identifier,
            "application_ids": [office.applications.awa, identifier],
            "type": "custom",
            "body": "{candidate_email}",
        }
        answer = office.recruiter.post(URL + path.format(id=made["id"]), body)
        assert answer.status_code == status, answer.text
        assert "marc" not in answer.text
    assert everything(office) == before


def test_a_test_goes_to_nobody_but_the_caller(office: TemplateOffice) -> None:
    made = office.make()
    body = {"recipient": "x@example.org", "to": "x@example.org", "user_id": 2, "email": "x@example.org"}
    assert (
        office.recruiter.post(f"{URL}/{made['id']}/send-test", body, headers={"Prefer": "respond-async"}).status_code
        == 202
    )
    office.work()
    assert [mail["to"] for mail in office.mails()] == [["awa.mba@example.org"]]


def routes_of(app: OpenAPI) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            yield from (f"{method} {rule.rule}" for method in (rule.methods or set()) - {"HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Victim:
    """Company 1, with a template of two versions, a letter that was sent, and an address that gets no mail."""

    names: dict[str, Any]
    secrets: tuple[str, ...]

    def fill(self, value: Any) -> Any:
        """The body with the victim's ids in place of their names; `{{name}}` stays the placeholder `{name}`."""
        if isinstance(value, dict):
            return {name: self.fill(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.fill(each) for each in value]
        if not isinstance(value, str):
            return value
        whole = re.fullmatch(r"\{([a-z_]+)\}", value)
        return self.names[whole[1]] if whole else value.replace("{{", "{").replace("}}", "}")

    def path(self, route: str, query: str) -> str:
        path = route.partition(" ")[2]
        for name, value in self.names.items():
            path = re.sub(rf"<(?:[^<>]*:)?{name}>", str(value), path)
        return path + query.format(**self.names)


def victim_of(office: TemplateOffice) -> Victim:
    made = office.make(name="Caché de Gabon Numérique", subject="Caché un {candidate_first_name}")
    office.recruiter.call("PATCH", f"{URL}/{made['id']}", json={"subject": "Caché deux {candidate_first_name}"})
    sent = office.recruiter.post(
        f"{URL}/{made['id']}/send",
        {"application_ids": [office.applications.awa]},
        headers={"Prefer": "respond-async"},
    )
    assert sent.status_code == 202, sent.text
    office.work()
    [mail] = office.rows("select recipient, provider_id, state from email_messages")
    assert mail["state"] == "sent"
    office.rows("insert into suppressions (address, reason) values ('secret@example.org', 'bounced') returning address")
    names = {
        "template_id": made["id"],
        "version": 1,
        "type": "custom",
        "application_id": office.applications.awa,
        "run_id": office.rows("select id from task_runs where caused_by = 1 order by id limit 1")[0]["id"],
        "recipient": mail["recipient"],
        "provider_id": mail["provider_id"],
        "address": "secret@example.org",
        "name": "bulk",
        "alert_id": 1,
        "provider": "google-calendar",
        "delivery_id": 1,
        "notification_id": office.app(
            lambda connection: main_web_app.insert_notification(connection, RECRUITER, title="Caché aussi")
        ),
        "job_id": 1,
        "posting_id": office.rows(
            """insert into job_postings (job_id, channel, state, target_name)
               values (1, 'LINKEDIN', 'unknown', 'Caché') returning id"""
        )[0]["id"],
        "interview_id": office.app(
            lambda connection: main_web_app.insert_interview(
                connection, office.applications.awa, RECRUITER, title="Caché entretien"
            )
        ),
    }
    return Victim(names, ("Caché", "secret@", mail["recipient"], mail["provider_id"]))


def test_every_route_has_its_trespass(office: TemplateOffice) -> None:
    assert set(routes_of(office.api.app)) == set(TRESPASSES)


@pytest.mark.parametrize(
    "route",
    [
        "GET /api/email-templates",
        "GET /api/email-templates/<template_id>",
        "GET /api/email-templates/<template_id>/versions",
        "GET /api/email-templates/stats/usage",
        "POST /api/email-templates/<template_id>/preview",
    ],
)
def test_the_company_itself_reaches_what_the_others_do_not(office: TemplateOffice, route: str) -> None:
    victim, attempt = victim_of(office), TRESPASSES[route]
    options = {} if attempt.body is None else {"json": victim.fill(attempt.body)}
    answer = office.recruiter.call(route.partition(" ")[0], victim.path(route, attempt.query), **options)
    assert answer.status_code == 200, answer.text
    assert "Caché" in answer.text


# Few enough for one user's limits, and many for one victim: it takes a while to make.
PARTS = 6


@pytest.mark.parametrize("part", range(PARTS))
def test_no_route_reaches_a_template_a_mail_or_a_recipient_of_another_company(
    office: TemplateOffice, part: int
) -> None:
    victim = victim_of(office)
    before, mails = possessions(office), office.mails()
    for route in list(TRESPASSES)[part::PARTS]:
        attempt = TRESPASSES[route]
        options = {} if attempt.body is None else {"json": victim.fill(attempt.body)}
        path, method = victim.path(route, attempt.query), route.partition(" ")[0]
        answer = office.user(FOREIGNER).call(method, path, headers={"Prefer": "respond-async"}, **options)
        assert answer.status_code == attempt.status, f"{route}: {answer.text}"
        assert [secret for secret in victim.secrets if secret in answer.text] == [], route
        office.work()
        his = office.rows("select payload::text, result::text from task_runs where caused_by = %s", FOREIGNER)
        assert [secret for secret in victim.secrets if secret in str(his)] == [], route
        assert possessions(office) == before, route
        assert office.mails() == mails, route
