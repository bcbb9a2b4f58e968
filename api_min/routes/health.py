"""Signs of life: for the process manager, the load balancer and Prometheus."""

from http import HTTPStatus
from typing import Any

from flask import Response, current_app
from flask_openapi.blueprint import APIBlueprint
from prometheus_client import CONTENT_TYPE_LATEST

from api_min.actions.health import look
from api_min.answers import json_response
from api_min.auth import OPERATIONS, access, open_route
from api_min.metrics import Metrics
from api_min.schemas.common import GUARDED, problems
from api_min.schemas.health import Alive, Ready

api = APIBlueprint("health", __name__)

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
    or a provider that does not accept us, is `degraded`, because what is enqueued meanwhile is kept; so is a version of
    a provider's API that has ended or will within weeks.
    """
    health = look()
    return json_response(
        {
            "status": "degraded" if health.faults else "ok",
            "problems": list(health.faults),
            "migration": health.found.migration_current,
            "dispatcher_age_seconds": health.found.dispatcher_age_seconds,
            "broker_reachable": health.found.broker_reachable,
        }
    )


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
