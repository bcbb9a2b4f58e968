"""The language of a page: `?lang=`, else what the browser asks for, else French. French texts are the message ids."""

from flask import Flask, request
from flask_babel import Babel, gettext  # type: ignore[import-untyped]

from worker.kit.localisation import DEFAULT_LOCALE, LOCALES, TRANSLATIONS


def language() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LOCALES else request.accept_languages.best_match(LOCALES) or DEFAULT_LOCALE


def _(text: str, **values: str) -> str:
    """The text in the page's language, with `%(name)s` filled in."""
    return str(gettext(text, **values))


def register(app: Flask) -> None:
    Babel(
        app,
        default_locale=DEFAULT_LOCALE,
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=language,
    )
