"""The API's errors as answers."""

from sandbox.emulators.anthropic.checks import Problem
from sandbox.emulators.web import Response, json_response


def error(problem: Problem) -> Response:
    response = json_response({**error_body(problem), "request_id": "req_emulator"}, problem.status)
    response.note = problem.kind
    return response


def error_body(problem: Problem) -> dict[str, object]:
    return {"type": "error", "error": {"type": problem.kind, "message": problem.message}}
