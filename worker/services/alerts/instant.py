"""Instant alerts: an offer is told within moments of its publication, and an alert at most once per 15 minutes.

One alert run at a time. An alert that had a digest lately rests and keeps its watermark; when its rest is over and
offers have come meanwhile, upkeep starts the next run.
"""

from uuid import UUID

from sqlalchemy import Connection

from worker.catalogue.alerts import INSTANT, SendInstant
from worker.kit.database import query
from worker.ledger.backlogs import under_way
from worker.ledger.enqueue import enqueue
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Cancel, Done, Recorded, Snooze
from worker.ledger.runs import created_at, is_under_way
from worker.services.alerts import runs
from worker.services.alerts.numbering import number_offers
from worker.services.alerts.search import IS_OPEN
from worker.services.alerts.selection import ACTIVE, BEHIND

FREQUENCY = "instant"
WAIT = 2.0

NOTE = f"insert into job_changes (job_id) select j.id from jobs j where j.id = %s and {IS_OPEN} returning job_id"

# An alert without owner keeps its watermark, and would be due for ever.
DUE = f"""
select exists (select from job_alerts a
                where {ACTIVE} and {BEHIND} and a.origin in ('translated', 'platform')) as due
"""

OTHERS = "select run_id from alert_runs where frequency = 'instant' and finished_at is null and run_id <> %s"


def step(context: RunContext, job_id: int = 0) -> Outcome:
    """One step of an instant run, as of any alert run; its period is the moment when it was asked for.

    job_id: an offer that has to be among those looked at, 0 for none. Cancelled when that is not open.
    """
    run = context.run
    is_named = job_id > 0 and not runs.has_begun(run)
    if is_named and not context.transaction(lambda connection: _note(connection, job_id)):
        return Cancel(f"Offer {job_id} is not published, or has expired: nobody is told of it.")
    period = context.transaction(lambda connection: created_at(connection, run.id))
    return runs.step(context, FREQUENCY, period, precheck=lambda connection: _precheck(connection, run.id))


def start_if_due(connection: Connection, upper_bound: int) -> bool:
    """Enqueue a run when an alert that does not rest has not looked at an offer yet, unless one is under way.

    upper_bound: the highest offer number there is; whoever asks holds the numbering lock, so that two start one.
    """
    if under_way(connection, INSTANT.name) or not _is_due(connection, upper_bound):
        return False
    enqueue(connection, INSTANT, SendInstant())
    return True


def _precheck(connection: Connection, run_id: UUID) -> Recorded | None:
    """Wait while another run works, end when nobody is due. The numbering lock makes two beginnings one."""
    runs.adopt_alerts(connection)
    upper_bound = number_offers(connection)
    if is_under_way(connection, *(row["run_id"] for row in query(connection, OTHERS, (run_id,)))):
        return Snooze(WAIT)
    return None if _is_due(connection, upper_bound) else Done({"state": "nothing_due", "horizon": upper_bound})


def _is_due(connection: Connection, upper_bound: int) -> bool:
    return bool(query(connection, DUE, {"frequency": FREQUENCY, "upper_bound": upper_bound})[0]["due"])


def _note(connection: Connection, job_id: int) -> bool:
    return bool(query(connection, NOTE, (job_id,)))
