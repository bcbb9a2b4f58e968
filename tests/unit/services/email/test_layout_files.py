"""A layout of its own is a folder of files, in both languages."""

from pathlib import Path

import pytest

from worker.kit.localisation import LOCALES
from worker.services.email.rendering import mail_content
from worker.services.email.templating import library
from worker.services.interviews.mail_layout import LAYOUTS

TEMPLATES = Path(mail_content.__file__).parents[1] / "templates"


def test_every_layout_has_its_folder_and_every_folder_its_layout() -> None:
    folders = {each.name for each in TEMPLATES.iterdir() if each.is_dir()} - {"built_in", "organiser"}
    assert folders == set(mail_content.LAYOUTS)


@pytest.mark.parametrize("layout", mail_content.LAYOUTS)
@pytest.mark.parametrize("locale", LOCALES)
def test_a_layout_has_subject_html_and_text(layout: str, locale: str) -> None:
    for ending in ("subject.txt", "html", "txt"):
        assert (TEMPLATES / layout / f"{locale}.{ending}").is_file()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_the_companys_people_read_about_interviews_is_in_both_languages(layout: str) -> None:
    texts = [library.for_organiser(layout.removeprefix("interview-"), locale) for locale in LOCALES]
    assert all(text.subject and text.body.startswith("<p>") for text in texts)
    assert len({text.subject for text in texts}) == len(LOCALES)
