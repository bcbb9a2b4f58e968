"""One alert now: a test for its owner, or what it has not been served yet, outside its schedule."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from models.enums import AlertFrequency
from worker.kit.database import query
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Cancel, Done, Recorded, Snooze, Write
from worker.services.alerts import alert_run, digests, eligibility, runs, selection, shards
from worker.services.alerts.alert_run import COLUMNS
from worker.services.alerts.eligibility import WHY_NOT, Recipient
from worker.services.alerts.numbering import number_offers
from worker.services.alerts.preview import preview
from worker.services.alerts.selection import REST, Alerts
from worker.services.email.delivery import batches, messages
from worker.services.matching.criteria import parse_cached

FACTS = f"""
select frequency::text as label, own_frequency, coalesce(is_active, true) as is_active,
       coalesce(last_sent_at > now() - {REST}, false) as rests
  from job_alerts where id = %s
"""

BEGIN = f"""
insert into alert_runs as a (frequency, period, run_id, horizon, alerts_total)
values (%(frequency)s, clock_timestamp(), %(run)s, %(upper_bound)s, 1) returning {COLUMNS}
"""


@dataclass(frozen=True, slots=True)
class AlertTarget:
    """An active alert that has a recipient. rests: it had a digest within the last 15 minutes."""

    alerts: Alerts
    recipient: Recipient
    frequency: AlertFrequency
    rests: bool


def send_test(context: RunContext, alert_id: int) -> Outcome:
    """Mail an alert's newest open offers, marked as a test; its watermark, counters and digests stay as they are.

    Cancelled, with a sentence that says why, when the owner gets no mail or no open offer answers.
    """
    if not runs.prepare(context):
        return Snooze(0.0)
    return Write(lambda connection: _test(connection, context.run.id, alert_id))


def rerun(context: RunContext, alert_id: int) -> Outcome:
    """Send an alert the open offers above its watermark, and move the watermark: no offer comes twice, in no run.

    Cancelled, with a sentence that says why, when the owner gets no mail or an instant alert rests.
    """
    if not runs.prepare(context):
        return Snooze(0.0)
    return Write(lambda connection: _rerun(connection, context.run.id, alert_id))


def _test(connection: Connection, run_id: UUID, alert_id: int) -> Recorded:
    target = _target(connection, alert_id)
    if isinstance(target, Cancel):
        return target
    number_offers(connection)
    found = preview(connection, parse_cached(target.alerts.criteria[0]))
    if not found.found:
        return Cancel(f"Alert {alert_id} gets no test: no open offer answers it.")
    jobs = [each.offer.id for each in found.found]
    more, source = found.total - len(jobs), f"alert_test:{run_id}"
    mail = digests.message(source, target.recipient, target.frequency.value, jobs, more, test=True)
    messages.write(connection, [mail])
    batches.fill(connection)
    return Done({"alert_id": alert_id, "offers": found.total, "shown": len(jobs)})


def _rerun(connection: Connection, run_id: UUID, alert_id: int) -> Recorded:
    runs.adopt_alerts(connection)
    upper_bound = number_offers(connection)
    target = _target(connection, alert_id)
    if isinstance(target, Cancel):
        return target
    if target.rests and target.frequency is AlertFrequency.INSTANT:
        return Cancel(f"Alert {alert_id} had a mail within 15 minutes; what is new follows by itself.")
    values = {"frequency": target.frequency.value, "run": run_id, "upper_bound": upper_bound}
    [begun] = alert_run.fetch(connection, BEGIN, values)
    hits = shards.find(connection, target.alerts, upper_bound, owner=run_id)
    _, stored = shards.serve(connection, begun, target.alerts, hits)
    batches.fill(connection)
    ended = alert_run.finish(connection, begun, "succeeded")
    return Done({**ended.summary(), "alert_id": alert_id, "digests_stored": stored.digests})


def _target(connection: Connection, alert_id: int) -> AlertTarget | Cancel:
    found = query(connection, FACTS, (alert_id,))
    if not found:
        return Cancel(f"There is no alert {alert_id}.")
    if not found[0]["is_active"]:
        return Cancel(f"Alert {alert_id} gets no mail: it is paused.")
    recipient = eligibility.recipients(connection, [alert_id], period=None)[alert_id]
    if recipient.skip:
        return Cancel(f"Alert {alert_id} gets no mail: {WHY_NOT[recipient.skip]}.")
    frequency = AlertFrequency.stored(found[0]["label"], found[0]["own_frequency"])
    return AlertTarget(selection.one(connection, alert_id), recipient, frequency, found[0]["rests"])
