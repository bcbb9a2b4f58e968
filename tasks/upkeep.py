"""Handlers of the upkeep tasks."""

from sqlalchemy import Connection

from worker.catalogue import upkeep as catalogue
from worker.ledger.enqueue import enqueue
from worker.ledger.outcomes import Done, Outcome, RunContext, Write
from worker.ledger.prune import prune as prune_ledger


def prune(context: RunContext, payload: catalogue.Prune) -> Outcome:  # noqa: ARG001 - every handler gets both
    def work(connection: Connection) -> Done:
        deleted = prune_ledger(connection, payload.limit)
        if payload.limit in deleted.values():
            enqueue(connection, catalogue.PRUNE, payload)
        return Done({"deleted": deleted})

    return Write(work)
