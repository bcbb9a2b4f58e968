"""Handlers of the tasks that deal with companies' partners."""

from functools import partial

from worker.catalogue import partners as catalogue
from worker.ledger.handlers import Handlers, Outcome, RunContext
from worker.ledger.outcomes import Done, Write
from worker.services.publishing.partners import desk, reviewing
from worker.services.publishing.partners.again import Again
from worker.services.publishing.partners.desk import Desk
from worker.wiring import Wiring


def handlers(wiring: Wiring) -> Handlers:
    return {
        catalogue.SEND_AGAIN: partial(send_again, wiring),
        catalogue.READ_BOARDS: read_boards,
        catalogue.READ_BOARD: partial(read_board, wiring),
    }


def send_again(wiring: Wiring, context: RunContext, payload: catalogue.SendAgain) -> Outcome:
    return Again(_desk(wiring, context), payload.delivery_id, f"user:{payload.asked_by}").outcome()


def read_boards(context: RunContext, payload: catalogue.ReadBoards) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(lambda connection: Done({"boards": reviewing.enqueue_boards(connection, payload)}))


def read_board(wiring: Wiring, context: RunContext, payload: catalogue.ReadBoard) -> Outcome:
    return reviewing.read(_desk(wiring, context), payload.partner_id)


def _desk(wiring: Wiring, context: RunContext) -> Desk:
    return desk.opened(context, wiring.settings, wiring.webhooks, wiring.board)
