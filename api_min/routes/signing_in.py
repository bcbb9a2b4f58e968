"""Signing in to our pages: the main web app's token is exchanged for a session's cookie."""

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from api_min import sessions
from api_min.answers import json_response
from api_min.auth import access, caller
from api_min.context import context
from api_min.errors import ApiError
from api_min.middleware import allowed_origins
from api_min.schemas.common import GUARDED, problems
from api_min.schemas.sessions import Session

EVERYBODY = ("employer", "candidate", "admin")

api = APIBlueprint("sessions", __name__, url_prefix="/api/session", abp_security=[{"bearer": []}])


@api.post("", summary="Sign in to the pages", responses={200: Session, **problems(*GUARDED, 503)})
@access(roles=EVERYBODY)
def begin() -> Response:
    """Sets the cookie of a session of twelve hours (HttpOnly, SameSite=Lax). From allowed origins only; no token ever
    stands in an address.
    """
    settings, origin = context().settings, request.headers.get("Origin")
    if origin is not None and not allowed_origins(settings).fullmatch(origin) and origin != settings.platform_url:
        raise ApiError(403, "This site may not sign anybody in here; ALLOWED_ORIGINS names those that may.")
    user = caller()
    response = json_response({"user_id": user.user_id, "role": user.role})
    sessions.set_cookie(response, settings, sessions.begin(user.user_id or 0))
    return response
