"""The intake: making runs, looking at them, and deciding about them."""

from functools import partial
from typing import Any

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import tasks
from api_min.actions.runs import AskedRun
from api_min.answers import brief, full, json_response, listed, run_for_owner, run_response
from api_min.auth import OPERATIONS, READ, WRITE, access, caller
from api_min.idempotency import given_key, once, run_key
from api_min.request_parsing import BATCH_LIMIT, body_limit, note_preference, preferred_wait
from api_min.schemas.common import GUARDED, WITH_BODY, RunPath, problems
from api_min.schemas.tasks import (
    AnyRun,
    Batch,
    BulkRequest,
    CatalogueList,
    Changed,
    FilterQuery,
    ListQuery,
    MadeRun,
    NewTask,
    NewTasks,
    RunPage,
    Settlement,
)
from worker.kit.tasks import TaskDefinition
from worker.ledger.enqueue import NewRun
from worker.ledger.queries import RunFilter

api = APIBlueprint("tasks", __name__, url_prefix="/api/tasks", abp_security=[{"bearer": []}])

DEFINED = ("name", "description", "queue", "priority", "max_attempts", "timeout", "expires_after", "batch", "ids_only")


@api.post(
    "",
    summary="Make a run",
    responses={200: MadeRun, 202: MadeRun, **problems(*WITH_BODY, 409)},
)
@access(scopes=(WRITE,))
def make_run(body: NewTask) -> Response:
    """Durable before the answer. `Idempotency-Key`: the same key and body answer the same run. `Prefer: wait=N`:
    200 with the result when the run ends within N seconds (at most 30), the error's status when it fails in them.
    """
    wait = preferred_wait() or 0
    asked = tasks.make_run(caller(), _wanted(body), wait, key=run_key())
    if asked.waited:
        note_preference(f"wait={wait}")
    return run_response(asked, _made(asked))


def _wanted(body: NewTask) -> NewRun:
    return NewRun(
        body.task,
        body.payload,
        run_at=body.run_at,
        priority=body.priority,
        company_id=body.company_id,
        unique_key=body.unique_key,
    )


def _made(asked: AskedRun) -> dict[str, Any]:
    return {**brief(asked.run), "created": asked.created}


@api.post(
    "/batch",
    summary="Make up to 1,000 runs, all or none",
    responses={202: Batch, **problems(*WITH_BODY, 409)},
)
@access(scopes=(WRITE,))
@body_limit(BATCH_LIMIT)
def make_runs(body: NewTasks) -> Response:
    """One transaction. `Idempotency-Key` covers the whole batch."""
    made = tasks.make_runs(caller(), [_wanted(each) for each in body.tasks], key=run_key())
    return json_response({"ids": [each.id for each in made], "created": [each.created for each in made]}, 202)


@api.get(
    "/catalogue",
    summary="Every task, with the JSON Schema of its payload",
    responses={200: CatalogueList, **problems(*GUARDED)},
)
@access(scopes=(READ, WRITE))
def show_catalogue() -> Response:
    return json_response({"tasks": [_entry(definition) for definition in tasks.catalogue()]})


def _entry(definition: TaskDefinition) -> dict[str, Any]:
    return {**{name: getattr(definition, name) for name in DEFINED}, "payload_schema": dict(definition.schema())}


@api.get("", summary="List runs, newest first", responses={200: RunPage, **problems(*GUARDED, 422)})
@access(scopes=(READ, OPERATIONS))
def list_all(query: ListQuery) -> Response:
    page = tasks.find(run_filter(query), cursor=query.cursor, limit=query.limit)
    return json_response({"runs": [listed(run) for run in page.runs], "next_cursor": page.next_cursor})


def run_filter(query: FilterQuery) -> RunFilter:
    return RunFilter(**query.model_dump(exclude={"cursor", "limit"}))


@api.get(
    "/<run_id>",
    summary="Look at a run",
    responses={200: AnyRun, **problems(*GUARDED, 404)},
)
@access()
def show_run(path: RunPath) -> Response:
    """With `tasks:read` everything but the payload's texts; `?reveal=payload` shows them too, needs `operations` and is
    audited. The user who caused the run sees its state, progress, result and error.
    """
    reveal = request.args.get("reveal") == "payload"
    run = tasks.get(caller(), path.run_id, reveal=reveal)
    return json_response(full(run, reveal=reveal) if tasks.sees_all(caller()) else run_for_owner(run))


@api.post(
    "/<run_id>/cancel",
    summary="Cancel a run and its children",
    responses={200: Changed, **problems(*GUARDED, 404, 409, 422)},
)
@access(scopes=(OPERATIONS,))
def cancel(path: RunPath) -> Response:
    """A queued run ends at once; a running one is asked to stop (`requested`); an ended one stays as it is."""
    return once(partial(tasks.cancel, caller(), path.run_id), _changed)


def _changed(changed: tasks.Changed) -> Response:
    return json_response({"id": changed.run_id, "outcome": changed.outcome})


@api.post(
    "/<run_id>/retry",
    summary="Run a failed or cancelled run again",
    responses={200: Changed, **problems(*GUARDED, 404, 409, 422)},
)
@access(scopes=(OPERATIONS,))
def retry(path: RunPath) -> Response:
    return once(partial(tasks.retry, caller(), path.run_id), _changed)


@api.post(
    "/<run_id>/settle",
    summary="Decide about a run whose outcome is unknown",
    responses={200: Changed, **problems(*WITH_BODY, 404, 409)},
)
@access(scopes=(OPERATIONS,))
def settle(path: RunPath, body: Settlement) -> Response:
    """Somebody looked at the provider: it happened (what follows is written), or it did not (it may be sent anew)."""
    decision = tasks.Decision(body.happened, body.reference, body.reason)
    return once(partial(tasks.settle, caller(), path.run_id, decision), _changed)


@api.post(
    "/bulk",
    summary="Retry or cancel every run that matches",
    responses={202: MadeRun, **problems(*WITH_BODY, 409)},
)
@access(scopes=(OPERATIONS,))
def act_on_many(body: BulkRequest) -> Response:
    payload = {"action": body.action, "reason": body.reason, **body.filter.model_dump(mode="json", exclude_none=True)}
    asked = tasks.act_on_many(caller(), payload, key=given_key())
    return run_response(asked, _made(asked))
