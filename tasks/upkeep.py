"""Handlers of the upkeep tasks."""

from sqlalchemy import Connection

from worker.catalogue import upkeep as catalogue
from worker.kit.retention import step_all
from worker.ledger.bulk import perform
from worker.ledger.enqueue import enqueue
from worker.ledger.handlers import Handlers, Outcome, RunContext
from worker.ledger.outcomes import Done, Write
from worker.ledger.prune import prune as prune_ledger
from worker.ledger.queries import RunFilter
from worker.services.ai import retention as ai
from worker.services.collaboration import retention as collaboration
from worker.services.email import retention as email
from worker.services.integrations import retention as integrations
from worker.services.publishing import retention as publishing
from worker.services.recommendations import retention as recommendations
from worker.wiring import Wiring

# What names people and what it cost, noun by noun; the ledger has its own list.
RETENTION = (
    *email.RETENTION,
    *ai.RETENTION,
    *collaboration.RETENTION,
    *integrations.RETENTION,
    *publishing.RETENTION,
    *recommendations.RETENTION,
)


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
        steps = step_all(connection, RETENTION, payload.limit)
        of_the_gone, next_user = email.forget_readers(connection, payload.limit, payload.after_user)
        if next_user is not None or any(step.more for step in steps.values()):
            after = payload.after_user if next_user is None else next_user
            enqueue(connection, catalogue.ANONYMISE, payload.model_copy(update={"after_user": after}))
        rows = {table: step.rows for table, step in steps.items()}
        rows["email_messages"] += of_the_gone
        return Done({"forgotten": rows})

    return Write(work)


def bulk(context: RunContext, payload: catalogue.Bulk) -> Outcome:
    return perform(context, payload.action, RunFilter(**payload.criteria()), payload.reason)
