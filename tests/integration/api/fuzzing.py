"""Requests generated from the OpenAPI document, and what every answer must be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
Headers = Mapping[str, str]


@dataclass
class Fuzz:
    """An operation, tried as each of the callers.

    known: ids that exist, by name. A generated one hardly ever names anything, so they replace it every other time.
    """

    operation: Any
    callers: Sequence[Headers]
    known: Mapping[str, Any]
    sent: int = 0

    def faults(self, examples: int) -> list[str]:
        """What was wrong with the first bad answer."""
        bounded = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        modes = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
        try:
            bounded(given(data=st.data(), mode=modes)(self._ask))()
        except FailureGroup as wrong:
            return [f"{self.operation.label}: {each}" for each in wrong.exceptions]
        return []

    def _ask(self, data: st.DataObject, mode: GenerationMode) -> None:
        case: Case[Any] = data.draw(self.operation.as_strategy(generation_mode=mode))
        headers = data.draw(st.sampled_from(self.callers))
        for place in (case.path_parameters, case.body):
            if isinstance(place, dict) and data.draw(st.booleans()):
                place.update({name: self.known[name] for name in place.keys() & self.known.keys()})
        self.sent += 1
        case.call_and_validate(headers={**headers, "Prefer": "respond-async"}, checks=CHECKS)
