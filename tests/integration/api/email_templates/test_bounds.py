"""Templates beyond what is accepted: markup, mails, lists, and how many a company may keep."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from flask_openapi.openapi import OpenAPI

from tests.factories import main_web_app
from tests.factories.api import Api, token
from tests.factories.costs import least
from tests.factories.hostile_markup import KINDS
from tests.integration.api.email_templates.conftest import BODY, RECRUITER, URL, TemplateOffice, detail
from worker.kit.settings import Settings
from worker.services.email.templating import template_pages

SECOND = 1.0
UNFIT = {
    "bytes": ("<p>" + "x" * 102_000, "102000"),
    "depth": ("<div>" * 4000, "100"),
    "elements": ("<b>x</b>" * 3001, "3000"),
    "rules": ("<style>" + "p{color:red}" * 300 + "</style>" + "<p>x</p>" * 1000, "300 rules for 1000 elements"),
    "styles": ("<style>p{" + "border:1px solid red;" * 2000 + "}</style>" + "<p>x</p>" * 1000, "1000 elements"),
    "mail": ("<ul>" + "<li>x</li>" * 2900 + "</ul>", "102000"),
    "values": ("{candidate_email}" * 5900, "102000"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_what_is_unfit_is_refused_with_its_bound(office: TemplateOffice, kind: str) -> None:
    body, bound = UNFIT[kind]
    draft = {**BODY, "body": body}
    for path in (URL, f"{URL}/preview"):
        refused = office.recruiter.post(path, draft)
        assert refused.status_code == 422, path
        assert refused.json["errors"][0]["loc"] == ["body", "body"]
        assert bound in detail(refused)
    assert office.rows("select id from email_templates") == []


def test_an_unfit_row_of_the_main_web_app_is_read_and_not_sent(office: TemplateOffice) -> None:
    body = UNFIT["depth"][0]
    kept = office.app(lambda connection: main_web_app.insert_template(connection, "Profond", body=body))
    assert office.recruiter.get(f"{URL}/{kept}").json["body"] == body
    for path, members in (("preview", {}), ("send", {"application_ids": [office.applications.awa]})):
        refused = office.recruiter.post(f"{URL}/{kept}/{path}", members)
        assert refused.status_code == 422, path
        assert "nested deeper than 100" in detail(refused)
    assert office.rows("select id from task_runs") == []
    renamed = office.recruiter.call("PATCH", f"{URL}/{kept}", json={"name": "Autre"})
    assert (renamed.status_code, len(renamed.json["warnings"])) == (200, 1)


def test_no_request_with_markup_costs_a_second(office: TemplateOffice) -> None:
    for number, (kind, make) in enumerate(KINDS.items()):
        draft = {**BODY, "body": make(3000)[:900_000]}
        path = f"{URL}/preview" if number % 2 else URL
        assert least(partial(_seconds, office, path, draft), SECOND) < SECOND, kind


def _seconds(office: TemplateOffice, path: str, draft: Mapping[str, Any]) -> float:
    before = time.process_time()
    assert office.recruiter.post(path, draft).status_code in {200, 201, 422}
    return time.process_time() - before


def test_a_list_is_bounded_in_bytes(office: TemplateOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_pages, "PAGE_BYTES", 2500)
    made = [office.make(type="custom", name=f"{number}", body="x" * 1000, subject="x")["id"] for number in range(5)]
    first, second, last = (office.recruiter.get(f"{URL}?offset={offset}") for offset in (0, 2, 4))
    assert [[each["id"] for each in page.json] for page in (first, second, last)] == [made[:2], made[2:4], made[4:]]
    assert {page.headers["X-Total-Count"] for page in (first, second, last)} == {"5"}
    office.recruiter.call("PATCH", f"{URL}/{made[0]}", json={"body": "y" * 3000})
    versions = office.recruiter.get(f"{URL}/{made[0]}/versions")
    assert ([each["version"] for each in versions.json], versions.headers["X-Total-Count"]) == ([2], "2")
    assert [each["version"] for each in office.recruiter.get(f"{URL}/{made[0]}/versions?offset=1").json] == [1]


def test_a_list_cuts_what_could_not_be_saved(office: TemplateOffice) -> None:
    body = "x" * 300_000
    kept = office.app(lambda connection: main_web_app.insert_template(connection, "Long", body=body, subject=body))
    [shown] = office.recruiter.get(URL).json
    assert (len(shown["body"]), len(shown["subject"])) == (102_001, 501)
    back = office.recruiter.call("PATCH", f"{URL}/{kept}", json={"body": shown["body"]})
    assert back.status_code == 422, "what was cut is not saved by mistake"
    assert office.recruiter.get(f"{URL}/{kept}").json["body"] == body


def test_a_company_keeps_so_many_templates(
    office: TemplateOffice, make_app: Callable[[Settings], OpenAPI], settings: Settings
) -> None:
    app = make_app(settings.model_copy(update={"templates_per_company": 2}))
    few = Api(app, app.test_client(), office.api.database, office.api.worker).with_token(token(sub=str(RECRUITER)))
    first = office.make()
    activated = few.post(f"{URL}/defaults/offer_letter/activate")
    assert activated.status_code == 201
    for path, members in ((URL, BODY), (f"{URL}/{first['id']}/duplicate", {}), (f"{URL}/defaults/custom/activate", {})):
        refused = few.post(path, members)
        assert refused.status_code == 409, path
        assert "Delete some first" in detail(refused)
    assert few.post(f"{URL}/defaults/offer_letter/activate").status_code == 201, "the copy from before is used again"
    assert few.call("DELETE", f"{URL}/{first['id']}").status_code == 204
    assert few.post(URL, BODY).status_code == 201


def test_names_of_other_types_are_accepted_with_a_warning(office: TemplateOffice) -> None:
    names = [each.strip("{}") for each in office.recruiter.get(f"{URL}/variables").json["variables"]]
    assert len(names) == 15
    body = " ".join(f"{{{name}}}" for name in names)
    for kind in ("offer_letter", "application_rejected", "follow_up", "welcome"):
        made = office.make(type=kind, subject="Bonjour", body=body)
        assert len(made["warnings"]) == 4
        assert "{interview_date}" in made["warnings"][0]
        preview = office.recruiter.post(f"{URL}/{made['id']}/preview").json
        assert set(preview["missing"]) == {name for name in names if name.startswith("interview_")}
        assert preview["warnings"] == made["warnings"]
        refused = office.recruiter.post(f"{URL}/{made['id']}/send", {"application_ids": [office.applications.awa]})
        assert refused.status_code == 422
        assert "{interview_date}" in detail(refused)
        whole = office.recruiter.post(
            f"{URL}/{made['id']}/preview", {"values": {name: "x" for name in names if name.startswith("interview_")}}
        )
        assert whole.json["missing"] == []


def test_braces_that_are_no_placeholder_are_told_at_save_and_in_the_preview(office: TemplateOffice) -> None:
    made = office.make(body="<p>{prénom}</p>")
    assert "{prénom}" in made["warnings"][0]
    draft = {**BODY, "body": "<p>{{candidate_name}}</p>"}
    assert "{candidate_name}" in office.recruiter.post(f"{URL}/preview", draft).json["warnings"][0]
    assert "write {candidate_name}" in detail(office.recruiter.post(URL, draft))


def test_what_would_run_is_refused_in_plain_text(office: TemplateOffice) -> None:
    running = "Bonjour <img src=x onerror=alert(1)>"
    refused = office.recruiter.post(URL, {**BODY, "body": running, "body_format": "text"})
    assert refused.status_code == 422
    assert "<img src=x" in detail(refused)
    made = office.make(body="<p>x</p>")
    for members in ({"body": running, "body_format": "text"}, {"body_format": "text", "body": "<script>"}):
        assert office.recruiter.call("PATCH", f"{URL}/{made['id']}", json=members).status_code == 422


def test_a_test_mail_goes_to_a_verified_address_only(office: TemplateOffice) -> None:
    made = office.make()
    office.rows("update users set email_verified = null where id = %s returning id", RECRUITER)
    refused = office.recruiter.post(f"{URL}/{made['id']}/send-test")
    assert refused.status_code == 403
    assert "not verified" in detail(refused)
    assert office.rows("select id from task_runs") == []


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_library_rows_that_the_app_has_no_label_for_come_last_and_speak_for_themselves(
    office: TemplateOffice, locale: str
) -> None:
    found = office.recruiter.get(f"{URL}/defaults?locale={locale}").json
    types = [each["type"] for each in found]
    labelled = {label.lower() for label in main_web_app.described("production")["enums"]["emailtemplatetype"]}
    assert set(types[: len(labelled)]) == labelled
    assert not set(types[len(labelled) :]) & labelled
    for each in found[len(labelled) :]:
        assert each["name"].strip()
        assert "_" not in each["name"]
        assert each["name"].lower() != each["type"]
