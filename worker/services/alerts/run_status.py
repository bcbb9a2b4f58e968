"""What an operator asks of alert runs by hand: to start one, to see, stop and resume it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from worker.catalogue import alerts as catalogue
from worker.kit.database import query
from worker.ledger.queries import RunView, get_run
from worker.services.alerts import progress
from worker.services.alerts.progress import RunProgress

TASKS = [task.name for task in (catalogue.RUN, catalogue.INSTANT, catalogue.RERUN, catalogue.TEST)]


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run with its alert run. run_id, state: None once the run is forgotten; reached: None before it has begun;
    said: the run's progress, result or error.
    """

    run_id: UUID | None
    state: str | None
    said: Mapping[str, Any]
    reached: RunProgress | None


def find(connection: Connection, identifier: int | UUID) -> RunStatus | None:
    """By the number of an alert run, or by the id of a run of alerts; None when there is none."""
    if isinstance(identifier, UUID):
        return _of_run(connection, identifier)
    rows = query(connection, "select run_id from alert_runs where id = %s", (identifier,))
    if not rows:
        return None
    run = get_run(connection, rows[0]["run_id"], attempts=False)
    return _status(run, progress.of_run(connection, identifier))


def _of_run(connection: Connection, run_id: UUID) -> RunStatus | None:
    run = get_run(connection, run_id, attempts=False)
    if run is None or run.task not in TASKS:
        return None
    rows = query(connection, "select id from alert_runs where run_id = %s", (run_id,))
    return _status(run, progress.of_run(connection, rows[0]["id"]) if rows else None)


def _status(run: RunView | None, reached: RunProgress | None) -> RunStatus:
    """Runs are forgotten before their alert runs."""
    if run is None:
        return RunStatus(None, None, {}, reached)
    return RunStatus(run.id, run.state, run.error or run.result or run.progress or {}, reached)
