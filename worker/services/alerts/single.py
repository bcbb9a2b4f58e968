"""One alert now: a test for its owner, or what it has not been served yet, outside its schedule."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from models.enums import AlertFrequency
from worker.kit.database import query
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Cancel, Done, Recorded, Snooze, Write
from worker.services.alerts import digests, runs, selection, shards
from worker.services.alerts.numbering import number_offers
from worker.services.alerts.preview import preview
from worker.services.alerts.selection import REST, Alerts, Reader
from worker.services.email.delivery import batches, messages
from worker.services.matching.criteria import parse_cached

WHY_NOT = {
    "untranslated": "it belongs to no candidate",
    "no_user": "its owner's account is gone",
    "inactive_user": "its owner's account is switched off",
    "unsubscribed": "its owner stopped all alerts",
    "suppressed": "its owner's address is on the suppression list",
}

FACTS = f"""
select frequency::text as label, own_frequency, coalesce(is_active, true) as is_active,
       coalesce(last_sent_at > now() - {REST}, false) as rests
  from job_alerts where id = %s
"""

BEGIN = """
insert into alert_runs (frequency, period, run_id, horizon, alerts_total)
values (%s, clock_timestamp(), %s, %s, 1) returning *
"""

END = "update alert_runs set state = 'succeeded', finished_at = now() where id = %s returning *"


@dataclass(frozen=True, slots=True)
class Known:
    """An active alert that has a reader. rests: it had a digest within the last 15 minutes."""

    alerts: Alerts
    reader: Reader
    frequency: AlertFrequency
    rests: bool


def send_test(context: RunContext, alert_id: int) -> Outcome:
    """Mail an alert's newest open offers, marked as a test; its mark, counters and digests stay as they are.

    Cancelled, with a sentence that says why, when the owner gets no mail or no open offer answers.
    """
    if not runs.prepare(context):
        return Snooze(0.0)
    return Write(lambda connection: _test(connection, context.run.id, alert_id))


def rerun(context: RunContext, alert_id: int) -> Outcome:
    """Send an alert the open offers above its mark, and move the mark: no offer comes twice, in no run.

    Cancelled, with a sentence that says why, when the owner gets no mail or an instant alert rests.
    """
    if not runs.prepare(context):
        return Snooze(0.0)
    return Write(lambda connection: _rerun(connection, context.run.id, alert_id))


def _test(connection: Connection, run_id: UUID, alert_id: int) -> Recorded:
    known = _known(connection, alert_id)
    if isinstance(known, Cancel):
        return known
    number_offers(connection)
    found = preview(connection, parse_cached(known.alerts.criteria[0]))
    if not found.found:
        return Cancel(f"Alert {alert_id} gets no test: no open offer answers it.")
    jobs = [each.offer.id for each in found.found]
    more, source = found.total - len(jobs), f"alert_test:{run_id}"
    mail = digests.message(source, known.reader, known.frequency.value, jobs, more, test=True)
    messages.write(connection, [mail])
    batches.fill(connection)
    return Done({"alert_id": alert_id, "offers": found.total, "shown": len(jobs)})


def _rerun(connection: Connection, run_id: UUID, alert_id: int) -> Recorded:
    runs.adopt_alerts(connection)
    horizon = number_offers(connection)
    known = _known(connection, alert_id)
    if isinstance(known, Cancel):
        return known
    if known.rests and known.frequency is AlertFrequency.INSTANT:
        return Cancel(f"Alert {alert_id} had a mail within 15 minutes; what is new follows by itself.")
    alert_run = query(connection, BEGIN, (known.frequency.value, run_id, horizon))[0]
    hits = shards.find(connection, known.alerts, horizon, owner=run_id)
    _, stored = shards.serve(connection, alert_run, known.alerts, hits)
    batches.fill(connection)
    ended = query(connection, END, (alert_run["id"],))[0]
    return Done({**runs.summary(ended), "alert_id": alert_id, "digests_stored": stored.digests})


def _known(connection: Connection, alert_id: int) -> Known | Cancel:
    found = query(connection, FACTS, (alert_id,))
    if not found:
        return Cancel(f"There is no alert {alert_id}.")
    if not found[0]["is_active"]:
        return Cancel(f"Alert {alert_id} gets no mail: it is paused.")
    reader = selection.readers(connection, [alert_id], period=None)[alert_id]
    if reader.skip:
        return Cancel(f"Alert {alert_id} gets no mail: {WHY_NOT[reader.skip]}.")
    frequency = AlertFrequency.stored(found[0]["label"], found[0]["own_frequency"])
    return Known(selection.one(connection, alert_id), reader, frequency, found[0]["rests"])
