"""Texts for people in their language: one gettext catalogue per language, for pages and mails.

French texts are the message ids, so French needs no catalogue and stands in for what is not translated.
"""

import gettext
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from typing_extensions import override

Locale = Literal["fr", "en"]
LOCALES: tuple[Locale, ...] = get_args(Locale)
DEFAULT_LOCALE = LOCALES[0]
TRANSLATIONS = Path(__file__).with_name("translations")


def known_locale(wanted: str | None) -> Locale:
    """The locale when we speak it, else French."""
    return next((each for each in LOCALES if each == wanted), DEFAULT_LOCALE)


def message(text: str) -> str:
    """Mark a French text for the catalogue where it is not translated yet: in a table, say."""
    return text


def translate(locale: str, text: str, /, **values: object) -> str:
    """The French text in the locale; with values, `%(name)s` is filled in. A text that nobody marked stays as it is."""
    found = _catalogue(locale).gettext(text) if text else text
    return found % values if values else found


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said to people whose language is known only where they read it.

    text: French, marked with `message`; with values, `%(name)s` is filled in. As a `str` it is English, for programs.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def say(self, locale: str) -> str:
        return translate(locale, self.text, **self.values)

    @override
    def __str__(self) -> str:
        return self.say("en")


@lru_cache(maxsize=len(LOCALES) + 1)
def _catalogue(locale: str) -> gettext.NullTranslations:
    return gettext.translation("messages", TRANSLATIONS, [known_locale(locale)], fallback=True)
