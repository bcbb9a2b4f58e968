"""Who calls, and whether the route lets them: service keys, the main web app's access tokens, sessions of our pages.

The guard runs before anything else of a request is looked at, so that 401 and 403 precede 404 and 422.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, cast

import jwt
from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue

from api_min import sessions
from api_min.context import context
from api_min.errors import ApiError
from api_min.sessions import Session
from worker.kit.database import query
from worker.kit.ids import LARGEST_ROW_ID
from worker.ledger import keys
from worker.ledger.keys import KeyView

READ = "tasks:read"
WRITE = "tasks:write"
OPERATIONS = "operations"
ALL_SCOPES = frozenset({READ, WRITE, OPERATIONS, "companies"})
KEY_SECONDS = 30.0
MOST_KEYS = 10_000
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WRONG_FORM_TOKEN = "session.form_token"  # noqa: S105 - the code of a refusal

Route = TypeVar("Route", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sent the request. `user_id` and `role` are a person's; a service key has neither."""

    kind: Literal["key", "user"]
    id: str
    scopes: frozenset[str] = frozenset()
    user_id: int | None = None
    role: str | None = None
    email: str | None = None

    @property
    def name(self) -> str:
        """The scope of the caller's keys and the actor in the audit log."""
        return f"{self.kind}:{self.id}"

    def may(self, scope: str) -> bool:
        return scope in self.scopes


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks of its caller: nothing (`open`), credentials, or one of these scopes or roles.

    session: a session's cookie is accepted beside a Bearer token. Only for pages: a browser sends it unasked.
    """

    open: bool = False
    session: bool = False
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    def allows(self, caller: Caller) -> bool:
        if not self.scopes and not self.roles:
            return True
        return bool(self.scopes & caller.scopes) or caller.role in self.roles


SIGNED_IN = Access()
# The roles of the main web app: whoever is a person.
EVERYBODY = ("employer", "candidate", "admin")


def access(
    *, scopes: tuple[str, ...] = (), roles: tuple[str, ...] = (), session: bool = False
) -> Callable[[Route], Route]:
    """Guard a route: any of the scopes or any of the roles; with neither, any valid credentials."""

    def mark(route: Route) -> Route:
        route.__dict__["access"] = Access(scopes=frozenset(scopes), roles=frozenset(roles), session=session)
        return route

    return mark


def open_route(route: Route) -> Route:
    """Let everybody call a route."""
    route.__dict__["access"] = Access(open=True)
    return route


def caller() -> Caller:
    """Who sent this request; only in guarded routes."""
    return cast("Caller", g.caller)


def guard() -> ResponseReturnValue | None:
    """Before each request: 401 without valid credentials, 403 with the wrong ones. Unmarked routes need credentials."""
    if request.endpoint is None or request.method == "OPTIONS":
        return None
    wanted: Access = getattr(current_app.view_functions[request.endpoint], "access", SIGNED_IN)
    if wanted.open:
        return None
    header = request.headers.get("Authorization", "")
    g.caller = _signed_in() if wanted.session and not header else authenticate(header)
    if not wanted.allows(g.caller):
        raise ApiError(403, _refusal(wanted))
    return None


def _refusal(wanted: Access) -> str:
    if wanted.scopes:
        return f"This needs a service key with the scope {' or '.join(sorted(wanted.scopes))}, or an administrator."
    return f"This is for the role {' or '.join(sorted(wanted.roles))}."


def authenticate(header: str) -> Caller:
    """The caller that an Authorization header proves; raises ApiError 401, 403 or 404."""
    scheme, _, credentials = header.partition(" ")
    credentials = credentials.strip()
    if scheme.lower() != "bearer" or not credentials:
        raise ApiError(401, "Authentication required")
    if credentials.startswith("iwk_"):
        return _service_key(credentials)
    return _user(credentials)


@dataclass
class KeyCache:
    """Valid service keys by the hash of their secret, each for 30 s: so long a revoked key may still work."""

    _known: dict[bytes, tuple[float, Caller]] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def get(self, digest: bytes) -> Caller | None:
        found = self._known.get(digest)
        return found[1] if found and found[0] > time.monotonic() else None

    def put(self, digest: bytes, caller: Caller) -> None:
        with self._guard:
            if len(self._known) >= MOST_KEYS:
                self._known.clear()
            self._known[digest] = (time.monotonic() + KEY_SECONDS, caller)


def _service_key(secret: str) -> Caller:
    cache: KeyCache = current_app.extensions["intowork.keys"]
    digest = hashlib.sha256(secret.encode()).digest()
    if (known := cache.get(digest)) is not None:
        return known
    with context().database.transaction() as connection:
        found: KeyView | None = keys.find_key(connection, secret)
    if found is None:
        raise ApiError(401, "Invalid service key")
    holder = Caller("key", str(found.id), frozenset(found.scopes))
    cache.put(digest, holder)
    return holder


def _user(token: str) -> Caller:
    if (found := _person(_subject(token))) is None:
        raise ApiError(404, "User not found")
    return found


def _signed_in() -> Caller:
    """Whose session the request's cookie proves; what writes needs the session's token too (`check_form_token`)."""
    session = sessions.read(context().settings, request.cookies)
    found = _person(session.user_id) if session else None
    if found is None:
        raise ApiError(401, "Authentication required")
    g.session = session
    return found


def check_form_token() -> ResponseReturnValue | None:
    """Before each request that a cookie signs in: 403 when it writes without the session's token.

    Installed after the limits of bodies, because it may read a form.
    """
    session: Session | None = g.get("session")
    if session is None or request.method in SAFE_METHODS:
        return None
    token = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not sessions.accepts(context().settings, session, token):
        raise ApiError(403, "The form is not of this session; open its page again.", code=WRONG_FORM_TOKEN)
    return None


def _person(user_id: int) -> Caller | None:
    """The user as the database knows him; None when there is none. Raises ApiError 403 for an inactive one."""
    with context().database.transaction() as connection:
        rows = query(
            connection,
            """
            select lower(role::text) as role, coalesce(is_active, true) as active, email,
                   email_verified is not null as verified
              from users where id = %s
            """,
            (user_id,),
        )
    if not rows:
        return None
    if not rows[0]["active"]:
        raise ApiError(403, "User account is inactive")
    role, email = rows[0]["role"], rows[0]["email"]
    return Caller("user", str(user_id), _scopes(role, email, verified=rows[0]["verified"]), user_id, role, email)


def _scopes(role: str, email: str, *, verified: bool) -> frozenset[str]:
    """An operator's address counts letter by letter, and only once its owner has proved it: anybody may sign up."""
    if role == "admin":
        return ALL_SCOPES
    readers = {each.strip() for each in context().settings.operations_readers.split(",")} - {""}
    return frozenset({READ}) if verified and email in readers else frozenset()


def _subject(token: str) -> int:
    """The user's id in an access token of the main web app (HS256, `exp` required, no leeway)."""
    secret = context().settings.nextauth_secret
    if secret is None:
        raise ApiError(401, "Invalid token")
    try:
        claims = jwt.decode(
            token,
            secret.get_secret_value(),
            algorithms=["HS256"],
            options={"require": ["exp", "sub"], "verify_aud": False},
        )
    except jwt.ExpiredSignatureError:
        raise ApiError(401, "Token expired") from None
    except (jwt.InvalidTokenError, ValueError, OverflowError, RecursionError):
        raise ApiError(401, "Invalid token") from None
    subject = claims["sub"]
    is_number = isinstance(subject, str) and subject.isascii() and subject.isdigit()
    if claims.get("type") != "access" or not is_number or len(subject) > 10 or int(subject) > LARGEST_ROW_ID:
        raise ApiError(401, "Invalid token")
    return int(subject)


def register(app: Flask) -> None:
    app.extensions["intowork.keys"] = KeyCache()
    app.before_request(guard)
