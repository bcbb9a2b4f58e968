"""Signing in to our pages: a user of the main web app begins a session."""

from collections.abc import Mapping
from typing import Any

from api_min import sessions
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import ApiError
from api_min.origins import allowed_origins

NOT_FROM_HERE = "This site may not sign anybody in here; ALLOWED_ORIGINS names those that may."


def begin(caller: Caller, origin: str | None) -> Mapping[str, Any]:
    """The cookie of a new session (`sessions.cookie`). origin: the site that asks, None for a program.

    Raises ApiError 403 for a site that may not, and 503 where nothing can be signed.
    """
    settings = context().settings
    if origin is not None and not allowed_origins(settings).fullmatch(origin) and origin != settings.platform_url:
        raise ApiError(403, NOT_FROM_HERE)
    return sessions.cookie(settings, sessions.begin(caller.user_id or 0))
