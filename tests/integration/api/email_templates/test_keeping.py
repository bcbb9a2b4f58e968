"""Templates kept and changed: shapes, defaults, copies, versions, statistics."""

from typing import Any

import pytest

from tests.factories import main_web_app
from tests.integration.api.email_templates.conftest import (
    BODY,
    COLLEAGUE,
    FOREIGNER,
    URL,
    WITHOUT_COMPANY,
    TemplateOffice,
    detail,
)

MEMBERS = {
    "id", "company_id", "created_by_user_id", "name", "type", "subject", "body", "is_active", "is_default",
    "usage_count", "created_at", "updated_at", "last_used_at", "locale", "body_format", "version",
}  # fmt: skip


def test_a_template_is_answered_as_it_is_stored(office: TemplateOffice) -> None:
    made = office.make()
    assert made.pop("warnings") == []
    assert set(made) == MEMBERS
    assert {name: made[name] for name in BODY} == BODY
    assert (made["company_id"], made["created_by_user_id"], made["usage_count"], made["version"]) == (1, 1, 0, 1)
    assert (made["is_active"], made["is_default"], made["last_used_at"]) == (True, False, None)
    assert (made["locale"], made["body_format"]) == ("fr", "html")
    assert made["created_at"].endswith("Z")
    assert office.recruiter.get(f"{URL}/{made['id']}").json == made
    assert office.user(COLLEAGUE).get(f"{URL}/{made['id']}/").json == made, "colleagues share their company's"


def test_both_forms_of_an_address_answer(office: TemplateOffice) -> None:
    for path in (URL, f"{URL}/"):
        assert office.recruiter.post(path, BODY).status_code == 201
        assert isinstance(office.recruiter.get(path).json, list)


@pytest.mark.parametrize(
    ("sent", "answered", "label", "own"),
    [
        ("WELCOME_CANDIDATE", "welcome_candidate", "WELCOME_CANDIDATE", None),
        ("welcome", "welcome_candidate", "WELCOME_CANDIDATE", None),
        ("Rejection", "application_rejected", "APPLICATION_REJECTED", None),
        ("follow-up", "follow_up", "CUSTOM", "follow_up"),
        ("reference_request", "reference_request", "CUSTOM", "reference_request"),
        ("job_alert", "job_alert", "CUSTOM", "job_alert"),
        ("custom", "custom", "CUSTOM", None),
    ],
)
def test_types_of_both_vocabularies_in_any_case(
    office: TemplateOffice, sent: str, answered: str, label: str, own: str | None
) -> None:
    body = "<p>Bonjour</p>" if answered != "job_alert" else "<p>{jobs_list}</p>"
    made = office.make(type=sent, subject="Bonjour", body=body)
    assert made["type"] == answered
    assert office.rows("select type::text as label, own_type as own from email_templates") == [
        {"label": label, "own": own}
    ]
    assert [each["id"] for each in office.recruiter.get(f"{URL}?type={sent}").json] == [made["id"]]
    assert office.recruiter.get(f"{URL}?type=onboarding").json == []


def test_unknown_members_are_ignored_and_limits_hold(office: TemplateOffice) -> None:
    assert office.make(colour="red", id=99)["name"] == "Accueil"
    for members in ({"name": ""}, {"name": "x" * 201}, {"subject": "x" * 501}, {"body": ""}, {"type": "spam"}):
        answer = office.recruiter.post(URL, {**BODY, **members})
        assert answer.status_code == 422, members
        assert next(iter(members)) in detail(answer)
        assert answer.json["errors"][0]["loc"] == ["body", next(iter(members))]
    assert office.recruiter.post(URL, {"name": "x"}).status_code == 422


def test_an_unknown_placeholder_is_refused_with_the_closest_name(office: TemplateOffice) -> None:
    members = {"subject": "Bonjour {candidat_name}", "body": "<p>{compagny_name} {zzzzzz} {not a name}</p>"}
    answer = office.recruiter.post(URL, {**BODY, **members})
    assert answer.status_code == 422
    sentences = {each["msg"] for each in answer.json["errors"]}
    assert any("{candidat_name}" in each and "{candidate_name}" in each for each in sentences)
    assert any("{compagny_name}" in each and "{company_name}" in each for each in sentences)
    assert {each["loc"][1] for each in answer.json["errors"]} == {"subject", "body"}
    assert "{candidat_name}" in detail(answer)
    assert office.rows("select id from email_templates") == []


