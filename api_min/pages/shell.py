"""What all pages share: one policy for browsers, the language, the token of forms, and pages instead of problems."""

from contextlib import nullcontext
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Flask, Response, current_app, g, render_template, request
from flask_babel import force_locale  # type: ignore[import-untyped]
from werkzeug.datastructures import MIMEAccept

from api_min import localising, sessions
from api_min.context import context
from api_min.errors import ApiError, headers
from api_min.localising import NAMES, language, preferred, remember_language
from api_min.pages import static_files
from api_min.pages.refusals import explanation
from worker.kit.localisation import LOCALES
from worker.kit.settings import Settings
from worker.services.email.wording import formats

# Nothing from elsewhere, nothing inline: pages bring their styles and scripts as files.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HTML = "text/html"
JSON = "application/json"


class Pages(Blueprint):
    """Routes that people look at: whatever fails there is answered with a page."""


def page(template: str, status: int = 200, *, locale: str | None = None, **values: Any) -> Response:
    """A page in the language of whoever asks; with `locale`, one that is written in that language only."""
    spoken = locale or language()
    others = [each for each in LOCALES if each != spoken and locale is None]
    with force_locale(spoken) if locale else nullcontext():
        text = render_template(template, lang=spoken, others=others, **values)
    response = Response(text, status, mimetype=HTML)
    if locale is None:
        remember_language(response)
    return response


def error_page(error: ApiError) -> Response | None:
    """What happened and what to do, for people; None for programs. The guard's own sentences are for programs."""
    if not _is_for_people():
        return None
    if error.status == 401 and "HX-Request" in request.headers:
        return _to_sign_in()
    title, sentence = explanation(error)
    settings = context().settings
    response = page(
        "errors/refused.html",
        error.status,
        title=title,
        sentence=sentence,
        signin_url=f"{settings.frontend_url.rstrip('/')}/signin" if error.status == 401 else None,
        reference=g.get("request_id") if error.status == 500 else None,
    )
    response.headers.update(headers(error))
    return response


def _to_sign_in() -> Response:
    """A part of a page cannot sign in: the whole page goes there, and comes back to where it was."""
    here = urlsplit(request.headers.get("HX-Current-URL", ""))
    back = f"{here.path}?{here.query}" if here.query else here.path
    return Response(status=204, headers={"HX-Redirect": f"/signin?{urlencode({'next': back})}"})


def _is_for_people() -> bool:
    """A page's route; or no route at all, and a browser that would rather have HTML than JSON."""
    if request.endpoint is not None:
        return isinstance(current_app.blueprints.get(request.blueprint or ""), Pages)
    wanted = preferred("Accept", MIMEAccept)
    return not request.path.startswith("/api/") and wanted[HTML] > wanted[JSON]


def _form_token() -> str | None:
    """The token of the session that the page is shown to; None when nobody has signed in."""
    session = g.get("session")
    return sessions.form_token(context().settings, session) if session else None


def _protect(response: Response) -> Response:
    if response.mimetype == HTML:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Referrer-Policy", "same-origin")
    return response


def _keep_what_is_said(app: Flask, settings: Settings) -> None:
    """Flask's own signed cookie carries what one page says on the next."""
    keys = sessions.signing_keys(settings)
    app.config.update(
        SECRET_KEY=keys[0] if keys else None,
        SECRET_KEY_FALLBACKS=keys[1:],
        SESSION_COOKIE_NAME="intowork-said",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=sessions.is_https(settings),
    )


def _moment(instant: datetime) -> str:
    return formats.moment(instant, context().settings.platform_timezone, language())


def register(app: Flask, settings: Settings) -> None:
    _keep_what_is_said(app, settings)
    app.jinja_env.filters["moment"] = _moment
    localising.register(app)
    static_files.register(app)
    app.jinja_env.globals.update(csrf_token=_form_token, language_name=NAMES.__getitem__)
    app.after_request(_protect)
