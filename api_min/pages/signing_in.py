"""Signing in and out, and how pages look. Who signs in does so at the main web app, which then asks for a session."""

from urllib.parse import urlencode

from flask import Response, request

from api_min import sessions
from api_min.auth import EVERYBODY, access, open_route
from api_min.context import context
from api_min.pages.dashboard import THEME_COOKIE, THEMES, form, lead_to, local_path
from api_min.pages.shell import Pages, page
from worker.kit.settings import Settings

pages = Pages("signing_in", __name__)

HOME = "/dashboard/notifications"
ONE_YEAR = 31_536_000


def signin_url(settings: Settings, back: str) -> str:
    """Where people sign in; from there they come back to this page of ours."""
    address = settings.signin_url or f"{settings.frontend_url.rstrip('/')}/signin"
    return f"{address}?{urlencode({'callbackUrl': f'{settings.platform_url}{back}'})}"


@pages.get("/signin")
@open_route
def ask() -> Response:
    """Shown when a session has ended; `?next=` is the page to come back to."""
    back = local_path(request.args.get("next"), HOME)
    return page("signing_in.html", address=signin_url(context().settings, back))


@pages.post("/signout")
@access(roles=EVERYBODY, session=True)
@form
def sign_out() -> Response:
    response = lead_to("/signin")
    sessions.delete_cookie(response, context().settings)
    return response


@pages.post("/appearance")
@access(roles=EVERYBODY, session=True)
@form
def choose_theme() -> Response:
    response = lead_to(local_path(request.form.get("back"), HOME))
    theme = request.form.get("theme")
    if theme in THEMES:
        secure = sessions.is_https(context().settings)
        response.set_cookie(THEME_COOKIE, theme, max_age=ONE_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response
