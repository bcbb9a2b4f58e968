"""Handlers of the alert tasks."""

from sqlalchemy import Connection

from worker.catalogue import alerts as catalogue
from worker.ledger.outcomes import Done, Outcome, Recorded, RunContext, Write
from worker.services.alerts import runs, search, shards
from worker.wiring import Wiring


def run(context: RunContext, payload: catalogue.RunAlerts) -> Outcome:
    return runs.step(context, payload.frequency, payload.period)


def match_shard(wiring: Wiring, context: RunContext, payload: catalogue.MatchShard) -> Outcome:  # noqa: ARG001 - as all handlers
    merged = wiring.settings.alerts_one_mail_per_candidate
    return Write(
        lambda connection: shards.match_shard(
            connection, payload.alert_run_id, payload.first_id, payload.last_id, merged=merged
        )
    )


def tidy(context: RunContext, payload: catalogue.Tidy) -> Outcome:  # noqa: ARG001 - as all handlers
    def work(connection: Connection) -> Recorded:
        done = {"adopted": runs.adopt_alerts(connection), "closed": runs.close_abandoned(connection)}
        outcome = search.tidy(connection)
        return Done({**done, **outcome.result}) if isinstance(outcome, Done) else outcome

    return Write(work)
