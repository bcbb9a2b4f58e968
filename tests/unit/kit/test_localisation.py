"""Every text of pages and mails has its translation, and the compiled catalogues are what the readable ones say."""

import gettext

import pytest

from sandbox import translations
from worker.kit.localisation import DEFAULT_LOCALE, LOCALES, known_locale, translate

OTHERS = [locale for locale in LOCALES if locale != DEFAULT_LOCALE]
UPDATE = "run `make translations`, and write what is missing into the .po file"


@pytest.fixture(scope="module")
def texts() -> set[str]:
    return set(translations.texts())


@pytest.mark.parametrize("locale", OTHERS)
def test_every_text_is_translated(locale: str, texts: set[str]) -> None:
    catalogue = translations.read(locale)
    assert texts == {each.id for each in catalogue if each.id}, UPDATE
    assert [each.id for each in catalogue if each.id and (each.fuzzy or not each.string)] == [], UPDATE


@pytest.mark.parametrize("locale", OTHERS)
def test_what_is_filled_in_is_the_same(locale: str) -> None:
    for each in translations.read(locale):
        assert [str(check) for check in each.check()] == []


@pytest.mark.parametrize("locale", OTHERS)
def test_the_compiled_file_is_current(locale: str) -> None:
    with translations.path(locale).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for each in translations.read(locale):
        if each.id:
            assert compiled.gettext(str(each.id)) == each.string, UPDATE


def test_there_is_one_catalogue_per_language() -> None:
    found = {str(path.relative_to(translations.ROOT)) for path in translations.ROOT.glob("[a-z]*/**/*.po")}
    assert found == {str(translations.path(locale).relative_to(translations.ROOT)) for locale in OTHERS}


def test_both_pages_and_mails_speak_from_it(texts: set[str]) -> None:
    assert {"Me désabonner", "Se désabonner", "Publiée le %(day)s"} <= texts


def test_french_stands_in_for_what_is_not_there() -> None:
    assert translate("en", "Se désabonner") == "Unsubscribe"
    assert translate("fr", "Se désabonner") == translate("xx", "Se désabonner") == "Se désabonner"
    assert translate("en", "nobody has marked this") == "nobody has marked this"
    assert [translate(locale, "") for locale in LOCALES] == ["", ""]
    assert translate("en", "Publiée le %(day)s", day="100 %") == "Posted on 100 %"
    assert [known_locale(each) for each in ("en", "fr", "de", "", None)] == ["en", "fr", "fr", "fr", "fr"]
