"""Looking at the ledger: runs, queues and the signs of life that /readyz reports."""

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


@dataclass(frozen=True, slots=True)
class QueueView:
    """depth: runs whose time has come; scheduled: runs whose time has not. The rest covers the last 5 minutes:
    waits in seconds from due to started, None when nothing started.
    """

    name: str
    paused_at: datetime | None
    depth: int
    scheduled: int
    running: int
    oldest_waiting_seconds: float
    finished_last_5_minutes: int
    throughput_per_second: float
    wait_p50: float | None
    wait_p95: float | None


@dataclass(frozen=True, slots=True)
class ClosedGate:
    """A gate that lets nobody through (`provider:resend`), since when, why, and how many runs wait at it."""

    gate: str
    closed_at: datetime
    reason: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Readiness:
    """None where nobody has said anything yet: no migration applied, no dispatcher ever started."""

    migration_current: str | None
    dispatcher_age_seconds: float | None
    broker_reachable: bool | None


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


QUEUES = """
with waiting as (
    select queue, count(*) filter (where run_at <= now()) as depth,
           count(*) filter (where run_at > now()) as scheduled,
           extract(epoch from now() - min(run_at) filter (where isfinite(run_at)))::float8 as oldest
      from task_runs where state = 'queued' group by queue),
running as (select queue, count(*) as n from task_runs where state = 'running' group by queue),
finished as (
    select queue, count(*) as n from task_runs where finished_at > now() - interval '5 minutes' group by queue),
started as (
    select queue, started_at - run_at as wait from task_runs
     where state = 'running' and started_at > now() - interval '5 minutes' and started_at >= run_at
       and isfinite(run_at) and isfinite(started_at)
    union all
    select queue, started_at - run_at from task_runs
     where finished_at > now() - interval '5 minutes' and started_at > now() - interval '5 minutes'
       and started_at >= run_at and isfinite(run_at) and isfinite(started_at)),
waits as (
    select queue, percentile_cont(array[0.5, 0.95]) within group (order by extract(epoch from wait)::float8) as p
      from started group by queue)
select q.name, q.paused_at, coalesce(w.depth, 0) as depth, coalesce(w.scheduled, 0) as scheduled,
       coalesce(r.n, 0) as running, greatest(coalesce(w.oldest, 0), 0) as oldest_waiting_seconds,
       coalesce(f.n, 0) as finished_last_5_minutes, coalesce(f.n, 0) / 300.0::float8 as throughput_per_second,
       p.p[1] as wait_p50, p.p[2] as wait_p95
  from queues q
  left join waiting w on w.queue = q.name
  left join running r on r.queue = q.name
  left join finished f on f.queue = q.name
  left join waits p on p.queue = q.name
 order by q.name
"""


def queue_statistics(connection: Connection) -> list[QueueView]:
    """Every queue by name. Cost: reads what is queued or running and what ended in the last 5 minutes."""
    return [QueueView(**row) for row in query(connection, QUEUES)]


def readiness(connection: Connection) -> Readiness:
    """What the database knows about the platform's health."""
    current = None
    if query(connection, "select to_regclass('platform_alembic_version') is not null as there")[0]["there"]:
        versions = query(connection, "select max(version_num) as version from platform_alembic_version")
        current = versions[0]["version"]
    if not query(connection, "select to_regclass('platform_state') is not null as there")[0]["there"]:
        return Readiness(current, None, None)
    signs = query(
        connection,
        """
        select extract(epoch from now() - updated_at)::float8 as age, (value->>'broker_reachable')::boolean as broker
          from platform_state where key = 'dispatcher'
        """,
    )
    return Readiness(current, signs[0]["age"], signs[0]["broker"]) if signs else Readiness(current, None, None)


def closed_gates(connection: Connection) -> tuple[ClosedGate, ...]:
    """The gates that a fault of our configuration closed, by name."""
    rows = query(
        connection,
        """
        select key as gate, closed_at, coalesce(reason, '') as reason,
               (select count(*) from task_runs r where r.gate = g.key and r.state = 'queued') as waiting
          from park_gates g where closed_at is not null order by key
        """,
    )
    return tuple(ClosedGate(**row) for row in rows)
