"""Runs that somebody asks for, and may wait for."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Connection

from api_min.actions.once import earlier
from api_min.actions.run_writing import write_runs
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import NO_RUN, ApiError, existing
from worker.kit.ids import new_id
from worker.kit.logging import get_logger
from worker.kit.outages import is_outage
from worker.ledger.answers import Key
from worker.ledger.enqueue import Enqueued, NewRun, enqueue_all
from worker.ledger.queries import RunView, get_run
from worker.ledger.runs import mark_wanted

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AskedRun:
    """A run that was asked for, as it stands.

    created: False when a key named an earlier one. waited: somebody waited for it, or would have. ended: the caller
    may have what became of it; else it is under way.
    """

    run: RunView
    created: bool
    waited: bool
    ended: bool


def enqueue_run(connection: Connection, caller: Caller, run: NewRun) -> RunView:
    """Write a run that nobody waits for in the caller's transaction. The dispatchers are not told."""
    run = replace(run, id=run.id or new_id(), caused_by=caller.user_id)
    enqueue_all(connection, [run], caller=caller.name, announce=False)
    return just_written(run)


def run_and_wait(
    caller: Caller, prepare: Callable[[], NewRun], seconds: float | None = None, *, key: Key | None = None
) -> AskedRun:
    """Write the run that `prepare` makes and wait for its end, for INTERACTIVE_WAIT when `seconds` is None.

    A request that is repeated under `key` waits for the first one's run, and prepares nothing. No transaction may be
    open, and no connection is held while it waits. Raises ApiError.
    """
    seconds = context().settings.interactive_wait if seconds is None else seconds
    if (first := earlier(key)) is not None:
        return follow(first.run_id, seconds)
    run = keyed(replace(prepare(), caused_by=caller.user_id), key)
    return _write_and_wait(caller, run, run.id or new_id(), seconds)


def keyed(run: NewRun, key: Key | None) -> NewRun:
    """The run under this idempotency key."""
    return run if key is None else replace(run, idempotency_key=key.name, body_hash=key.digest)


def _write_and_wait(caller: Caller, run: NewRun, run_id: UUID, seconds: float) -> AskedRun:
    # The ticket is taken before the run is committed, so that no end is missed.
    with context().completions.ticket(run_id) if seconds else nullcontext() as ticket:
        run = replace(run, id=run_id, wanted=ticket is not None)
        made = write_runs(caller, [run])[0]
        if ticket is None:
            ended = None
        else:
            if not made.created:
                ticket.follow(made.id)
                _announce_end(made.id)
            ended = ticket.wait(partial(_ended, made.id), until=time.monotonic() + seconds)
    unseen = made.created and ticket is None
    view = ended or (just_written(run) if unseen else _as_it_stands(made, run))
    return AskedRun(view, made.created, waited=ticket is not None, ended=ended is not None)


def follow(run_id: UUID, seconds: float | None = None) -> AskedRun:
    """Wait for a run that is written, for INTERACTIVE_WAIT when `seconds` is None."""
    seconds = context().settings.interactive_wait if seconds is None else seconds
    with context().completions.ticket(run_id) if seconds else nullcontext() as ticket:
        ended = None
        if ticket is not None:
            _announce_end(run_id)
            ended = ticket.wait(partial(_ended, run_id), until=time.monotonic() + seconds)
    view = ended or _read(run_id)
    return AskedRun(view, created=False, waited=ticket is not None, ended=view.finished)


def refuse_failed(run: RunView) -> None:
    """Raise ApiError with the error and the status of a run that has ended otherwise than well."""
    if run.state == "succeeded":
        return
    error = run.error or {}
    sentence = error.get("message") or f"The run ended {run.state}."
    status = error.get("status") or (409 if run.state == "cancelled" else 500)
    raise ApiError(status if 400 <= status <= 599 else 500, sentence, code=error.get("code"), run_id=run.id)


def just_written(run: NewRun) -> RunView:
    """A run that was written a moment ago, without asking the database again."""
    definition = context().catalogue[run.task]
    run_id = run.id or new_id()
    written_at = _instant(run_id)
    return RunView(
        id=run_id,
        task=run.task,
        queue=definition.queue,
        priority=definition.priority if run.priority is None else run.priority,
        company_id=run.company_id,
        caused_by=run.caused_by,
        state="queued",
        run_at=run.run_at or written_at,
        attempt=0,
        max_attempts=definition.max_attempts,
        rescues=0,
        progress=None,
        result=None,
        error=None,
        parent_id=run.parent_id,
        gate=None,
        cancel_requested_at=None,
        expires_at=None,
        created_at=written_at,
        started_at=None,
        finished_at=None,
        payload=run.payload,
        due=run.run_at is None,
    )


def _instant(run_id: UUID) -> datetime:
    """The instant inside a UUIDv7, to the millisecond."""
    return datetime.fromtimestamp((run_id.int >> 80) / 1000, UTC)


def _as_it_stands(made: Enqueued, run: NewRun) -> RunView:
    """The run that was asked for; without Postgres, what is known of one that was just written."""
    try:
        return _read(made.id)
    except Exception as error:
        if not (made.created and is_outage(error)):
            raise
        return just_written(run)


def _read(run_id: UUID) -> RunView:
    with context().database.transaction() as connection:
        return existing(get_run(connection, run_id, attempts=False), NO_RUN)


def _ended(run_id: UUID) -> RunView | None:
    """The run once it has ended. While Postgres is away nothing has."""
    with _suppress_outage():
        view = _read(run_id)
        return view if view.finished else None
    return None


def _announce_end(run_id: UUID) -> None:
    """Have the end of an earlier run announced; without it the waiting caller looks at the end of its time."""
    with _suppress_outage(), context().database.transaction() as connection:
        mark_wanted(connection, run_id)


@contextmanager
def _suppress_outage() -> Iterator[None]:
    """Go on although Postgres is away: what follows does not depend on it."""
    try:
        yield
    except Exception as error:
        if not is_outage(error):
            raise
        log.warning("api.database_away", error=type(error).__name__)
