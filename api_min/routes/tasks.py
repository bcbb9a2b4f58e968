"""The intake: making runs, looking at them, and deciding about them."""

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint
from sqlalchemy import Connection

from api_min.answers import full, json_response, listed, run_for_owner
from api_min.auth import OPERATIONS, READ, WRITE, Caller, access, caller
from api_min.context import context
from api_min.errors import NO_RUN, ApiError, invalid, refusals
from api_min.idempotency import Work, given_key, once
from api_min.intake import check_payload, ended, finished_answer, location, made_body, new_run, present, write
from api_min.request_parsing import (
    BATCH_LIMIT,
    body_limit,
    idempotency_key,
    note_preference,
    preferred_wait,
    typed_request,
)
from api_min.schemas.common import GUARDED, WITH_BODY, RunPath, problems
from api_min.schemas.tasks import (
    Batch,
    BulkRequest,
    CatalogueList,
    Changed,
    FilterQuery,
    FullRun,
    ListQuery,
    MadeRun,
    NewTask,
    NewTasks,
    RunPage,
    Settlement,
)
from worker.kit.ids import new_id
from worker.kit.tasks import TaskDefinition
from worker.ledger import controls
from worker.ledger.enqueue import NewRun
from worker.ledger.queries import RunFilter, RunView, get_run, list_runs

api = APIBlueprint("tasks", __name__, url_prefix="/api/tasks", abp_security=[{"bearer": []}])

BULK_TASK = "upkeep.bulk"
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
    parts = context()
    sender = caller()
    key = idempotency_key()
    wait = preferred_wait()
    options: dict[str, Any] = {"idempotency_key": key, "body_hash": typed_request().body_hash()} if key else {}
    run = new_run(parts.catalogue, body, sender, **options)
    return _write_and_wait(run, parts.catalogue[run.task], wait)


def _write_and_wait(run: NewRun, definition: TaskDefinition, wait: int | None) -> Response:
    """202 with the run, or what became of it when it ended within `wait` seconds."""
    parts = context()
    run_id = run.id or new_id()
    with parts.completions.ticket(run_id) if wait else nullcontext() as ticket:
        run = replace(run, id=run_id, wanted=ticket is not None)
        made = write(parts, [run], caller(), ticket)[0]
        if ticket is not None and wait:
            note_preference(f"wait={wait}")
            view = ended(parts, ticket, wait)
            if view is not None:
                return finished_answer(view, created=made.created)
    unseen = made.created and ticket is None
    body = made_body(definition, run) if unseen else present(parts, made, definition, run)
    return json_response(body, 202, {"Location": location(made.id)})


@api.post(
    "/batch",
    summary="Make up to 1,000 runs, all or none",
    responses={202: Batch, **problems(*WITH_BODY, 409)},
)
@access(scopes=(WRITE,))
@body_limit(BATCH_LIMIT)
def make_runs(body: NewTasks) -> Response:
    """One transaction. `Idempotency-Key` covers the whole batch."""
    parts = context()
    sender = caller()
    key = idempotency_key()
    digest = typed_request().body_hash() if key else None
    runs = [
        new_run(
            parts.catalogue,
            each,
            sender,
            ("body", "tasks", place),
            idempotency_key=f"{key}#{place}" if key else None,
            body_hash=digest,
        )
        for place, each in enumerate(body.tasks)
    ]
    made = write(parts, runs, sender)
    return json_response({"ids": [each.id for each in made], "created": [each.created for each in made]}, 202)


@api.get(
    "/catalogue",
    summary="Every task, with the JSON Schema of its payload",
    responses={200: CatalogueList, **problems(*GUARDED)},
)
@access(scopes=(READ, WRITE))
def show_catalogue() -> Response:
    return json_response({"tasks": [_entry(definition) for definition in context().catalogue]})


def _entry(definition: TaskDefinition) -> dict[str, Any]:
    return {**{name: getattr(definition, name) for name in DEFINED}, "payload_schema": dict(definition.schema())}


@api.get("", summary="List runs, newest first", responses={200: RunPage, **problems(*GUARDED, 422)})
@access(scopes=(READ, OPERATIONS))
def list_all(query: ListQuery) -> Response:
    with context().database.transaction() as connection:
        try:
            page = list_runs(connection, run_filter(query), cursor=query.cursor, limit=query.limit)
        except ValueError as error:
            raise invalid(["query", "cursor"], str(error)) from None
    return json_response({"runs": [listed(run) for run in page.runs], "next_cursor": page.next_cursor})


