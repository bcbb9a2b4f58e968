"""No input of anybody makes a 500, and every answer is a documented one."""

import schemathesis
from schemathesis.core.result import Ok

from tests.integration.api.fuzzing import fuzz
from tests.integration.api.interviews.conftest import URL, Diary


def test_no_generated_request_is_a_server_error(diary: Diary) -> None:
    diary.plan()
    diary.api.app.extensions["intowork.tally"].hit = lambda *_, **__: True
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", diary.api.app)
    tried = []
    for found in schema.include(path_regex=f"^{URL}").get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        fuzz(operation, diary.recruiter.headers)
        tried.append(operation.label)
    assert len(tried) == 16, tried
