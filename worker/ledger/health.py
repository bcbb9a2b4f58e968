"""The platform's health as the database knows it: what readiness, the doctor and the metrics share."""

from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection

from worker.kit.database import query

# A dispatcher gives a sign of life each second.
DISPATCHER_SILENT_SECONDS = 15.0


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

    @property
    def behind(self) -> str | None:
        """A sentence when migrations of this release are missing; those of a newer one are no fault."""
        needed = newest_migration()
        if (self.migration_current or "") >= needed:
            return None
        at = self.migration_current or "none"
        return f"The database is at migration {at}, this release needs {needed}: run `intowork migrate`."

    @property
    def dispatcher_silent(self) -> bool:
        return self.dispatcher_age_seconds is None or self.dispatcher_age_seconds > DISPATCHER_SILENT_SECONDS


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


def newest_migration() -> str:
    """The last of the numbered migrations of this release (their file names begin with the revision)."""
    spec = find_spec("migrations")
    folders = [Path(each) / "versions" for each in (spec.submodule_search_locations or [])] if spec else []
    return max((file.name[:4] for folder in folders for file in folder.glob("[0-9]*.py")), default="")


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
