"""Looking at runs: one, or a page of those that match a filter."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import Row, query

FINAL = ("succeeded", "failed", "cancelled", "uncertain")

# Words become literals: a partial index serves only a condition that is known when the plan is made.
STATUSES: Mapping[str, str] = {
    "queued": "r.state = 'queued'",
    "running": "r.state = 'running'",
    "succeeded": "r.state = 'succeeded'",
    "failed": "r.state = 'failed'",
    "cancelled": "r.state = 'cancelled'",
    "uncertain": "r.state = 'uncertain'",
    "parked": "r.state = 'queued' and r.gate is not null",
    "retrying": "r.state = 'queued' and r.gate is null and r.attempt > 0",
    "scheduled": "r.state = 'queued' and r.gate is null and r.attempt = 0 and r.run_at > now()",
}

# An id carries its maker's clock, created_at the database's: they may differ by this much.
ID_SLACK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One try. Seconds; outcome None while it runs. `traceback` is for operators only."""

    number: int
    lease: int
    worker_id: UUID
    message_id: UUID | None
    started_at: datetime
    waited_seconds: float
    ran_seconds: float | None
    outcome: str | None
    error_class: str | None
    message: str | None
    traceback: str | None
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as it is shown. `error` is {code, message, status, fingerprint}; `payload` is unredacted, and
    whatever was written past `enqueue_tasks`: no object, or Unreadable.
    """

    id: UUID
    task: str
    queue: str
    priority: int
    company_id: int
    caused_by: int | None
    state: str
    run_at: datetime
    attempt: int
    max_attempts: int
    rescues: int
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    parent_id: UUID | None
    gate: str | None
    cancel_requested_at: datetime | None
    expires_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    payload: Any
    due: bool
    attempts: tuple[AttemptView, ...] = ()

    @property
    def status(self) -> str:
        """The state in a person's words: a queued run may be `parked`, `retrying` or `scheduled`."""
        if self.state != "queued":
            return self.state
        if self.gate is not None:
            return "parked"
        if self.attempt > 0:
            return "retrying"
        return "queued" if self.due else "scheduled"

    @property
    def finished(self) -> bool:
        return self.state in FINAL


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs; None leaves a member open. `state` is a state or a derived word (STATUSES); since <= created < until.

    Instants without a zone are UTC.
    """

    task: str | None = None
    state: str | None = None
    queue: str | None = None
    company_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class RunPage:
    """Newest first. `next_cursor` is None on the last page."""

    runs: tuple[RunView, ...]
    next_cursor: str | None


# JSON has no word for an infinite wait.
_SECONDS = ("waited_seconds", "ran_seconds")
_ATTEMPT = ", ".join(
    f"greatest(least({field.name}, 1e9), -1e9) as {field.name}" if field.name in _SECONDS else field.name
    for field in fields(AttemptView)
)
_RUN = (
    ", ".join(f"r.{field.name}" for field in fields(RunView) if field.name not in ("attempts", "due"))
    + ", r.run_at <= now() as due"
)


def get_run(connection: Connection, run_id: UUID, *, attempts: bool = True) -> RunView | None:
    """One run, with its attempts oldest first unless they are not wanted."""
    rows = query(connection, f"select {_RUN} from task_runs r where r.id = %s", (run_id,))
    if not rows:
        return None
    tries: list[Row] = []
    if attempts:
        tries = query(connection, f"select {_ATTEMPT} from task_attempts where run_id = %s order by lease", (run_id,))
    return RunView(**rows[0], attempts=tuple(AttemptView(**each) for each in tries))


def list_runs(connection: Connection, run_filter: RunFilter, *, cursor: str | None = None, limit: int = 50) -> RunPage:
    """One page of runs, newest first, without attempts. Raises ValueError with a sentence for a bad cursor or state."""
    sql, parameters = list_statement(run_filter, cursor, limit)
    rows = query(connection, sql, parameters)
    runs = tuple(RunView(**row) for row in rows[:limit])
    return RunPage(runs, str(runs[-1].id) if len(rows) > limit else None)


def list_statement(run_filter: RunFilter, cursor: str | None, limit: int) -> tuple[str, dict[str, Any]]:
    """The statement behind list_runs; it asks for one row more than `limit`."""
    conditions, parameters = where(run_filter)
    if cursor is not None:
        conditions.append("r.id < %(cursor)s")
        parameters["cursor"] = _cursor_id(cursor)
    parameters["rows"] = limit + 1
    condition = " and ".join(conditions or ["true"])
    return f"select {_RUN} from task_runs r where {condition} order by r.id desc limit %(rows)s", parameters


def _cursor_id(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError:
        raise ValueError("The cursor is malformed: use `next_cursor` of the page before, unchanged.") from None


def where(run_filter: RunFilter) -> tuple[list[str], dict[str, Any]]:
    """A filter as SQL conditions over `task_runs r`, with their parameters."""
    conditions: list[str] = []
    parameters: dict[str, Any] = {}
    for name in ("task", "queue", "company_id"):
        if getattr(run_filter, name) is not None:
            conditions.append(f"r.{name} = %({name})s")
            parameters[name] = getattr(run_filter, name)
    if run_filter.company_id:
        conditions.append("r.company_id <> 0")
    if run_filter.state is not None:
        conditions.append(f"({_status(run_filter.state)})")
    if run_filter.fingerprint is not None:
        conditions.append(_FINGERPRINT)
        parameters["fingerprint"] = run_filter.fingerprint
    _bound_time(run_filter, conditions, parameters)
    return conditions, parameters


# Only these states keep an error; naming them lets the small indexes serve.
_FINGERPRINT = """r.error->>'fingerprint' = %(fingerprint)s
    and (r.state in ('failed', 'cancelled', 'uncertain') or r.state = 'queued' or r.state = 'running')"""


def _status(word: str) -> str:
    if word not in STATUSES:
        raise ValueError(f"There is no state {word[:40]!r}: use one of {', '.join(STATUSES)}.")
    return STATUSES[word]


def _bound_time(run_filter: RunFilter, conditions: list[str], parameters: dict[str, Any]) -> None:
    """Bounds on created_at, and on the id so that the primary key serves them."""
    if run_filter.since is not None:
        since = _aware(run_filter.since)
        conditions.append("r.created_at >= %(since)s and r.id >= %(since_id)s")
        parameters |= {"since": since, "since_id": _first_id(since, -ID_SLACK)}
    if run_filter.until is not None:
        until = _aware(run_filter.until)
        conditions.append("r.created_at < %(until)s and r.id < %(until_id)s")
        parameters |= {"until": until, "until_id": _first_id(until, ID_SLACK)}


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _first_id(instant: datetime, shift: timedelta) -> UUID:
    """The lowest UUIDv7 of the millisecond `shift` away from an instant; instants before 1970 count as 1970."""
    milliseconds = int((instant.timestamp() + shift.total_seconds()) * 1000)
    return UUID(int=min(max(milliseconds, 0), 2**48 - 1) << 80)
