"""Signs of life: for the process manager, the load balancer and Prometheus."""

from datetime import UTC
from http import HTTPStatus
from typing import Any

from flask import Response, current_app
from flask_openapi.blueprint import APIBlueprint
from prometheus_client import CONTENT_TYPE_LATEST

from api_min import migration
from api_min.answers import json_response
from api_min.auth import OPERATIONS, access, open_route
from api_min.context import context
from api_min.errors import ApiError
from api_min.metrics import Metrics
from api_min.schemas.common import GUARDED, problems
from api_min.schemas.health import Alive, Ready
from worker.ledger.queries import ClosedGate, Readiness, closed_gates, readiness

api = APIBlueprint("health", __name__)

SILENT_SECONDS = 15.0
PROMETHEUS_TEXT: dict[str | int | HTTPStatus, Any] = {
    200: {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


@api.get("/healthz", summary="Whether this process answers", responses={200: Alive})
@open_route
def healthz() -> Response:
    return json_response({"status": "ok"})


@api.get("/readyz", summary="Whether requests can be taken", responses={200: Ready, **problems(503)})
@open_route
def readyz() -> Response:
    """503 only when Postgres is unreachable or its migrations are behind this release; a silent dispatcher or broker,
    or a provider that does not accept us, is `degraded`, because what is enqueued meanwhile is kept.
    """
    with context().database.transaction() as connection:
        found = readiness(connection)
        sentence = migration.behind(found)
        closed = () if sentence else closed_gates(connection)
    if sentence:
        raise ApiError(503, sentence, headers={"Retry-After": str(migration.RETRY_AFTER)})
    faults = [*map(_closed, closed), *_faults(found)]
    return json_response(
        {
            "status": "degraded" if faults else "ok",
            "problems": faults,
            "migration": found.migration_current,
            "dispatcher_age_seconds": found.dispatcher_age_seconds,
            "broker_reachable": found.broker_reachable,
        }
    )


def _closed(gate: ClosedGate) -> str:
    since = gate.closed_at.astimezone(UTC)
    return (
        f"The provider {gate.gate.partition(':')[2]} does not accept our configuration: {gate.waiting} runs wait since "
        f"{since:%Y-%m-%d %H:%M} UTC. GET /api/queues tells why."
    )


def _faults(found: Readiness) -> list[str]:
    age = found.dispatcher_age_seconds
    if age is None:
        return ["No dispatcher has ever run here: nothing starts until one does (python -m worker.dispatcher)."]
    faults = []
    if age > SILENT_SECONDS:
        faults.append(f"The dispatcher has been silent for {age:.0f} s: nothing starts until it runs again.")
    if not found.broker_reachable:
        faults.append("The dispatcher cannot reach the broker: nothing starts until it does.")
    return faults


@api.get(
    "/metrics",
    summary="Prometheus figures",
    security=[{"bearer": []}],
    responses={**PROMETHEUS_TEXT, **problems(*GUARDED)},
)
@access(scopes=(OPERATIONS,))
def metrics() -> Response:
    """Of this process and of the queues; needs a service key with the scope operations."""
    found: Metrics = current_app.extensions["intowork.metrics"]
    return Response(found.text(), content_type=CONTENT_TYPE_LATEST)
