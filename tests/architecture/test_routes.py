"""What people forget about routes: a guard, and the problems that they answer."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask_openapi.openapi import OpenAPI

from api_min import create_app
from api_min.auth import Access
from api_min.documents import openapi_document
from api_min.pages.shell import Pages
from tests.factories.source import sources
from worker.kit.settings import Settings

PROBLEM = "application/problem+json"
# Boards show what they are answered to people.
PLAIN = {f"GET /feeds/{{token}}/{name}.xml 404": "text/plain" for name in ("indeed", "careerjet")}


@pytest.fixture(scope="module")
def app() -> OpenAPI:
    """Nothing is connected to: an application opens its connections on first use."""
    return create_app(Settings(database_url="postgresql://nobody@127.0.0.1:1/nothing", redis_url="memory://"))


def guarded(app: OpenAPI, endpoint: str) -> Access | None:
    found = getattr(app.view_functions[endpoint], "access", None)
    return found if isinstance(found, Access) else None


def test_every_route_says_who_may_call_it(app: OpenAPI) -> None:
    unmarked = [rule.rule for rule in app.url_map.iter_rules() if guarded(app, rule.endpoint) is None]
    assert not unmarked, "mark these routes with @access(...) or @open_route, below the route's own decorator"


def test_open_routes_are_the_ones_meant_to_be(app: OpenAPI) -> None:
    opened = {rule.rule for rule in app.url_map.iter_rules() if (found := guarded(app, rule.endpoint)) and found.open}
    assert opened == {
        "/healthz",
        "/readyz",
        "/api/openapi.json",
        "/api/docs",
        "/api/webhooks/resend",
        "/static/<name>",
        "/u/<token>",
        "/u/<token>/preferences",
        "/u/mails/<token>",
        "/i/<token>",
        "/i/<token>/calendar.ics",
        "/c/<token>.ics",
        "/carrieres/<company>",
        "/carrieres/<company>/<offer>",
        "/carrieres/<company>/<offer>/image.png",
        "/carrieres/<company>/atom.xml",
        "/carrieres/<company>/image.png",
        "/carrieres/<company>/rss.xml",
        "/carrieres/<company>/sitemap.xml",
        "/carrieres/sitemap.xml",
        "/robots.txt",
        "/signin",
        "/feeds/<token>/careerjet.xml",
        "/feeds/<token>/indeed.xml",
        "/api/integrations/<any('linkedin', 'google-calendar', 'outlook', 'facebook', 'twitter'):provider>/callback",
    }


def test_only_pages_take_the_cookie_of_a_session(app: OpenAPI) -> None:
    """Browsers send it unasked; programs never need it."""
    taking = [rule for rule in app.url_map.iter_rules() if (found := guarded(app, rule.endpoint)) and found.session]
    others = [rule.rule for rule in taking if not isinstance(app.blueprints.get(rule.endpoint.split(".")[0]), Pages)]
    assert not others, "a session's cookie is for pages (`Pages` of api_min/pages/shell.py)"
    assert not [rule.rule for rule in taking if rule.rule.startswith(("/api/", "/metrics"))]


def operations(app: OpenAPI) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, methods in openapi_document(app)["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_is_documented(app: OpenAPI) -> None:
    for name, operation in operations(app):
        assert operation["summary"], name


def test_every_guarded_operation_declares_its_problems(app: OpenAPI) -> None:
    for name, operation in operations(app):
        expected = {"401", "403", "429", "503"} if operation.get("security") else set()
        if "requestBody" in operation:
            expected |= {"413", "415", "422"}
        assert expected <= operation["responses"].keys(), name


def test_every_error_is_a_problem_document(app: OpenAPI) -> None:
    for name, operation in operations(app):
        for status, response in operation["responses"].items():
            if status >= "400":
                expected = PLAIN.get(f"{name} {status}", PROBLEM)
                assert set(response["content"]) == {expected}, f"{name} {status}"


def test_security_is_declared_where_the_guard_asks(app: OpenAPI) -> None:
    methods = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    declared = {name: bool(operation.get("security")) for name, operation in operations(app)}
    for rule in app.url_map.iter_rules():
        found = guarded(app, rule.endpoint)
        path = rule.rule.replace("<", "{").replace(">", "}")
        for method in methods & (rule.methods or set()):
            if found is not None and f"{method} {path}" in declared:
                assert declared[f"{method} {path}"] is not found.open, f"{method} {path}"


def test_no_two_shapes_have_one_name(app: OpenAPI) -> None:
    """The document keeps the last of them, for all routes."""
    shapes = openapi_document(app)["components"]["schemas"]
    names = [
        node.name
        for source in sources("api_min/schemas")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and node.name in shapes
    ]
    assert [name for name, count in Counter(names).items() if count > 1] == []
