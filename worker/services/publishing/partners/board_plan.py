"""An offer at a job board with an API: the plan of its effect (worker.ledger.plans.ReplayPlan).

The board knows a repetition by our key and answers it with the offer that is there: nothing is placed or paid twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from models.enums import PostingChannel, PostingState
from worker.contracts.partners import KeyRefused
from worker.kit.errors import NeedsReconnect, Refused
from worker.ledger.outcomes import Done, Json, Recorded, Snooze
from worker.ledger.plans import Effect, EffectKey, Frozen, Limit
from worker.services.publishing import ending, post_plan, rows
from worker.services.publishing.keys import Operation, key_of
from worker.services.publishing.partners import accounts, bodies, desk, telling
from worker.services.publishing.partners.desk import Desk, Ready
from worker.services.publishing.partners.webhook_plan import UNDER_WAY
from worker.services.publishing.rows import Posting
from worker.services.publishing.shown import shown

FOREVER = 400 * 24 * 3600


@dataclass(frozen=True, slots=True)
class BoardPlan:
    """partner_id: as the posting names it. expired: withdrawn because the offer ended."""

    posting_id: int
    partner_id: int | None
    operation: Operation
    desk: Desk
    expired: bool = False
    provider: str = "myjobmag"
    policy: Literal["replay"] = "replay"
    window_seconds: int = FOREVER

    @property
    def limits(self) -> Sequence[Limit]:
        return desk.limits(self.provider, self.partner_id)

    def prepare(self) -> Ready:
        """A key that is refused is waited for."""
        ready = self.desk.ready(self.partner_id)
        if not ready.partner.works:
            raise NeedsReconnect(ready.partner.last_error or accounts.UNREADABLE, gate=ready.partner.gate)
        return ready

    def identify(self, connection: Connection) -> EffectKey | Recorded:
        if self.operation == "withdraw":
            return self._to_withdraw(connection)
        known = desk.to_publish(connection, self.posting_id)
        return key_of(known, self.operation) if isinstance(known, Posting) else known

    def _to_withdraw(self, connection: Connection) -> EffectKey | Recorded:
        known = rows.find(connection, self.posting_id, lock=True)
        if known is None:
            return Done({"posting": "gone"})
        if known.state is PostingState.PUBLISHING:
            return Snooze(UNDER_WAY)
        if not known.state.active:
            return Done(shown(known))
        if known.external_id is None or desk.living(connection, self.partner_id) is None:
            return desk.ended(connection, known, expired=self.expired)
        return key_of(known, self.operation)

    def freeze(self, connection: Connection, prepared: Ready) -> Frozen | Recorded:  # noqa: ARG002 - as every plan
        known = rows.existing(connection, self.posting_id)
        if self.operation == "withdraw":
            body = (known.external_id or "").encode()
            return Frozen(body, body)
        told, is_open = self.desk.told(connection, known)
        if told is None or not is_open:
            return post_plan.refuse_closed(connection, known.id)
        key = key_of(known, self.operation).provider_key
        body = self.desk.board().body(bodies.advert(told), key)
        return Frozen(body, body)

    def load_body(self, _connection: Connection, effect: Effect, /) -> bytes:
        return effect.evidence

    def call(self, effect: Effect, body: bytes, prepared: Ready, deadline: float) -> Json:  # noqa: ARG002 - as every plan
        board, token = self.desk.board(), prepared.secrets[0]
        try:
            if self.operation == "withdraw":
                board.end(token, body.decode(), deadline=deadline)
                return {"id": body.decode(), "withdrawn": True}
            placed = board.create(token, body, deadline=deadline)
        except KeyRefused as error:
            raise lost(self.desk, prepared, error) from error
        return {"id": placed.id, "visible": placed.visible, "url": placed.url}

    def apply(self, connection: Connection, effect: Effect) -> Recorded:
        told = dict(effect.reference or {})
        if self.partner_id is not None:
            accounts.note_use(connection, self.partner_id)
        known = rows.find(connection, self.posting_id, lock=True)
        number = str(told.get("id") or effect.provider_key)
        if known is None:
            return self._orphaned(connection, number)
        if self.operation == "withdraw":
            return desk.ended(connection, known, expired=self.expired)
        return desk.stands(connection, known, number, told.get("url"), visible=bool(told.get("visible")))

    def _orphaned(self, connection: Connection, number: str) -> Recorded:
        """The posting was deleted while the offer was being placed: nobody wants it there any more."""
        if self.operation == "publish" and self.partner_id is not None:
            ending.note_orphan(connection, self.posting_id, PostingChannel.CUSTOM, "", self.partner_id, number)
        return Done({"posting": "gone"})

    def cleared(self, connection: Connection, _effect: Effect, /) -> None:
        """Nothing was placed: between two tries may lie days, and the offer is read anew."""
        rows.raise_generation(connection, self.posting_id)

    def refused(self, connection: Connection, _effect: Effect, error: Refused, /) -> Recorded | None:
        if self.operation == "publish":
            desk.failed(connection, self.posting_id, error)
            return None
        return desk.given_up(connection, self.posting_id, error, expired=self.expired)


def lost(at: Desk, ready: Ready, error: KeyRefused) -> NeedsReconnect:
    """The board refuses the key: the company is told, and the run waits for another one."""
    at.apart(lambda connection: telling.lose_key(connection, ready.partner, str(error)))
    return NeedsReconnect(str(error), gate=ready.partner.gate)
