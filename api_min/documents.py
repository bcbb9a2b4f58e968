"""The OpenAPI document."""

from collections.abc import Mapping
from typing import Any, cast

from flask import Response, current_app
from flask_openapi.openapi import OpenAPI

from api_min.answers import json_response
from api_min.auth import open_route
from api_min.errors import MEDIA_TYPE

CACHED = "public, max-age=300"
# What writes nothing, or knows its repetitions by the sender's own id.
WITHOUT_KEY = ("/preview", "/webhooks/")

HEADERS: Mapping[str, Mapping[str, Any]] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": (
            "1 to 255 printable ASCII characters, scoped by caller. The same request under it is answered as the first "
            "time, another one 409. Kept for 24 h, counted from the end of the run that it made."
        ),
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$"},
    },
    "Prefer": {
        "name": "Prefer",
        "in": "header",
        "description": "`wait=N`: wait up to N seconds (at most 30) for the run's end, or another number (RFC 7240).",
        "schema": {"type": "string"},
    },
    "reveal": {
        "name": "reveal",
        "in": "query",
        "description": "`payload`: show its texts; needs `operations`, audited.",
        "schema": {"type": "string", "enum": ["payload"]},
    },
}
# The framework rebuilds a schema per request for what it reads from headers: the routes read these themselves.
READ_BY_ROUTES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("/api/tasks", "post"): ("Prefer",),
    ("/api/tasks/{run_id}", "get"): ("reveal",),
    ("/api/notifications/unread-count", "get"): ("Prefer",),
    ("/api/email-templates/draft", "post"): ("Prefer",),
    ("/api/email-templates/{template_id}/send-test", "post"): ("Prefer",),
}


def openapi_document(app: OpenAPI) -> dict[str, Any]:
    """The document (OpenAPI 3.1.0), made once."""
    if "intowork.openapi" not in app.extensions:
        document = app.api_doc
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                _complete(path, method, operation)
        app.extensions["intowork.openapi"] = document
    found: dict[str, Any] = app.extensions["intowork.openapi"]
    return found


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    writes = method != "get" and not any(part in path for part in WITHOUT_KEY)
    for name in (*READ_BY_ROUTES.get((path, method), ()), *(("Idempotency-Key",) if writes else ())):
        operation.setdefault("parameters", []).append(dict(HEADERS[name]))
    # The framework adds a 422 of its own form where a route declares none, because it has no input.
    if MEDIA_TYPE not in operation["responses"].get("422", {}).get("content", {MEDIA_TYPE: None}):
        del operation["responses"]["422"]


@open_route
def show_document() -> Response:
    return json_response(openapi_document(cast("OpenAPI", current_app)), headers={"Cache-Control": CACHED})


def register(app: OpenAPI) -> None:
    app.add_url_rule("/api/openapi.json", view_func=show_document)
