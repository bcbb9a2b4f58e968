"""Handlers of the alert tasks."""

from functools import partial

from sqlalchemy import Connection

from worker.catalogue import alerts as catalogue
from worker.ledger.handlers import Handlers, Outcome, RunContext
from worker.ledger.outcomes import Done, Recorded, Write
from worker.services.alerts import instant as instant_alerts
from worker.services.alerts import one_off, runs, search, shards
from worker.wiring import Wiring


def handlers(wiring: Wiring) -> Handlers:
    return {
        catalogue.RUN: run,
        catalogue.MATCH_SHARD: partial(match_shard, wiring),
        catalogue.INSTANT: instant,
        catalogue.TEST: test,
        catalogue.RERUN: rerun,
        catalogue.TIDY: tidy,
    }


def run(context: RunContext, payload: catalogue.RunAlerts) -> Outcome:
    return runs.step(context, payload.frequency, payload.period)


def match_shard(wiring: Wiring, context: RunContext, payload: catalogue.MatchShard) -> Outcome:  # noqa: ARG001 - as all handlers
    merged = wiring.settings.alerts_one_mail_per_candidate
    return Write(
        lambda connection: shards.match_shard(
            connection, payload.alert_run_id, payload.first_id, payload.last_id, merged=merged
        )
    )


def instant(context: RunContext, payload: catalogue.SendInstant) -> Outcome:
    return instant_alerts.step(context, payload.job_id)


def test(context: RunContext, payload: catalogue.OneAlert) -> Outcome:
    return one_off.send_test(context, payload.alert_id)


def rerun(context: RunContext, payload: catalogue.OneAlert) -> Outcome:
    return one_off.rerun(context, payload.alert_id)


def tidy(context: RunContext, payload: catalogue.Tidy) -> Outcome:  # noqa: ARG001 - as all handlers
    def work(connection: Connection) -> Recorded:
        done = {"adopted": runs.adopt_alerts(connection), "closed": runs.close_abandoned(connection)}
        outcome = search.tidy(connection)
        if not isinstance(outcome, Done):
            return outcome
        started = instant_alerts.start_if_due(connection, outcome.result["highest_number"])
        return Done({**done, **outcome.result, "instant_started": started})

    return Write(work)