def test_a_change_is_checked_against_the_type_it_will_have(office: TemplateOffice) -> None:
    made = office.make(type="job_alert", subject="Offres", body="<p>{jobs_list}</p>")
    answer = office.recruiter.call("PATCH", f"{URL}/{made['id']}", json={"type": "offer_letter"})
    assert answer.status_code == 422
    assert "{jobs_list}" in detail(answer)


def test_an_alert_without_its_list_of_offers_is_not_saved(office: TemplateOffice) -> None:
    refused = office.recruiter.post(URL, {**BODY, "type": "job_alert", "subject": "Offres", "body": "<p>Bonjour</p>"})
    assert refused.status_code == 422
    assert "{jobs_list} is missing" in detail(refused)
    assert refused.json["errors"][0]["loc"] == ["body", "body"]
    made = office.make(type="custom", subject="Offres", body="<p>Bonjour</p>")
    changed = office.recruiter.call("PATCH", f"{URL}/{made['id']}", json={"type": "job_alert"})
    assert changed.status_code == 422
    whole = {"type": "job_alert", "body": "<p>{jobs_list}</p>"}
    assert office.recruiter.call("PATCH", f"{URL}/{made['id']}", json=whole).json["type"] == "job_alert"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_leaves_out_what_it_does_not_name(office: TemplateOffice, method: str) -> None:
    made = office.make()
    answer = office.recruiter.call(method, f"{URL}/{made['id']}", json={"name": "Autre", "more": 1})
    assert answer.status_code == 200
    assert {**answer.json, "updated_at": None} == {**made, "name": "Autre", "updated_at": None}
    assert answer.json["updated_at"] > made["updated_at"]
    for name in ("name", "type", "subject", "body", "is_active", "is_default"):
        refused = office.recruiter.call(method, f"{URL}/{made['id']}", json={name: None})
        assert refused.status_code == 422, name


def test_what_would_run_is_taken_out_at_save(office: TemplateOffice) -> None:
    body = '<p onclick="x()">Bonjour <a href="javascript:alert(1)">ici</a><script>alert(1)</script></p>'
    made = office.make(subject="Bonjour\r\nBcc: x@example.org", body=body)
    assert made["subject"] == "Bonjour Bcc: x@example.org"
    assert made["body"] == "<p>Bonjour <a>ici</a></p>"


def test_a_default_steps_in_front_of_the_one_before(office: TemplateOffice) -> None:
    first = office.make(is_default=True)
    english = office.make(is_default=True, locale="en-GB")
    other_type = office.make(is_default=True, type="custom")
    second = office.make(is_default=True)
    third = office.make()
    theirs = office.make(FOREIGNER, is_default=True)
    answer = office.recruiter.call("PATCH", f"{URL}/{third['id']}/set-default")
    assert (answer.status_code, answer.json["is_default"]) == (200, True)
    defaults = {row["id"] for row in office.rows("select id from email_templates where own_default")}
    assert defaults == {english["id"], other_type["id"], third["id"], theirs["id"]}
    assert not defaults & {first["id"], second["id"]}


def test_type_and_default_changed_together_leave_one_default(office: TemplateOffice) -> None:
    first = office.make(is_default=True)
    second = office.make(is_default=True, type="custom")
    answer = office.recruiter.call(
        "PATCH", f"{URL}/{second['id']}", json={"type": "welcome_candidate", "is_default": True}
    )
    assert answer.status_code == 200
    assert office.rows("select id from email_templates where own_default") == [{"id": second["id"]}]
    assert not office.recruiter.get(f"{URL}/{first['id']}").json["is_default"]


def test_an_inactive_default_becomes_active_when_chosen(office: TemplateOffice) -> None:
    made = office.make(is_active=False)
    assert office.recruiter.call("PATCH", f"{URL}/{made['id']}/set-default").json["is_active"] is True


def test_the_list_is_ordered_filtered_and_bounded(office: TemplateOffice) -> None:
    custom = office.make(type="custom", name="A")
    second = office.make(name="B")
    default = office.make(name="Z", is_default=True)
    follow_up = office.make(type="follow_up", name="A", is_active=False)
    office.make(FOREIGNER)
    answer = office.recruiter.get(URL)
    assert [each["id"] for each in answer.json] == [default["id"], second["id"], custom["id"], follow_up["id"]]
    assert answer.headers["X-Total-Count"] == "4"
    page = office.recruiter.get(f"{URL}?limit=1&offset=1&colour=red")
    assert ([each["id"] for each in page.json], page.headers["X-Total-Count"]) == ([second["id"]], "4")
    assert [each["id"] for each in office.recruiter.get(f"{URL}?is_active=false").json] == [follow_up["id"]]
    for query in ("limit=0", "limit=501", "offset=-1", "type=spam", "is_active=perhaps"):
        refused = office.recruiter.get(f"{URL}?{query}")
        assert refused.status_code == 422, query
        assert query.partition("=")[0] in detail(refused)


