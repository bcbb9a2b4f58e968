"""An alert run: one frequency and period, cut into shards, finished when they are."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from worker.catalogue.alerts import MATCH_SHARD, MatchShard
from worker.kit.database import Row, execute, query
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Done, Json, Recorded, Run, Snooze, Write
from worker.ledger.runs import ended, is_under_way, of_parent
from worker.services.alerts import merging, progress
from worker.services.alerts.numbering import number_offers
from worker.services.alerts.search import prepare_changed
from worker.services.alerts.selection import ACTIVE, BEHIND, WAITING
from worker.services.email.delivery import batches

# Alerts per shard: about a second of work, which is what a killed worker repeats.
SHARD_SIZE = 20_000
BOX_SIZE = 1000
WAIT = 5.0
# Documents are prepared in steps of their own; a run that finds a long backlog comes back for the rest.
PREPARE_SECONDS = 30.0
PREPARE_AT_ONCE = 500

RUNNING = "running"

# Boxes of neighbouring ids: one pass over the alerts, without sorting them.
BOXES = f"""
select min(a.id) as first_id, max(a.id) as last_id, count(*)::integer as alerts,
       (count(*) filter (where {BEHIND}))::integer as behind
  from job_alerts a where {ACTIVE} group by a.id / %(size)s order by 1
"""

# Whoever has looked at everything, in this run or before, needs no shard. Whose reason was passing is looked at again.
BEGIN = """
update alert_runs
   set run_id = %(run)s, horizon = %(horizon)s, state = 'running', started_at = now(), finished_at = null,
       alerts_total = %(alerts)s, alerts_scanned = %(alerts)s - %(behind)s, skipped = skipped - %(passing)s::text[]
 where id = %(id)s
"""

OPEN = "select distinct run_id from alert_runs where finished_at is null and state = 'running' and run_id is not null"

# A run that has ended without finishing leaves its alert run open.
CLOSE = """
update alert_runs a set state = case when r.state = 'cancelled' then 'cancelled' else 'failed' end, finished_at = now()
  from unnest(%(runs)s::uuid[], %(states)s::text[]) as r(id, state)
 where a.finished_at is null and a.state = 'running' and r.id = a.run_id
