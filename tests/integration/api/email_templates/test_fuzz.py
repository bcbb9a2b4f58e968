"""No input of a recruiter makes a 500, and every answer is a documented one."""

import schemathesis
from schemathesis.core.result import Ok

from tests.integration.api.email_templates.conftest import URL, TemplateOffice
from tests.integration.api.fuzzing import fuzz


def test_no_generated_request_is_a_server_error(office: TemplateOffice) -> None:
    office.make(is_default=True)
    office.api.app.extensions["intowork.tally"].hit = lambda *_, **__: True
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", office.api.app)
    recruiter = office.recruiter
    tried = []
    for found in schema.include(path_regex=f"^{URL}").get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        fuzz(operation, {**recruiter.headers, "Prefer": "respond-async"})
        tried.append(operation.label)
    assert len(tried) == 19, tried
