"""No input of a candidate makes a 500, and every answer is a documented one."""

import schemathesis
from schemathesis.core.result import Ok

from tests.integration.api.fuzzing import fuzz
from tests.integration.api.job_alerts.conftest import URL, Market


def test_no_generated_request_is_a_server_error(market: Market) -> None:
    market.publish("Développeur Python")
    market.make()
    market.api.app.extensions["intowork.tally"].hit = lambda *_, **__: True
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", market.api.app)
    tried = []
    for found in schema.include(path_regex=f"^{URL}").get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        fuzz(operation, market.paul.headers)
        tried.append(operation.label)
    assert len(tried) == 11, tried
