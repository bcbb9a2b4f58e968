"""Queues: how they stand, and stopping and starting them."""

import dataclasses
from functools import partial

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import queues
from api_min.answers import json_response, queue_state
from api_min.auth import OPERATIONS, READ, access, caller
from api_min.idempotency import once
from api_min.schemas.common import GUARDED, problems
from api_min.schemas.queues import PausedQueue, QueueList, QueuePath

api = APIBlueprint("queues", __name__, url_prefix="/api/queues", abp_security=[{"bearer": []}])


@api.get("", summary="Every queue now", responses={200: QueueList, **problems(*GUARDED)})
@access(scopes=(READ, OPERATIONS))
def show_queues() -> Response:
    """Depth, oldest waiting run, throughput and waits (seconds); and the providers that do not accept us, with why."""
    found = queues.show()
    return json_response(
        {
            "queues": [queue_state(view) for view in found.queues],
            "closed_gates": [dataclasses.asdict(each) for each in found.closed_gates],
        }
    )


@api.post(
    "/<name>/pause", summary="Stop starting runs", responses={200: PausedQueue, **problems(*GUARDED, 404, 409, 422)}
)
@access(scopes=(OPERATIONS,))
def pause(path: QueuePath) -> Response:
    """What runs already goes on."""
    return once(
        partial(queues.pause, caller(), path.name),
        lambda _: json_response({"name": path.name, "paused": True}),
    )


@api.post(
    "/<name>/resume", summary="Start runs again", responses={200: PausedQueue, **problems(*GUARDED, 404, 409, 422)}
)
@access(scopes=(OPERATIONS,))
def resume(path: QueuePath) -> Response:
    """Its due runs are published at once."""
    return once(
        partial(queues.resume, caller(), path.name),
        lambda _: json_response({"name": path.name, "paused": False}),
    )
