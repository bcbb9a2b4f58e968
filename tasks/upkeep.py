"""Handlers of the upkeep tasks."""

from sqlalchemy import Connection

from worker.catalogue import upkeep as catalogue
from worker.ledger.bulk import perform
from worker.ledger.enqueue import enqueue
from worker.ledger.outcomes import Done, Outcome, RunContext, Write
from worker.ledger.prune import prune as prune_ledger
from worker.ledger.queries import RunFilter


def prune(context: RunContext, payload: catalogue.Prune) -> Outcome:  # noqa: ARG001 - every handler gets both
    def work(connection: Connection) -> Done:
        deleted = prune_ledger(connection, payload.limit)
        if payload.limit in deleted.values():
            enqueue(connection, catalogue.PRUNE, payload)
        return Done({"deleted": deleted})

    return Write(work)


def bulk(context: RunContext, payload: catalogue.Bulk) -> Outcome:
    return perform(context, payload.action, RunFilter(**payload.criteria()), payload.reason)
