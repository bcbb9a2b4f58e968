"""Handlers of what colleagues are told while they judge applications."""

from sqlalchemy import Connection

from worker.catalogue import collaboration as catalogue
from worker.ledger.enqueue import enqueue
from worker.ledger.handlers import Handlers, Outcome, RunContext
from worker.ledger.outcomes import Done, Write
from worker.services.collaboration import scorecard_reminders
from worker.wiring import Wiring


def handlers(_: Wiring) -> Handlers:
    return {catalogue.REMIND_SCORECARDS: remind_scorecards}


def remind_scorecards(context: RunContext, payload: catalogue.RemindScorecards) -> Outcome:  # noqa: ARG001 - as all handlers
    def work(connection: Connection) -> Done:
        reminded = scorecard_reminders.remind(connection, payload.limit)
        if reminded.more:
            enqueue(connection, catalogue.REMIND_SCORECARDS, payload)
        return Done({"interviews": reminded.interviews, "people": reminded.people})

    return Write(work)
