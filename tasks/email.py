"""Handlers of the e-mail tasks."""

from functools import partial

from sqlalchemy import Connection

from worker.catalogue import email as catalogue
from worker.ledger.handlers import Handlers, Outcome, RunContext
from worker.ledger.outcomes import Done, Write
from worker.ledger.plans import Perform
from worker.services.ai.budgeted_writer import BudgetedWriter
from worker.services.ai.purse import Purse
from worker.services.alerts.eligibility import subscriptions
from worker.services.email.delivery import batches, bulk, events, sending
from worker.services.email.delivery.batch_delivery import BatchDelivery
from worker.services.email.templating import drafting
from worker.services.interviews import mail_layout
from worker.services.notifications import mails
from worker.wiring import Wiring

LAYOUTS = {**mail_layout.LAYOUTS, **mails.LAYOUTS}


def handlers(wiring: Wiring) -> Handlers:
    return {
        catalogue.SEND: send,
        catalogue.SEND_BULK: send_bulk,
        catalogue.DELIVER_BATCH: partial(deliver_batch, wiring),
        catalogue.DELIVER_MESSAGE: partial(deliver_message, wiring),
        catalogue.BATCH_PENDING: batch_pending,
        catalogue.APPLY_EVENT: apply_event,
        catalogue.DRAFT: partial(draft, wiring),
    }


def send(context: RunContext, payload: catalogue.SendMail) -> Outcome:
    return sending.send(context, payload)


def send_bulk(context: RunContext, payload: catalogue.SendBulk) -> Outcome:
    return bulk.send_bulk(context, payload)


def deliver_batch(wiring: Wiring, context: RunContext, payload: catalogue.DeliverBatch) -> Outcome:
    return Perform(
        BatchDelivery(
            payload.batch_id, wiring.email(), wiring.settings, subscriptions, LAYOUTS, parent_id=context.run.parent_id
        )
    )


def deliver_message(wiring: Wiring, context: RunContext, payload: catalogue.DeliverBatch) -> Outcome:
    return deliver_batch(wiring, context, payload)


def batch_pending(context: RunContext, payload: catalogue.BatchPending) -> Outcome:  # noqa: ARG001 - as all handlers
    def work(connection: Connection) -> Done:
        filled = batches.fill(connection, older_than=batches.WAIT)
        events.confirm_from_event(connection)
        return Done({"batches": filled, "unknown": batches.mark_unknown(connection)})

    return Write(work)


def apply_event(context: RunContext, payload: catalogue.ApplyEvent) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(lambda connection: events.apply(connection, payload.event_id))


def draft(wiring: Wiring, context: RunContext, payload: catalogue.DraftTemplate) -> Outcome:
    return drafting.draft(BudgetedWriter(wiring.writer(), Purse(context, wiring.settings)), payload)