returning a.*
"""


def step(
    context: RunContext,
    frequency: str,
    period: datetime,
    *,
    instead: Callable[[Connection], Recorded | None] = lambda _: None,
) -> Outcome:
    """One step of an alert run: prepare what changed among the offers, begin, wait for the shards, merge, finish.

    Until the run has begun its progress says what it does; then it is a `progress.RunProgress` as shown.
    instead: asked before the run begins, in the same transaction; an answer takes the place of beginning.
    """
    run = context.run
    anew = not has_begun(run)
    if anew:
        context.progress({"state": "preparing"})
        if not prepare(context):
            return Snooze(0.0)

    def work(connection: Connection) -> Recorded:
        answer = instead(connection) if anew else None
        outcome = answer or advance(connection, run.id, frequency, period, anew=anew)
        if isinstance(outcome, Snooze):
            return replace(outcome, progress=_shown(connection, run, frequency, period))
        return outcome

    return Write(work)


def has_begun(run: Run) -> bool:
    """Whether the horizon is fixed, and the shards are under way."""
    return run.progress is not None and run.progress.get("state") == RUNNING


def prepare(context: RunContext) -> bool:
    """Whether the documents of all changed offers are up to date."""
    until = time.monotonic() + PREPARE_SECONDS
    while context.transaction(lambda connection: prepare_changed(connection, most=PREPARE_AT_ONCE)):
        if time.monotonic() > until:
            return False
    return True


def _shown(connection: Connection, run: Run, frequency: str, period: datetime) -> Json:
    rows = query(
        connection, "select id, run_id from alert_runs where frequency = %s and period = %s", (frequency, period)
    )
    if rows and rows[0]["run_id"] == run.id and (reached := progress.of_run(connection, rows[0]["id"])):
        return reached.shown()
    return {"state": "waiting"}


def advance(connection: Connection, run_id: UUID, frequency: str, period: datetime, *, anew: bool = False) -> Recorded:
    """Take an alert run one step further: begin it, wait for its shards, or finish it.

    Whoever comes second for a frequency and period gets the first one's result, or takes its place when it ended
    without finishing. anew: the run has not begun since it was written or retried by hand, so that shards which it
    had before do not count.
    """
    alert_run = None if anew else _begun(connection, run_id, frequency, period)
    if alert_run is not None:
        return _wait_or_finish(connection, run_id, alert_run)
    alert_run = _mine(connection, run_id, frequency, period)
    if alert_run is None:
        return Snooze(30.0)
    if alert_run["finished_at"] is not None and alert_run["state"] == "succeeded":
        return Done(summary(alert_run))
    return _begin(connection, run_id, alert_run)


def _begun(connection: Connection, run_id: UUID, frequency: str, period: datetime) -> Row | None:
    """The alert run that this run has begun and not finished.

    Not locked: a shard holds it when it locks its parent, and we are that parent. Nobody takes it from a live run.
    """
    rows = query(
        connection,
        """
        select * from alert_runs
         where frequency = %s and period = %s and run_id = %s and horizon is not null and finished_at is null
        """,
        (frequency, period, run_id),
    )
    return rows[0] if rows else None


def _mine(connection: Connection, run_id: UUID, frequency: str, period: datetime) -> Row | None:
    execute(
        connection,
        "insert into alert_runs (frequency, period, run_id) values (%s, %s, %s) on conflict do nothing",
        (frequency, period, run_id),
    )
    row = query(
        connection,
        "select * from alert_runs where frequency = %s and period = %s for update",
        (frequency, period),
    )[0]
    if row["run_id"] in (run_id, None) or row["finished_at"] is not None:
        return row
    return None if is_under_way(connection, row["run_id"]) else row


def _begin(connection: Connection, run_id: UUID, alert_run: Row) -> Recorded:
    """The horizon of a first try stays, and so does what it counted."""
    adopt_alerts(connection)
    numbered = number_offers(connection)
    horizon = numbered if alert_run["horizon"] is None else alert_run["horizon"]
    boxes = query(connection, BOXES, {"frequency": alert_run["frequency"], "horizon": horizon, "size": BOX_SIZE})
    counts = {"alerts": sum(box["alerts"] for box in boxes), "behind": sum(box["behind"] for box in boxes)}
    values = {"id": alert_run["id"], "run": run_id, "horizon": horizon, "passing": sorted(WAITING)}
    execute(connection, BEGIN, {**values, **counts})
    ranges = cut(boxes, SHARD_SIZE)
    shards = [MatchShard(alert_run_id=alert_run["id"], first_id=first, last_id=last) for first, last in ranges]
    enqueue_all(connection, [NewRun(MATCH_SHARD.name, shard.model_dump(), parent_id=run_id) for shard in shards])
    return Snooze(WAIT if shards else 0.0)


def cut(boxes: Sequence[Row], size: int) -> list[tuple[int, int]]:
    """Ranges of ids (first, last) that hold at most `size` alerts with something to look at, or one box of more."""
    ranges: list[tuple[int, int]] = []
    held = size
    for box in boxes:
        if not box["behind"]:
            continue
        if held + box["behind"] > size:
            ranges.append((box["first_id"], box["last_id"]))
            held = 0
        ranges[-1] = (ranges[-1][0], box["last_id"])
        held += box["behind"]
    return ranges


def _wait_or_finish(connection: Connection, run_id: UUID, alert_run: Row) -> Recorded:
    shards = of_parent(connection, run_id, since=alert_run["started_at"])
    if shards.under_way:
        return Snooze(WAIT)
    if merging.merge(connection, alert_run):
        return Snooze(0.0)
    batches.fill(connection)
    finished = query(
        connection,
        "update alert_runs set state = %s, finished_at = now() where id = %s returning *",
        ("failed" if shards.failed else "succeeded", alert_run["id"]),
    )[0]
    return Done({**summary(finished), "failed_shards": shards.failed})


def close_abandoned(connection: Connection) -> int:
    """Alert runs whose run was cancelled or given up say so; returns how many. A retry of the run resumes them.

    What their shards have stored is sent, though nobody waits for the rest.
    """
    over = ended(connection, [row["run_id"] for row in query(connection, OPEN)])
    closed = query(connection, CLOSE, {"runs": list(over), "states": list(over.values())})
    for alert_run in closed:
        merging.merge_all(connection, alert_run)
    return len(closed)


def adopt_alerts(connection: Connection) -> int:
    """Give alerts that the main web app wrote their owner; returns how many."""
    return int(query(connection, "select translate_job_alerts() as adopted")[0]["adopted"])


def summary(alert_run: Row) -> dict[str, Any]:
    """What the run's result tells."""
    return {
        "alert_run_id": alert_run["id"],
        "frequency": alert_run["frequency"],
        "period": alert_run["period"].isoformat(),
        "state": alert_run["state"],
        "alerts_total": alert_run["alerts_total"],
        "alerts_scanned": alert_run["alerts_scanned"],
        "alerts_matched": alert_run["alerts_matched"],
        "digests_stored": alert_run["digests_stored"],
        "skipped": alert_run["skipped"],
    }
