"""Handlers of the e-mail tasks."""

from sqlalchemy import Connection

from worker.catalogue import email as catalogue
from worker.ledger.outcomes import Done, Outcome, Perform, RunContext, Write
from worker.services.email import batches, drafting, events
from worker.services.email.delivery import BatchDelivery
from worker.wiring import Wiring


def deliver_batch(wiring: Wiring, context: RunContext, payload: catalogue.DeliverBatch) -> Outcome:  # noqa: ARG001 - as all handlers
    return Perform(BatchDelivery(payload.batch_id, wiring.email(), wiring.settings))


def batch_pending(context: RunContext, payload: catalogue.BatchPending) -> Outcome:  # noqa: ARG001 - as all handlers
    def work(connection: Connection) -> Done:
        filled = batches.fill(connection, older_than=batches.WAIT)
        events.settle_witnessed(connection)
        return Done({"batches": filled, "unknown": batches.mark_unknown(connection)})

    return Write(work)


def apply_event(context: RunContext, payload: catalogue.ApplyEvent) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(lambda connection: events.apply(connection, payload.event_id))


def draft(wiring: Wiring, context: RunContext, payload: catalogue.DraftTemplate) -> Outcome:  # noqa: ARG001 - as all handlers
    wish = drafting.wish(payload.kind, payload.locale, payload.tone, payload.instructions)
    return Done(drafting.propose(wiring.writer(), wish))
