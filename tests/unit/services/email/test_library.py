"""The templates that come with the platform."""

import re

import pytest

from models.enums import TemplateType
from worker.kit.localisation import LOCALES
from worker.services.email.templating import cleaning, composing, library
from worker.services.email.templating.composing import Draft
from worker.services.email.wording import placeholders, variables

KINDS_AND_LOCALES = [(kind, locale) for kind in TemplateType for locale in LOCALES]


def draft(kind: TemplateType, locale: str) -> Draft:
    found = library.built_in(kind, locale)
    return Draft(found.kind, found.locale, found.subject, found.body)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_type_has_one(locale: str) -> None:
    assert [each.kind for each in library.built_ins(locale)] == list(TemplateType)


def test_a_locale_we_lack_reads_as_french() -> None:
    assert library.built_in(TemplateType.OFFER_LETTER, "pt") == library.built_in(TemplateType.OFFER_LETTER, "fr")


@pytest.mark.parametrize(("kind", "locale"), KINDS_AND_LOCALES)
def test_it_could_be_saved_by_an_employer(kind: TemplateType, locale: str) -> None:
    found = library.built_in(kind, locale)
    assert variables.unknown(kind, placeholders.names(found.subject + found.body)) == ()
    assert 1 <= len(found.name) <= 200
    assert 1 <= len(found.subject) <= 200
    assert found.body.strip()


@pytest.mark.parametrize(("kind", "locale"), KINDS_AND_LOCALES)
def test_it_greets_the_candidate_and_names_the_company(kind: TemplateType, locale: str) -> None:
    body = library.built_in(kind, locale).body
    assert {"candidate_first_name", "company_name"} <= set(placeholders.names(body))


@pytest.mark.parametrize(("kind", "locale"), KINDS_AND_LOCALES)
def test_its_sample_lacks_nothing_and_says_the_same_as_text(kind: TemplateType, locale: str) -> None:
    mail = composing.sample(draft(kind, locale))
    assert mail.missing == ()
    assert not placeholders.names(f"{mail.subject} {mail.text} {mail.html}")
    assert len(mail.html.encode()) < 90_000
    values = variables.samples(kind, locale)
    assert values["company_name"] in mail.text
    assert values["candidate_first_name"] in mail.text


@pytest.mark.parametrize(("kind", "locale"), KINDS_AND_LOCALES)
def test_cleaning_takes_no_word_away(kind: TemplateType, locale: str) -> None:
    body = library.built_in(kind, locale).body
    words = re.sub(r"<[^>]*>", "", body).split()
    assert re.sub(r"<[^>]*>", "", cleaning.clean(body)).replace("&nbsp;", " ").split() == words


@pytest.mark.parametrize("kind", TemplateType)
def test_french_names_are_not_elided(kind: TemplateType) -> None:
    found = library.built_in(kind, "fr")
    assert not re.search(
        r"\b(?:de|que|le|la)\s+(?:<[^>]*>)?\{(?:company_name|job_title)", f"{found.subject} {found.body}"
    )
