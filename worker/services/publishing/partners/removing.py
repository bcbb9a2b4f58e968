"""A partner told that an offer is closed whose posting was deleted, by whomever: there is no row any more."""

import time
from dataclasses import dataclass

from sqlalchemy import Connection

from worker.catalogue.publishing import RemovePost
from worker.contracts.channels import ChannelOff
from worker.contracts.partners import KeyRefused, ReceiverGone
from worker.kit.errors import NotSent, Refused, Retryable
from worker.ledger.handlers import Outcome
from worker.ledger.outcomes import Done
from worker.services.publishing.partners import board_plan, bodies, desk, telling
from worker.services.publishing.partners.desk import Desk, Ready

SEND_WITHIN = 5.0
LATE = "The call came too late to be made; it is tried again."


@dataclass(frozen=True, slots=True)
class Removal:
    """Safe to be repeated: a board closes an offer once, and a receiver knows the delivery by its id."""

    desk: Desk
    payload: RemovePost

    def outcome(self) -> Outcome:
        """Whom nobody can tell any more is not told. Raises what a call raises that may help when it is repeated."""
        if self.desk.apart(lambda connection: desk.living(connection, self.payload.account_id)) is None:
            return Done({"removed": False})
        try:
            ready = self.desk.ready(self.payload.account_id)
            self._tell(ready, time.monotonic() + SEND_WITHIN)
        except NotSent as error:
            raise Retryable(LATE, after=0.5) from error
        except ReceiverGone as error:
            reason = str(error)
            self.desk.apart(lambda connection: self._switch_off(connection, reason))
            return Done({"removed": False})
        except (Refused, ChannelOff):
            return Done({"removed": False})
        return Done({"removed": True})

    def _tell(self, ready: Ready, deadline: float) -> None:
        if ready.partner.kind == "myjobmag":
            self._end(ready, deadline)
            return
        body = bodies.removed(self.payload.posting_id, self.payload.external_id, self.payload.removed_at)
        key = f"posting:removal:{self.payload.removal_id}/{int(self.payload.removed_at.timestamp() * 1_000_000)}"
        self.desk.sender().deliver(ready.partner.url, body, key=key, secrets=ready.secrets, deadline=deadline)

    def _end(self, ready: Ready, deadline: float) -> None:
        if not self.payload.external_id:
            return
        try:
            self.desk.board().end(ready.secrets[0], self.payload.external_id, deadline=deadline)
        except KeyRefused as error:
            raise board_plan.lost(self.desk, ready, error) from error

    def _switch_off(self, connection: Connection, reason: str) -> None:
        telling.switch_off(connection, self.payload.account_id, reason)
