"""Handlers of the upkeep tasks."""

from sqlalchemy import Connection

from worker.catalogue import upkeep as catalogue
from worker.ledger.bulk import perform
from worker.ledger.enqueue import enqueue
from worker.ledger.handlers import Handlers, Outcome, RunContext
from worker.ledger.outcomes import Done, Write
from worker.ledger.prune import prune as prune_ledger
from worker.ledger.queries import RunFilter
from worker.services.email import retention
from worker.wiring import Wiring


def handlers(_: Wiring) -> Handlers:
    return {
        catalogue.PRUNE: prune,
        catalogue.ANONYMISE: anonymise,
        catalogue.BULK: bulk,
    }


def prune(context: RunContext, payload: catalogue.Prune) -> Outcome:
    deleted = prune_ledger(context.transaction, payload.limit)

    def work(connection: Connection) -> Done:
        if payload.limit in deleted.values():
            enqueue(connection, catalogue.PRUNE, payload)
        return Done({"deleted": deleted})

    return Write(work)


def anonymise(context: RunContext, payload: catalogue.Anonymise) -> Outcome:  # noqa: ARG001 - every handler gets both
    def work(connection: Connection) -> Done:
        step = retention.forget(connection, payload.limit, payload.after_user)
        if step.more:
            after = payload.after_user if step.next_user is None else step.next_user
            enqueue(connection, catalogue.ANONYMISE, payload.model_copy(update={"after_user": after}))
        return Done({"forgotten": step.rows})

    return Write(work)


def bulk(context: RunContext, payload: catalogue.Bulk) -> Outcome:
    return perform(context, payload.action, RunFilter(**payload.criteria()), payload.reason)