def test_rows_of_the_main_web_app_are_read_with_their_defaults(office: TemplateOffice) -> None:
    identifier = office.app(lambda connection: main_web_app.insert_template(connection, "Sans valeurs"))
    [shown] = office.recruiter.get(URL).json
    assert (shown["id"], shown["is_active"], shown["is_default"], shown["usage_count"]) == (identifier, True, False, 0)
    usage = office.recruiter.get(f"{URL}/stats/usage").json
    assert (usage["active_templates"], usage["total_usage"]) == (1, 0)


def test_a_template_with_names_we_do_not_know_stays_usable_until_it_is_sent(office: TemplateOffice) -> None:
    identifier = office.app(
        lambda connection: main_web_app.insert_template(connection, "Ancien", body="<p>{old_name}</p>")
    )
    assert office.recruiter.get(f"{URL}/{identifier}").json["body"] == "<p>{old_name}</p>"
    copied = office.recruiter.post(f"{URL}/{identifier}/duplicate")
    assert (copied.status_code, copied.json["body"]) == (200, "<p>{old_name}</p>")
    renamed = office.recruiter.call("PATCH", f"{URL}/{identifier}", json={"name": "Nouveau", "is_active": False})
    assert renamed.status_code == 200
    assert office.recruiter.call("PATCH", f"{URL}/{identifier}", json={"subject": "Bonjour"}).status_code == 422


def test_a_copy_is_active_no_default_and_unused(office: TemplateOffice) -> None:
    made = office.make(is_default=True, locale="en", body_format="TEXT", type="follow_up", name="x" * 200)
    office.app(lambda connection: connection.execute("update email_templates set usage_count = 7, is_active = false"))
    answer = office.recruiter.post(f"{URL}/{made['id']}/duplicate")
    assert answer.status_code == 200
    copy = answer.json
    assert copy["name"] == "x" * 192 + " (Copie)"
    assert (copy["is_active"], copy["is_default"], copy["usage_count"], copy["version"]) == (True, False, 0, 1)
    for name in ("type", "subject", "body", "locale", "body_format", "company_id"):
        assert copy[name] == made[name]


def test_deleting_hides_and_keeps(office: TemplateOffice) -> None:
    made = office.make(is_default=True)
    answer = office.recruiter.call("DELETE", f"{URL}/{made['id']}")
    assert (answer.status_code, answer.data) == (204, b"")
    for path in ("", "/versions"):
        assert office.recruiter.get(f"{URL}/{made['id']}{path}").status_code == 404
    assert office.recruiter.call("DELETE", f"{URL}/{made['id']}").status_code == 404
    assert office.recruiter.get(URL).json == []
    assert office.rows("select is_active, is_default, deleted_at is not null as deleted from email_templates") == [
        {"is_active": False, "is_default": False, "deleted": True}
    ]
    assert office.make(is_default=True)["is_default"]


def test_statistics_speak_both_languages(office: TemplateOffice) -> None:
    empty = office.recruiter.get(f"{URL}/stats/usage").json
    assert (empty["total_templates"], empty["most_used"], empty["most_used_template"]) == (0, None, None)
    office.make(is_default=True)
    used = office.make(name="Entretien", type="custom")
    office.make(type="follow_up", is_active=False)
    office.make(FOREIGNER)
    office.app(
        lambda connection: connection.execute(
            "update email_templates set usage_count = 127 where id = %s", (used["id"],)
        )
    )
    assert office.recruiter.get(f"{URL}/stats/usage").json == {
        "total_templates": 3,
        "active_templates": 2,
        "inactive_templates": 1,
        "total_usage": 127,
        "most_used_template": {"id": used["id"], "name": "Entretien", "usage_count": 127},
        "by_type": {"welcome_candidate": 1, "custom": 1, "follow_up": 1},
        "default_templates_count": 1,
        "most_used": {"template_id": used["id"], "name": "Entretien", "usage_count": 127},
    }


