"""`python -m sandbox.translations`: bring the catalogues up to the texts of pages and mails, and compile them.

New texts come without a translation: write it into the `.po` file and run the command again. Both files are committed;
a test asks for every translation and compares the compiled file.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from worker.kit.localisation import DEFAULT_LOCALE, LOCALES, TRANSLATIONS

ROOT = Path(__file__).parents[1]
ROOMS = ("api_min", "worker")
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
KEYWORDS: Mapping[str, Any] = {"_": None, "message": None, "translate": (2,)}


def main() -> None:
    for locale in LOCALES:
        if locale != DEFAULT_LOCALE:
            _update(locale)


def texts() -> Iterator[str]:
    """Every text that is marked for translation."""
    for room in ROOMS:
        for _, _, text, _, _ in extract_from_dir(ROOT / room, METHODS, keywords=KEYWORDS):
            yield str(text)


def path(locale: str) -> Path:
    return TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"


def read(locale: str) -> Catalog:
    with path(locale).open("rb") as file:
        return read_po(file, locale=locale)


def _update(locale: str) -> None:
    known = read(locale)
    found = Catalog(
        locale,
        header_comment="# Texts of pages and mails; the message ids are French.",
        project="IntoWork",
        version="1",
        creation_date=known.creation_date,
        revision_date=known.creation_date,
        msgid_bugs_address="IntoWork",
        last_translator="IntoWork",
        language_team="IntoWork",
        fuzzy=False,
    )
    for text in texts():
        earlier = known.get(text)
        found.add(text, earlier.string if earlier else "")
    with path(locale).open("wb") as readable, path(locale).with_suffix(".mo").open("wb") as compiled:
        write_po(readable, found, width=120, sort_output=True, no_location=True)
        write_mo(compiled, found)


if __name__ == "__main__":
    main()
