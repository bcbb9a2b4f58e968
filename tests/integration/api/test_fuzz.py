"""No input makes a 500, and every answer is a documented one: requests generated from the whole OpenAPI document."""

import re
from collections.abc import Iterator, Mapping

import pytest
import schemathesis
from schemathesis.core.result import Ok

from api_min.auth import Access
from api_min.documents import openapi_document
from sandbox.postgres import EmbeddedPostgres
from tests.integration.api.fuzzing import Fuzz, Headers
from tests.integration.api.world import ADMIN, CANDIDATE, EMPLOYER, World, built

FEW, MANY = 10, 200
REQUESTS = {FEW: 1_000, MANY: 20_000}


@pytest.fixture(scope="module")
def world(postgres_server: EmbeddedPostgres, template_database: str, emulator_url: str) -> Iterator[World]:
    with built(postgres_server, template_database, emulator_url) as world:
        yield world


@pytest.fixture(scope="module")
def people(world: World) -> Mapping[str, Headers]:
    """Credentials by role; a service key's by the name of no role."""
    users = {"candidate": CANDIDATE, "employer": EMPLOYER, "admin": ADMIN}
    key = world.api.with_key("tasks:write", "tasks:read", "operations")
    return {"": key.headers, **{role: world.user(user_id).headers for role, user_id in users.items()}}


def callers(world: World, people: Mapping[str, Headers], path: str, method: str) -> list[Headers]:
    """Those who may call a route of the document."""
    for rule in world.api.app.url_map.iter_rules():
        if re.sub("<(?:[^<>]*:)?([^<>]*)>", r"{\1}", rule.rule) == path and method in (rule.methods or ()):
            access: Access = world.api.app.view_functions[rule.endpoint].__dict__["access"]
            admitted = sorted(access.roles) or [*people]
            return [people[role] for role in (["", "admin"] if access.scopes else admitted)]
    raise LookupError(path)


@pytest.mark.parametrize("examples", [FEW, pytest.param(MANY, marks=[pytest.mark.full, pytest.mark.timeout(3600)])])
def test_no_generated_request_is_a_server_error(world: World, people: Mapping[str, Headers], examples: int) -> None:
    sent, faults = 0, []
    operations = list(schemathesis.openapi.from_wsgi("/api/openapi.json", world.api.app).get_all_operations())
    for found in operations:
        assert isinstance(found, Ok)
        operation = found.ok()
        known = {name: value for name, value in world.named("Ouvert").values.items() if name != "type"}
        asking = Fuzz(operation, callers(world, people, operation.path, operation.method.upper()), known)
        faults += asking.faults(examples)
        sent += asking.sent
    assert faults == [], "\n".join(faults)
    assert len(operations) == sum(len(methods) for methods in openapi_document(world.api.app)["paths"].values())
    assert sent >= REQUESTS[examples]
