"""No input makes a 500: requests generated from the OpenAPI document, with credentials of every scope.

Routes that only users reach are tried with a user's credentials, beside their other tests.
"""

import re

import schemathesis
from schemathesis.core.result import Ok

from api_min.documents import openapi_document
from api_min.limits import KeyBudget, Tally
from tests.factories.api import Api
from tests.integration.api.fuzzing import fuzz

OF_USERS = "^/api/(email-templates|interviews|job-alerts)"


def test_no_generated_request_is_a_server_error(api: Api) -> None:
    api.app.extensions["intowork.key_budget"] = KeyBudget(Tally(None), per_second=1_000_000)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", api.app)
    tried = []
    for found in schema.exclude(path_regex=OF_USERS).get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        fuzz(operation, api.headers)
        tried.append(f"{operation.method.upper()} {operation.path}")
    documented = openapi_document(api.app)["paths"].items()
    assert len(tried) == sum(len(methods) for path, methods in documented if not re.match(OF_USERS, path)), tried
