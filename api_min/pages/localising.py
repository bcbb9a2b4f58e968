"""The language of a page: `?lang=`, else what was chosen before (a cookie), else the browser's, else French."""

from flask import Flask, Response, request
from flask_babel import Babel, gettext  # type: ignore[import-untyped]

from api_min import sessions
from api_min.context import context
from worker.kit.localisation import DEFAULT_LOCALE, LOCALES, TRANSLATIONS

COOKIE = "language"
ONE_YEAR = 31_536_000
# Each language is called what its speakers call it.
NAMES = {"fr": "Français", "en": "English"}


def language() -> str:
    for asked in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if asked in LOCALES:
            return asked
    return request.accept_languages.best_match(LOCALES) or DEFAULT_LOCALE


def remember_language(response: Response) -> None:
    """Keep what `?lang=` of a page asks for; the answer depends on whatever `language` reads."""
    response.vary.update(("Accept-Language", "Cookie"))
    asked = request.args.get("lang")
    if request.method == "GET" and asked in LOCALES and asked != request.cookies.get(COOKIE):
        secure = sessions.is_https(context().settings)
        response.set_cookie(COOKIE, asked, max_age=ONE_YEAR, secure=secure, httponly=True, samesite="Lax")


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
