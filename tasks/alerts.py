"""Handlers of the alert tasks."""

from worker.catalogue import alerts as catalogue
from worker.ledger.outcomes import Done, Outcome, RunContext, Write
from worker.services.alerts import runs, shards


def run(context: RunContext, payload: catalogue.RunAlerts) -> Outcome:
    anew = context.run.progress is None
    if anew:
        context.progress({"state": "running"})
    return Write(
        lambda connection: runs.advance(connection, context.run.id, payload.frequency, payload.period, anew=anew)
    )


def tidy(context: RunContext, payload: catalogue.Tidy) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(
        lambda connection: Done(
            {"adopted": runs.adopt_alerts(connection), "closed": runs.close_abandoned(connection)},
        )
    )


def match_shard(context: RunContext, payload: catalogue.MatchShard) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(
        lambda connection: shards.match_shard(connection, payload.alert_run_id, payload.first_id, payload.last_id)
    )