def run_filter(query: FilterQuery) -> RunFilter:
    return RunFilter(**query.model_dump(exclude={"cursor", "limit"}))


@api.get(
    "/<run_id>",
    summary="Look at a run",
    responses={200: FullRun, **problems(*GUARDED, 404)},
)
@access()
def show_run(path: RunPath) -> Response:
    """With `tasks:read` everything but the payload's texts; `?reveal=payload` shows them too, needs `operations` and is
    audited. The user who caused the run sees its state, progress, result and error.
    """
    sender = caller()
    reveal = request.args.get("reveal") == "payload"
    if reveal and not sender.may(OPERATIONS):
        raise ApiError(403, "Revealing a payload needs the scope operations, or an administrator.")
    with context().database.transaction() as connection:
        run = get_run(connection, path.run_id, attempts=sees_all(sender))
        if run is not None and reveal:
            controls.note_reveal(connection, run.id, sender.name)
    if run is None or not may_see(sender, run):
        raise ApiError(404, NO_RUN)
    return json_response(full(run, reveal=reveal) if sees_all(sender) else run_for_owner(run))


def sees_all(sender: Caller) -> bool:
    return sender.may(READ) or sender.may(OPERATIONS)


def may_see(sender: Caller, run: RunView) -> bool:
    return sees_all(sender) or (sender.user_id is not None and run.caused_by == sender.user_id)


@api.post(
    "/<run_id>/cancel",
    summary="Cancel a run and its children",
    responses={200: Changed, **problems(*GUARDED, 404, 409, 422)},
)
@access(scopes=(OPERATIONS,))
def cancel(path: RunPath) -> Response:
    """A queued run ends at once; a running one is asked to stop (`requested`); an ended one stays as it is."""

    def prepare() -> Work:
        outcome = controls.cancel(context().database, path.run_id, caller().name)
        if outcome is None:
            raise ApiError(404, NO_RUN)
        return lambda _connection: json_response({"id": path.run_id, "outcome": outcome})

    return once(prepare)


@api.post(
    "/<run_id>/retry",
    summary="Run a failed or cancelled run again",
    responses={200: Changed, **problems(*GUARDED, 404, 409, 422)},
)
@access(scopes=(OPERATIONS,))
def retry(path: RunPath) -> Response:

    def work(connection: Connection) -> Response:
        return json_response({"id": path.run_id, "outcome": controls.retry(connection, path.run_id, caller().name)})

    with refusals():
        return once(lambda: work)


@api.post(
    "/<run_id>/settle",
    summary="Decide about a run whose outcome is unknown",
    responses={200: Changed, **problems(*WITH_BODY, 404, 409)},
)
@access(scopes=(OPERATIONS,))
def settle(path: RunPath, body: Settlement) -> Response:
    """Somebody looked at the provider: it happened (what follows is written), or it did not (it may be sent anew)."""
    if body.reference is not None and not body.happened:
        raise invalid(["body", "reference"], "only what happened has a reference")

    def work(connection: Connection) -> Response:
        outcome = controls.settle(
            connection,
            path.run_id,
            happened=body.happened,
            reference=body.reference,
            reason=body.reason,
            actor=caller().name,
        )
        return json_response({"id": path.run_id, "outcome": outcome})

    with refusals():
        return once(lambda: work)


@api.post(
    "/bulk",
    summary="Retry or cancel every run that matches",
    responses={202: MadeRun, **problems(*WITH_BODY, 409)},
)
@access(scopes=(OPERATIONS,))
def act_on_many(body: BulkRequest) -> Response:
    parts = context()
    definition = parts.catalogue[BULK_TASK]
    payload = {"action": body.action, "reason": body.reason, **body.filter.model_dump(mode="json", exclude_none=True)}
    check_payload(definition, payload, ("body", "filter"))
    run = NewRun(BULK_TASK, payload, caused_by=caller().user_id)
    if (key := given_key()) is not None:
        run = replace(run, idempotency_key=key.name, body_hash=key.digest)
    return _write_and_wait(run, definition, None)
