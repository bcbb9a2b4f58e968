"""The OpenAPI document as a page for people. It is written in English, as the document is."""

import re
from collections.abc import Mapping
from typing import Any, cast

from flask import Response, current_app
from flask_openapi.openapi import OpenAPI

from api_min.auth import open_route
from api_min.documents import CACHED, openapi_document
from api_min.pages.shell import Pages, page

OPERATIONS = ("get", "post", "put", "patch", "delete")

pages = Pages("documentation", __name__)


@pages.get("/api/docs")
@open_route
def show_reference() -> Response:
    document = openapi_document(cast("OpenAPI", current_app))
    response = page(
        "documentation/reference.html",
        locale="en",
        info=document["info"],
        operations=_operations(document),
        schemas=document["components"]["schemas"],
    )
    response.headers["Cache-Control"] = CACHED
    return response


def _operations(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"path": path, "method": method.upper(), "anchor": re.sub(r"\W+", "-", f"{method}{path}"), **methods[method]}
        for path, methods in sorted(document["paths"].items())
        for method in OPERATIONS
        if method in methods
    ]
