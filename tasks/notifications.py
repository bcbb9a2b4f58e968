"""Handlers of the tasks that tell people something."""

from worker.catalogue import notifications as catalogue
from worker.ledger.handlers import Handlers, Outcome, RunContext
from worker.ledger.outcomes import Write
from worker.services.notifications import connections
from worker.wiring import Wiring


def handlers(_: Wiring) -> Handlers:
    return {catalogue.NOTIFY: notify}


def notify(context: RunContext, payload: catalogue.Notify) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(lambda connection: connections.notify(connection, payload))
