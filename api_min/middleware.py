"""What holds for every answer: request ids, https, cross-origin calls, and headers that limit a browser."""

import re
import time
from collections.abc import Callable

from flask import Flask, Response, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from api_min.errors import drain
from api_min.origins import allowed_origins
from worker.kit.ids import new_id
from worker.kit.settings import Settings

REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
METHODS = "GET, POST, PUT, DELETE, PATCH, OPTIONS"
EXPOSED = "Location, Preference-Applied, Retry-After, X-Request-ID, X-Total-Count"
# What fits into a connection's buffers is sent whatever becomes of it.
AT_HAND = 32 * 1024
ONE_YEAR = 31_536_000
# A process manager asks these without TLS, from inside.
PLAIN_PATHS = frozenset({"/healthz", "/readyz"})


def _begin() -> None:
    g.started = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else str(new_id())


def _https_only() -> ResponseReturnValue | None:
    if request.is_secure or request.path.rstrip("/") in PLAIN_PATHS:
        return None
    return redirect(request.url.replace("http://", "https://", 1), 308)


def _preflight(allowed: re.Pattern[str]) -> Callable[[], ResponseReturnValue | None]:
    def answer() -> ResponseReturnValue | None:
        if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
            return None
        response = Response(status=204)
        if allowed.fullmatch(request.headers.get("Origin", "")):
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = request.headers.get(
                "Access-Control-Request-Headers", "Authorization, Content-Type"
            )
            response.headers["Access-Control-Max-Age"] = "600"
        return response

    return answer


def _finish(allowed: re.Pattern[str], *, secure: bool) -> Callable[[Response], Response]:
    def finish(response: Response) -> Response:
        headers = response.headers
        headers["X-Request-ID"] = g.get("request_id", "")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Cache-Control", "no-store")
        if "preference" in g:
            headers["Preference-Applied"] = g.preference
        origin = request.headers.get("Origin")
        if origin is not None:
            _allow_origin(response, origin, allowed)
        if secure:
            headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"
        return response

    return finish


def _allow_origin(response: Response, origin: str, allowed: re.Pattern[str]) -> None:
    response.vary.add("Origin")
    if allowed.fullmatch(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED


def _take_rest(response: Response) -> Response:
    """Read what nobody wanted: a proxy that still sends a refused body would not see the answer.

    It has all of it at hand, so this takes no time; from a client itself it could take for ever.
    """
    if (request.content_length or 0) > AT_HAND:
        drain()
    return response


def register(app: Flask, settings: Settings) -> None:
    """First of all: what is installed here also answers for what the guard refuses."""
    allowed = allowed_origins(settings)
    app.before_request(_begin)
    if settings.force_https:
        app.before_request(_https_only)
    app.before_request(_preflight(allowed))
    app.after_request(_finish(allowed, secure=settings.force_https))
    if settings.trusted_proxies:
        app.after_request(_take_rest)
        hops = settings.trusted_proxies
        app.__dict__["wsgi_app"] = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)
