"""The language of a page: `?lang=`, else what was chosen before (a cookie), else the browser's, else French."""

from typing import TypeVar

from flask import Flask, Response, request
from flask_babel import Babel, gettext  # type: ignore[import-untyped]
from werkzeug.datastructures import Accept, LanguageAccept
from werkzeug.http import parse_accept_header

from api_min import sessions
from api_min.context import context
from worker.kit.localisation import DEFAULT_LOCALE, LOCALES, TRANSLATIONS

Preference = TypeVar("Preference", bound=Accept)

COOKIE = "language"
ONE_YEAR = 31_536_000
# Characters of a header that are looked at: browsers send some 150.
LONGEST_PREFERENCE = 500
# Each language is called what its speakers call it.
NAMES = {"fr": "Français", "en": "English"}


def preferred(header: str, kind: type[Preference]) -> Preference:
    """What `Accept` or `Accept-Language` prefers. Each choice costs microseconds, and thousands fit into a header."""
    return parse_accept_header(request.headers.get(header, "")[:LONGEST_PREFERENCE], kind)


def language() -> str:
    for asked in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if asked in LOCALES:
            return asked
    return preferred("Accept-Language", LanguageAccept).best_match(LOCALES) or DEFAULT_LOCALE


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
