"""A person's session with our pages: a signed cookie, and the token that its forms bring along (against CSRF).

The cookie holds the user's id and a random one of the session: who the user is and what he may is asked of the database
at each request. SIGNING_SECRET signs it; a session ends after twelve hours, or with the secret that signed it.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Response
from itsdangerous import BadData, Signer, URLSafeTimedSerializer

from api_min.errors import ApiError
from worker.kit.settings import Settings

LIFETIME = 12 * 3600
LONGEST_COOKIE = 500
SIGNING: Mapping[str, Any] = {"key_derivation": "hmac", "digest_method": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class Session:
    """`id` names this sign-in and no other: what is bound to it ends with it."""

    user_id: int
    id: str


def begin(user_id: int) -> Session:
    return Session(user_id, secrets.token_urlsafe(16))


def is_https(settings: Settings) -> bool:
    """Whether browsers reach this platform by https only; cookies are Secure then."""
    return settings.force_https or settings.platform_url.startswith("https://")


def cookie_name(settings: Settings) -> str:
    """By https a name that browsers accept from this very host only (`__Host-`)."""
    return "__Host-intowork-session" if is_https(settings) else "intowork-session"


def cookie(settings: Settings, session: Session) -> Mapping[str, Any]:
    """Of a session, as `Response.set_cookie` takes it. Raises ApiError 503 when nothing can be signed here."""
    return {
        "key": cookie_name(settings),
        "value": _serializer(_keys(settings)).dumps({"user": session.user_id, "id": session.id}),
        "max_age": LIFETIME,
        "secure": is_https(settings),
        "httponly": True,
        "samesite": "Lax",
    }


def set_cookie(response: Response, settings: Settings, session: Session) -> None:
    """Raises ApiError 503 when nothing can be signed here."""
    response.set_cookie(**cookie(settings, session))


def delete_cookie(response: Response, settings: Settings) -> None:
    name, secure = cookie_name(settings), is_https(settings)
    response.delete_cookie(name, secure=secure, httponly=True, samesite="Lax")


def read(settings: Settings, cookies: Mapping[str, str]) -> Session | None:
    """The session that a request's cookies prove; None without one, or with one that is forged, expired or not ours."""
    text = cookies.get(cookie_name(settings), "")
    if not text or len(text) > LONGEST_COOKIE or settings.signing_secret is None:
        return None
    try:
        value = _serializer(_keys(settings)).loads(text, max_age=LIFETIME)
    except BadData:
        return None
    match value:
        case {"user": int(user_id), "id": str(identifier)}:
            return Session(user_id, identifier)
    return None


def form_token(settings: Settings, session: Session) -> str:
    """What each request of the session that writes must bring: `csrf_token` of a form, or the header X-CSRF-Token."""
    return _token_signer(_keys(settings)).get_signature(session.id).decode()


def accepts(settings: Settings, session: Session, token: str) -> bool:
    """Whether the token is this session's; compared in constant time."""
    return token.isascii() and _token_signer(_keys(settings)).verify_signature(session.id, token)


def signing_keys(settings: Settings) -> list[str]:
    """The newest first, which signs; all of them are accepted. Empty where nothing can be signed."""
    secret = settings.signing_secret
    return [each.strip() for each in secret.get_secret_value().split(",")] if secret else []


def _keys(settings: Settings) -> tuple[str, ...]:
    """The oldest first, as itsdangerous wants them: the last one signs, all are accepted."""
    keys = signing_keys(settings)
    if not keys:
        raise ApiError(503, "Nobody can sign in to this service: SIGNING_SECRET is not set.")
    return tuple(reversed(keys))


@lru_cache(maxsize=4)
def _serializer(keys: tuple[str, ...]) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(keys), salt="intowork/session", signer_kwargs=dict(SIGNING))


@lru_cache(maxsize=4)
def _token_signer(keys: tuple[str, ...]) -> Signer:
    return Signer(list(keys), salt="intowork/session/form", **SIGNING)
