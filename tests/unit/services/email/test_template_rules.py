"""What a template must be before it is saved."""

import pytest

from models.enums import TemplateType
from worker.kit.localisation import LOCALES
from worker.services.email.templating import library, template_rules
from worker.services.email.templating.composing import Draft
from worker.services.email.templating.template_rules import InvalidTemplate

LIST = "<p>{jobs_list}</p>"


def faults(kind: TemplateType, subject: str, body: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidTemplate) as caught:
        template_rules.check(Draft(kind, "fr", subject, body))
    return [(fault.member, str(fault.said)) for fault in caught.value.faults]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", TemplateType)
def test_what_comes_with_the_platform_is_acceptable(kind: TemplateType, locale: str) -> None:
    ours = library.built_in(kind, locale)
    draft = Draft(kind, locale, ours.subject, ours.body)
    template_rules.check(draft)
    assert template_rules.warnings(draft) == []
    assert template_rules.harmless(ours.body, "html") == ours.body


@pytest.mark.parametrize("body", ["<p>Bonjour {candidate_name}</p>", "<style>{jobs_list}</style>"])
def test_an_alert_without_its_offers_is_refused(body: str) -> None:
    [(member, sentence)] = faults(TemplateType.JOB_ALERT, "Nouvelles offres", body)
    assert member == "body"
    assert sentence.startswith("{jobs_list} is missing")


def test_a_block_does_not_fit_into_a_subject() -> None:
    [(member, sentence)] = faults(TemplateType.JOB_ALERT, "Offres : {jobs_list}", LIST)
    assert member == "subject"
    assert "into the body" in sentence


def test_every_fault_is_told_at_once() -> None:
    found = faults(TemplateType.JOB_ALERT, "{jobs_list} {job_titel}", "{candidat_name}")
    assert [member for member, _ in found] == ["subject", "body", "subject", "body"]
    assert "{candidate_name}" in found[1][1]


def test_other_types_have_no_list() -> None:
    template_rules.check(Draft(TemplateType.CUSTOM, "fr", "Bonjour", "<p>Bonjour</p>"))
    assert faults(TemplateType.CUSTOM, "Bonjour", LIST)[0][0] == "body"


def test_a_subject_is_one_line_that_keeps_its_words_together() -> None:
    assert (
        template_rules.one_line(" Offre\xa0:  un\r\ndeux\u2028«\xa0trois\xa0» ") == "Offre\xa0: un deux «\xa0trois\xa0»"
    )
