"""Queues: how they stand, and stopping and starting them."""

import dataclasses

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from sqlalchemy import Connection

from api_min.answers import json_response, queue_state
from api_min.auth import OPERATIONS, READ, access, caller
from api_min.context import context
from api_min.errors import refusals
from api_min.idempotency import once
from api_min.schemas.common import GUARDED, problems
from api_min.schemas.queues import PausedQueue, QueueList, QueuePath
from worker.ledger import controls
from worker.ledger.queries import closed_gates, queue_statistics

api = APIBlueprint("queues", __name__, url_prefix="/api/queues", abp_security=[{"bearer": []}])


@api.get("", summary="Every queue now", responses={200: QueueList, **problems(*GUARDED)})
@access(scopes=(READ, OPERATIONS))
def show_queues() -> Response:
    """Depth, oldest waiting run, throughput and waits (seconds); and the providers that do not accept us, with why."""
    with context().database.transaction() as connection:
        views = queue_statistics(connection)
        closed = closed_gates(connection)
    return json_response(
        {"queues": [queue_state(view) for view in views], "closed_gates": [dataclasses.asdict(each) for each in closed]}
    )


@api.post(
    "/<name>/pause", summary="Stop starting runs", responses={200: PausedQueue, **problems(*GUARDED, 404, 409, 422)}
)
@access(scopes=(OPERATIONS,))
def pause(path: QueuePath) -> Response:
    """What runs already goes on."""

    def work(connection: Connection) -> Response:
        controls.pause(connection, path.name, caller().name)
        return json_response({"name": path.name, "paused": True})

    with refusals():
        return once(lambda: work)


@api.post(
    "/<name>/resume", summary="Start runs again", responses={200: PausedQueue, **problems(*GUARDED, 404, 409, 422)}
)
@access(scopes=(OPERATIONS,))
def resume(path: QueuePath) -> Response:
    """Its due runs are published at once."""

    def work(connection: Connection) -> Response:
        controls.resume(connection, path.name, caller().name)
        return json_response({"name": path.name, "paused": False})

    with refusals():
        return once(lambda: work)
