"""No input makes a 500: requests generated from the OpenAPI document, with credentials of every scope."""

from collections.abc import Mapping
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api_min.documents import openapi_document
from api_min.limits import KeyBudget, Tally
from tests.integration.api.conftest import ECHO, Api

EXAMPLES = 25
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def fuzz(operation: Any, headers: Mapping[str, str]) -> None:
    @bounded
    @given(data=st.data(), mode=st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    def one(data: st.DataObject, mode: GenerationMode) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if isinstance(case.body, dict) and "task" in case.body and data.draw(st.booleans()):
            case.body["task"] = ECHO.name
        case.call_and_validate(headers=dict(headers), checks=CHECKS)

    one()


def test_no_generated_request_is_a_server_error(api: Api) -> None:
    api.app.extensions["intowork.key_budget"] = KeyBudget(Tally(None), per_second=1_000_000)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", api.app)
    tried = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        fuzz(operation, api.headers)
        tried.append(f"{operation.method.upper()} {operation.path}")
    documented = openapi_document(api.app)["paths"].values()
    assert len(tried) == sum(len(methods) for methods in documented), tried
