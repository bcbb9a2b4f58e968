"""Signing in to our pages: the main web app's token is exchanged for a session's cookie."""

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import signing_in
from api_min.answers import json_response
from api_min.auth import EVERYBODY, access, caller
from api_min.schemas.common import GUARDED, problems
from api_min.schemas.sessions import Session

api = APIBlueprint("sessions", __name__, url_prefix="/api/session", abp_security=[{"bearer": []}])


@api.post("", summary="Sign in to the pages", responses={200: Session, **problems(*GUARDED, 503)})
@access(roles=EVERYBODY)
def begin() -> Response:
    """Sets the cookie of a session of twelve hours (HttpOnly, SameSite=Lax). From allowed origins only; no token ever
    stands in an address.
    """
    user = caller()
    cookie = signing_in.begin(user, request.headers.get("Origin"))
    response = json_response({"user_id": user.user_id, "role": user.role})
    response.set_cookie(**cookie)
    return response
