"""The language of a page: `?lang=`, else what the browser asks for, else French. French texts are the message ids."""

from flask import Flask, request
from flask_babel import Babel, gettext  # type: ignore[import-untyped]

LANGUAGES = ("fr", "en")
TRANSLATIONS = "pages/translations"


def language() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _(text: str, **values: str) -> str:
    """The text in the page's language, with `%(name)s` filled in."""
    return str(gettext(text, **values))


def register(app: Flask) -> None:
    Babel(
        app,
        default_locale=LANGUAGES[0],
        default_translation_directories=TRANSLATIONS,
        locale_selector=language,
    )
