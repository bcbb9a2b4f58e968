"""Nobody but the company's own recruiters: every route, tried by everybody else."""

from typing import Any

import pytest

from api_min.routes import email_template_mails, email_templates
from tests.integration.api.email_templates.conftest import (
    BODY,
    FOREIGNER,
    URL,
    WITHOUT_ROW,
    TemplateOffice,
    detail,
)
from tests.integration.api.route_guards import Route, RouteGroup

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


def test_an_employer_without_a_profile_finds_nothing(office: TemplateOffice) -> None:
    for route in EVERY:
        answer = call(office.user(WITHOUT_ROW), route)
        assert (answer.status_code, detail(answer)) == (404, "Employer profile not found"), route


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