def test_versions_are_kept_and_brought_back_as_new_ones(office: TemplateOffice) -> None:
    made = office.make()
    address = f"{URL}/{made['id']}"
    office.user(COLLEAGUE).call("PATCH", address, json={"subject": "Deux"})
    office.recruiter.call("PATCH", address, json={"name": "Seulement le nom"})
    office.app(lambda connection: connection.execute("update email_templates set body = '<p>App</p>'"))
    found = office.recruiter.get(f"{address}/versions").json
    assert [(each["version"], each["created_by_user_id"], each["is_current"]) for each in found] == [
        (3, None, True),
        (2, COLLEAGUE, False),
        (1, 1, False),
    ]
    assert [each["subject"] for each in found] == ["Deux", "Deux", BODY["subject"]]
    restored = office.recruiter.post(f"{address}/versions/1/restore")
    assert restored.status_code == 200
    content = ("subject", "body", "version", "name")
    assert [restored.json[name] for name in content] == [BODY["subject"], BODY["body"], 4, "Seulement le nom"]
    assert office.recruiter.post(f"{address}/versions/9/restore").status_code == 404
    assert [each["version"] for each in office.recruiter.get(f"{address}/versions").json] == [4, 3, 2, 1]


def test_the_variables_have_braces_and_descriptions(office: TemplateOffice) -> None:
    found = office.recruiter.get(f"{URL}/variables").json
    assert len(found["variables"]) == 15
    assert found["variables"][0] == "{candidate_name}"
    assert set(found["descriptions"]) == set(found["variables"])
    assert found["descriptions"]["{job_title}"].startswith("Intitulé")
    english = office.recruiter.get(f"{URL}/variables?locale=EN&type=job_alert").json
    assert "{jobs_list}" in english["variables"]
    assert english["descriptions"]["{alert_name}"].startswith("Name")
    assert {"name", "required", "default", "sample", "description"} == set(english["details"][0])


def activate(office: TemplateOffice, kind: str = "OFFER_LETTER", query: str = "") -> dict[str, Any]:
    answer = office.recruiter.post(f"{URL}/defaults/{kind}/activate{query}")
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def test_the_library_is_offered_and_activated_once(office: TemplateOffice) -> None:
    offered = {each["type"]: each for each in office.recruiter.get(f"{URL}/defaults").json}
    assert {"welcome_candidate", "offer_letter", "onboarding", "follow_up"} <= set(offered)
    assert not any(each["already_activated"] for each in offered.values())
    made = activate(office)
    assert (made["type"], made["subject"], made["is_default"]) == (
        "offer_letter",
        offered["offer_letter"]["subject"],
        True,
    )
    office.recruiter.call("PATCH", f"{URL}/{made['id']}", json={"name": "Mienne", "body": "<p>Mienne</p>"})
    office.recruiter.call("PATCH", f"{URL}/{made['id']}", json={"is_active": False, "is_default": False})
    again = activate(office)
    assert (again["id"], again["is_active"], again["is_default"], again["body"]) == (
        made["id"],
        True,
        True,
        "<p>Mienne</p>",
    )
    after = {each["type"]: each["already_activated"] for each in office.recruiter.get(f"{URL}/defaults").json}
    assert [kind for kind, done in after.items() if done] == ["offer_letter"]
    assert activate(office, query="?locale=en")["id"] != made["id"], "another language is another default"
    assert office.recruiter.post(f"{URL}/defaults/spam/activate").status_code == 422


def test_every_built_in_template_can_be_activated_and_saved_again(office: TemplateOffice) -> None:
    for each in office.recruiter.get(f"{URL}/defaults?locale=en").json:
        made = activate(office, each["type"], "?locale=en")
        saved = office.recruiter.call("PUT", f"{URL}/{made['id']}", json={**made, "name": "Saved"})
        assert (saved.status_code, saved.json["body"]) == (200, each["body"]), each["type"]


def test_an_employer_without_a_company_reads_nothing_and_writes_nothing(office: TemplateOffice) -> None:
    made = office.make()
    nobody = office.user(WITHOUT_COMPANY)
    assert nobody.get(URL).json == []
    assert nobody.get(f"{URL}/stats/usage").json["total_templates"] == 0
    assert nobody.get(f"{URL}/defaults").status_code == 200
    assert nobody.get(f"{URL}/{made['id']}").status_code == 404
    for answer in (nobody.post(URL, BODY), nobody.post(f"{URL}/defaults/custom/activate")):
        assert answer.status_code == 400
        assert "company" in detail(answer)


def test_writes_are_limited_per_user(office: TemplateOffice) -> None:
    made = office.make()
    answers = [office.recruiter.call("PATCH", f"{URL}/{made['id']}", json={}) for _ in range(60)]
    assert [each.status_code for each in answers[:59]] == [200] * 59
    assert (answers[59].status_code, answers[59].headers["Retry-After"]) == (429, "60")
    assert office.user(COLLEAGUE).call("PATCH", f"{URL}/{made['id']}", json={}).status_code == 200
