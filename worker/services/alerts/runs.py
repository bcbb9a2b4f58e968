"""An alert run: one frequency and period, cut into shards, finished when they are."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from worker.catalogue.alerts import MATCH_SHARD, MatchShard
from worker.kit.database import Row, execute, query
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Done, Json, Recorded, Run, Snooze, Write
from worker.ledger.runs import ended, is_under_way, of_parent
from worker.services.alerts import alert_run, merging, progress
from worker.services.alerts.alert_run import COLUMNS, AlertRun
from worker.services.alerts.eligibility import WAITING
from worker.services.alerts.numbering import number_offers
from worker.services.alerts.search import prepare_changed
from worker.services.alerts.selection import ACTIVE, BEHIND
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
   set run_id = %(run)s, horizon = %(upper_bound)s, state = 'running', started_at = now(), finished_at = null,
       alerts_total = %(alerts)s, alerts_scanned = %(alerts)s - %(behind)s, skipped = skipped - %(passing)s::text[]
 where id = %(id)s
"""

OPEN = "select distinct run_id from alert_runs where finished_at is null and state = 'running' and run_id is not null"

# A run that has ended without finishing leaves its alert run open.
CLOSE = f"""
update alert_runs a set state = case when r.state = 'cancelled' then 'cancelled' else 'failed' end, finished_at = now()
  from unnest(%(runs)s::uuid[], %(states)s::text[]) as r(id, state)
 where a.finished_at is null and a.state = 'running' and r.id = a.run_id
returning {COLUMNS}
"""


def step(
    context: RunContext,
    frequency: str,
    period: datetime,
    *,
    precheck: Callable[[Connection], Recorded | None] = lambda _: None,
) -> Outcome:
    """One step of an alert run: prepare what changed among the offers, begin, wait for the shards, merge, finish.

    Until the run has begun its progress says what it does; then it is a `progress.RunProgress` as shown.
    precheck: asked before the run begins, in the same transaction; an answer takes the place of beginning.
    """
    run = context.run
    anew = not has_begun(run)
    if anew:
        context.progress({"state": "preparing"})
        if not prepare(context):
            return Snooze(0.0)

    def work(connection: Connection) -> Recorded:
        answer = precheck(connection) if anew else None
        outcome = answer or advance(connection, run.id, frequency, period, anew=anew)
        if isinstance(outcome, Snooze):
            return replace(outcome, progress=_shown(connection, run, frequency, period))
        return outcome

    return Write(work)


def has_begun(run: Run) -> bool:
    """Whether the upper bound is fixed, and the shards are under way."""
    return run.progress is not None and run.progress.get("state") == RUNNING


def prepare(context: RunContext) -> bool:
    """Whether the documents of all changed offers are up to date."""
    until = time.monotonic() + PREPARE_SECONDS
    while context.transaction(lambda connection: prepare_changed(connection, most=PREPARE_AT_ONCE)):
        if time.monotonic() > until:
            return False
    return True


def _shown(connection: Connection, run: Run, frequency: str, period: datetime) -> Json:
    found = alert_run.of_period(connection, frequency, period)
    if found is None or found.run_id != run.id:
        return {"state": "waiting"}
    return progress.of_alert_run(connection, found).shown()


def advance(connection: Connection, run_id: UUID, frequency: str, period: datetime, *, anew: bool = False) -> Recorded:
    """Take an alert run one step further: begin it, wait for its shards, or finish it.

    Whoever comes second for a frequency and period gets the first one's result, or takes its place when it ended
    without finishing. anew: the run has not begun since it was written or retried by hand, so that shards which it
    had before do not count.
    """
    begun = None if anew else _begun(connection, run_id, frequency, period)
    if begun is not None:
        return _wait_or_finish(connection, run_id, begun)
    mine = _mine(connection, run_id, frequency, period)
    if mine is None:
        return Snooze(30.0)
    if mine.finished_at is not None and mine.state == "succeeded":
        return Done(mine.summary())
    return _begin(connection, run_id, mine)


def _begun(connection: Connection, run_id: UUID, frequency: str, period: datetime) -> AlertRun | None:
    """The alert run that this run has begun and not finished.

    Not locked: a shard holds it when it locks its parent, and we are that parent. Nobody takes it from a live run.
    """
    found = alert_run.of_period(connection, frequency, period)
    if found is None or found.run_id != run_id or found.upper_bound is None or found.finished_at is not None:
        return None
    return found


def _mine(connection: Connection, run_id: UUID, frequency: str, period: datetime) -> AlertRun | None:
    """The alert run, written if need be and locked; None while another run works on it."""
    execute(
        connection,
        "insert into alert_runs (frequency, period, run_id) values (%s, %s, %s) on conflict do nothing",
        (frequency, period, run_id),
    )
    found = alert_run.of_period(connection, frequency, period, lock=True)
    if found is None or found.run_id in (run_id, None) or found.finished_at is not None:
        return found
    return None if is_under_way(connection, found.run_id) else found


def _begin(connection: Connection, run_id: UUID, found: AlertRun) -> Recorded:
    """The upper bound of a first try stays, and so does what it counted."""
    adopt_alerts(connection)
    numbered = number_offers(connection)
    upper_bound = numbered if found.upper_bound is None else found.upper_bound
    boxes = query(connection, BOXES, {"frequency": found.frequency, "upper_bound": upper_bound, "size": BOX_SIZE})
    counts = {"alerts": sum(box["alerts"] for box in boxes), "behind": sum(box["behind"] for box in boxes)}
    values = {"id": found.id, "run": run_id, "upper_bound": upper_bound, "passing": sorted(WAITING)}
    execute(connection, BEGIN, {**values, **counts})
    ranges = cut(boxes, SHARD_SIZE)
    shards = [MatchShard(alert_run_id=found.id, first_id=first, last_id=last) for first, last in ranges]
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


def _wait_or_finish(connection: Connection, run_id: UUID, begun: AlertRun) -> Recorded:
    shards = of_parent(connection, run_id, since=begun.started_at)
    if shards.under_way:
        return Snooze(WAIT)
    if merging.merge(connection, begun):
        return Snooze(0.0)
    batches.fill(connection)
    finished = alert_run.finish(connection, begun, "failed" if shards.failed else "succeeded")
    return Done({**finished.summary(), "failed_shards": shards.failed})


def close_abandoned(connection: Connection) -> int:
    """Alert runs whose run was cancelled or given up say so; returns how many. A retry of the run resumes them.

    What their shards have stored is sent, though nobody waits for the rest.
    """
    over = ended(connection, [row["run_id"] for row in query(connection, OPEN)])
    closed = alert_run.fetch(connection, CLOSE, {"runs": list(over), "states": list(over.values())})
    for each in closed:
        merging.merge_all(connection, each)
    return len(closed)


def adopt_alerts(connection: Connection) -> int:
    """Give alerts that the main web app wrote their owner; returns how many."""
    return int(query(connection, "select translate_job_alerts() as adopted")[0]["adopted"])
