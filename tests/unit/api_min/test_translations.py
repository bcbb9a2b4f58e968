"""Every text of the pages has its English, and the compiled file is what the readable one says."""

import gettext
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

PAGES = Path(__file__).parents[3] / "api_min/pages"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
READABLE = PAGES / "translations/en/LC_MESSAGES/messages.po"
UPDATE = (
    "in api_min/pages: pybabel extract -F babel.cfg -o messages.pot . && pybabel update -i messages.pot -d translations"
)
COMPILE = "in api_min/pages: pybabel compile -d translations"


def english() -> Catalog:
    with READABLE.open("rb") as file:
        return read_po(file, locale="en")


def test_every_text_is_translated() -> None:
    found = {message for _, _, message, _, _ in extract_from_dir(PAGES, METHODS, keywords={"_": None})}
    assert found == {message.id for message in english() if message.id}, UPDATE
    assert [message.id for message in english() if message.id and (message.fuzzy or not message.string)] == []


def test_what_is_filled_in_is_the_same() -> None:
    for message in english():
        assert [str(check) for check in message.check()] == []


def test_the_compiled_file_is_current() -> None:
    with READABLE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in english():
        if message.id:
            assert compiled.gettext(str(message.id)) == message.string, COMPILE
