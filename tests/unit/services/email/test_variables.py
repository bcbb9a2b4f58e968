"""The names that a template may use."""

import pytest

from models.enums import TemplateType
from worker.kit.localisation import LOCALES, translate
from worker.services.email.wording import placeholders, variables
from worker.services.email.wording.variables import Form

MAIN_WEB_APP = {
    "candidate_name",
    "candidate_first_name",
    "candidate_last_name",
    "candidate_email",
    "job_title",
    "job_location",
    "company_name",
    "recruiter_name",
    "recruiter_email",
    "interview_date",
    "interview_time",
    "interview_location",
    "interview_link",
    "application_status",
    "application_date",
}
INTERVIEW = {"interview_date", "interview_time", "interview_location", "interview_link"}


def names(kind: TemplateType) -> list[str]:
    return [variable.name for variable in variables.declared(kind)]


def test_all_names_of_the_main_web_app_are_known() -> None:
    assert set(names(TemplateType.CUSTOM)) == MAIN_WEB_APP


@pytest.mark.parametrize("kind", TemplateType)
def test_each_name_is_declared_once_and_well(kind: TemplateType) -> None:
    declared = names(kind)
    assert len(set(declared)) == len(declared)
    assert all(placeholders.names(f"{{{name}}}") == (name,) for name in declared)


@pytest.mark.parametrize("kind", TemplateType)
@pytest.mark.parametrize("locale", LOCALES)
def test_each_variable_is_described_and_has_a_sample(kind: TemplateType, locale: str) -> None:
    for variable in variables.declared(kind):
        assert translate(locale, variable.description).strip()
        assert translate(locale, variable.sample).strip()
        assert variable.required == (variable.default is None)


def test_an_application_mail_has_no_interview() -> None:
    assert not INTERVIEW & set(names(TemplateType.APPLICATION_REJECTED))
    assert set(names(TemplateType.INTERVIEW_INVITATION)) >= INTERVIEW


def test_the_list_of_jobs_is_the_one_block() -> None:
    blocks = {each.name for kind in TemplateType for each in variables.declared(kind) if each.form is Form.BLOCK}
    assert blocks == {"jobs_list"}
    assert {"jobs_list", "alert_name", "frequency"} <= set(names(TemplateType.JOB_ALERT))


def test_unknown_names_come_with_the_closest_known_one() -> None:
    names = ("job_titel", "company_name", "candidat_name", "xyzzy")
    found = variables.unknown(TemplateType.OFFER_LETTER, names)
    assert [(each.name, each.closest) for each in found] == [
        ("job_titel", "job_title"),
        ("candidat_name", "candidate_name"),
        ("xyzzy", None),
    ]


def test_a_name_that_only_our_own_types_have_is_unknown_to_others() -> None:
    assert variables.unknown(TemplateType.OFFER_LETTER, ["jobs_list"])
    assert variables.unknown(TemplateType.JOB_ALERT, ["jobs_list"]) == ()


@pytest.mark.parametrize("kind", TemplateType)
def test_a_name_that_the_main_web_app_offers_is_known_to_every_type(kind: TemplateType) -> None:
    assert variables.unknown(kind, MAIN_WEB_APP) == ()
    own = {variable.name for variable in variables.declared(kind)}
    assert set(variables.without_value(kind, MAIN_WEB_APP)) == MAIN_WEB_APP - own


def test_samples_speak_the_locale_and_french_where_we_lack_it() -> None:
    french = variables.samples(TemplateType.CUSTOM, "fr")
    assert variables.samples(TemplateType.CUSTOM, "en")["job_title"] == "Senior accountant"
    assert french["job_title"] == "Comptable senior"
    assert variables.samples(TemplateType.CUSTOM, "pt") == french
