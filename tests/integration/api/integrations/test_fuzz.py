"""No input of a recruiter's makes a 500 where offers are published, and every answer is a
documented one.
"""

import schemathesis
from schemathesis.core.result import Ok

from tests.integration.api.fuzzing import fuzz
from tests.integration.api.integrations.conftest import Connecting

OF_RECRUITERS = "^/api/(jobs/|postings/|integrations/custom)"


def test_no_generated_request_is_a_server_error(connecting: Connecting) -> None:
    connecting.api.app.extensions["intowork.tally"].hit = lambda *_, **__: True
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", connecting.api.app)
    headers = {**connecting.recruiter.headers, "Prefer": "respond-async"}
    tried = []
    for found in schema.include(path_regex=OF_RECRUITERS).get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        fuzz(operation, headers)
        tried.append(operation.label)
    assert len(tried) == 13, tried
