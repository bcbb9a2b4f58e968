"""A delivery sent once more because somebody asks: the same bytes under the same id, with a fresh timestamp."""

import time
from dataclasses import dataclass

from sqlalchemy import Connection

from models.enums import PostingState
from worker.contracts.partners import Receipt, ReceiverGone
from worker.kit.errors import NotSent, Permanent, Retryable, RunError
from worker.ledger import controls
from worker.ledger.controls import ControlRefused
from worker.ledger.handlers import Outcome
from worker.ledger.outcomes import Done, Json, Recorded, Write
from worker.services.publishing import offers, rows
from worker.services.publishing.partners import accounts, deliveries, telling, webhook_plan
from worker.services.publishing.partners.deliveries import Delivery
from worker.services.publishing.partners.desk import Desk
from worker.services.publishing.rows import Posting

SEND_WITHIN = 5.0
ENDED = "The offer is not open any more; what announces it was not sent again."
GONE = "This delivery is not kept any more; it was not sent again."


@dataclass(frozen=True, slots=True)
class Again:
    """One try: who asked sees what became of it, and may ask again."""

    desk: Desk
    delivery_id: int
    actor: str

    def outcome(self) -> Outcome:
        """Raises what `Desk.ready` raises."""
        sent = self.desk.apart(lambda connection: deliveries.find(connection, self.delivery_id))
        if sent is None:
            raise Permanent(GONE, code="delivery.gone", status=404)
        self._refuse_ended(sent)
        ready = self.desk.ready(sent.partner_id)
        deadline = time.monotonic() + SEND_WITHIN
        try:
            receipt = self.desk.sender().deliver(
                ready.partner.url, sent.body, key=sent.webhook_id, secrets=ready.secrets, deadline=deadline
            )
        except NotSent as error:
            raise Retryable("The delivery came too late to be sent; it is tried again.", after=0.5) from error
        except RunError as error:
            failure = error
            return Write(lambda connection: self._not_taken(connection, sent, failure))
        return Write(lambda connection: self._taken(connection, sent, receipt))

    def _refuse_ended(self, sent: Delivery) -> None:
        """What announces an offer is of no use once that is closed; what says that it is closed always is."""
        if sent.event == "offer.published" and not self.desk.apart(lambda connection: _is_open(connection, sent)):
            raise Permanent(ENDED, code="offer.closed", status=409)

    def _not_taken(self, connection: Connection, sent: Delivery, error: RunError) -> Recorded:
        deliveries.note_attempt(connection, sent.id, error)
        if isinstance(error, ReceiverGone):
            telling.switch_off(connection, sent.partner_id, str(error))
        return Done({"delivery_id": sent.id, "delivered": False, "error": str(error)})

    def _taken(self, connection: Connection, sent: Delivery, receipt: Receipt) -> Recorded:
        deliveries.note_delivered(connection, sent.id, receipt.status)
        accounts.note_use(connection, sent.partner_id)
        if sent.event == "offer.published" and sent.posting_id is not None:
            self._follow(connection, sent, receipt)
        return Done({"delivery_id": sent.id, "delivered": True, "error": None})

    def _follow(self, connection: Connection, sent: Delivery, receipt: Receipt) -> None:
        """What the posting becomes, where nobody knew whether it was taken, or it was not."""
        told = {"status": receipt.status, "id": receipt.id, "url": receipt.url}
        known = rows.find(connection, sent.posting_id or 0, lock=True)
        if known is None:
            return
        if known.state is PostingState.UNKNOWN and known.run_id is not None:
            self._settle(connection, known, told)
        elif known.state is PostingState.FAILED and _may_stand(connection, known):
            webhook_plan.taken(connection, known, sent.webhook_id, told)

    def _settle(self, connection: Connection, known: Posting, told: Json) -> None:
        """The run in doubt goes on with the answer."""
        if known.run_id is None:
            return
        try:
            controls.resolve(
                connection,
                known.run_id,
                happened=True,
                reference=told,
                reason="The receiver took the same delivery when it was sent again.",
                actor=self.actor,
            )
        except ControlRefused:
            return


def _is_open(connection: Connection, sent: Delivery) -> bool:
    known = rows.find(connection, sent.posting_id) if sent.posting_id is not None else None
    offer = offers.find(connection, known.job_id) if known is not None else None
    return offer is not None and offer.is_open


def _may_stand(connection: Connection, known: Posting) -> bool:
    """Whether the offer was not published there by another posting meanwhile."""
    return rows.active(connection, known.job_id, known.channel, known.target) is None
