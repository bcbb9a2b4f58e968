"""A delivery to a company's receiver: the plan of its effect (worker.ledger.plans.ReplayPlan).

The receiver knows a repetition by its id, which is the effect's key: a delivery whose answer was lost, or that was
asked to come later, is sent again as it was, under the same id, with a fresh timestamp.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from models.enums import PostingState
from worker.contracts.partners import ReceiverGone
from worker.kit.errors import Permanent, Refused, RunError
from worker.ledger.outcomes import Done, Json, Recorded, Snooze
from worker.ledger.plans import Effect, EffectKey, Frozen, Limit
from worker.services.publishing import post_plan, rows
from worker.services.publishing.keys import Operation, key_of
from worker.services.publishing.partners import accounts, bodies, deliveries, desk, telling
from worker.services.publishing.partners.bodies import Event
from worker.services.publishing.partners.desk import Desk, Ready
from worker.services.publishing.rows import Posting
from worker.services.publishing.shown import shown

THREE_DAYS = 3 * 24 * 3600
UNDER_WAY = 30.0
EVENTS: dict[Operation, Event] = {"publish": "offer.published", "withdraw": "offer.closed"}


@dataclass(frozen=True, slots=True)
class WebhookPlan:
    """partner_id: as the posting names it. expired: withdrawn because the offer ended."""

    posting_id: int
    partner_id: int | None
    operation: Operation
    desk: Desk
    expired: bool = False
    provider: str = "custom"
    policy: Literal["replay"] = "replay"
    window_seconds: int = THREE_DAYS

    @property
    def limits(self) -> Sequence[Limit]:
        return desk.limits(self.provider, self.partner_id)

    def prepare(self) -> Ready:
        return self.desk.ready(self.partner_id)

    def identify(self, connection: Connection) -> EffectKey | Recorded:
        if self.operation == "withdraw":
            return self._to_withdraw(connection)
        known = desk.to_publish(connection, self.posting_id)
        return key_of(known, self.operation) if isinstance(known, Posting) else known

    def _to_withdraw(self, connection: Connection) -> EffectKey | Recorded:
        """Whom nobody can tell any more is not waited for."""
        known = rows.find(connection, self.posting_id, lock=True)
        if known is None:
            return Done({"posting": "gone"})
        if known.state is PostingState.PUBLISHING:
            return Snooze(UNDER_WAY)
        if not known.state.active:
            return Done(shown(known))
        partner = desk.living(connection, self.partner_id)
        if partner is None or partner.off_since is not None:
            return desk.ended(connection, known, expired=self.expired)
        return key_of(known, self.operation)

    def freeze(self, connection: Connection, prepared: Ready) -> Frozen | Recorded:
        known = rows.existing(connection, self.posting_id)
        told, is_open = self.desk.told(connection, known)
        if self.operation == "withdraw":
            if told is None:
                return desk.ended(connection, known, expired=self.expired)
            body = bodies.closed(told, known.external_id, expired=self.expired)
        elif told is None or not is_open:
            return post_plan.refuse_closed(connection, known.id)
        else:
            body = bodies.published(told)
        key = key_of(known, self.operation).provider_key
        deliveries.put(connection, prepared.partner.id, known.id, key, EVENTS[self.operation], body)
        return Frozen(_evidence(key, body), body)

    def load_body(self, connection: Connection, effect: Effect) -> bytes:
        known = deliveries.of_posting(connection, self.posting_id, effect.provider_key)
        if known is None or _evidence(effect.provider_key, known.body) != effect.evidence:
            raise Permanent(f"What was promised to the receiver for posting {self.posting_id} is gone.")
        return known.body

    def call(self, effect: Effect, body: bytes, prepared: Ready, deadline: float) -> Json:
        try:
            receipt = self.desk.sender().deliver(
                prepared.partner.url, body, key=effect.provider_key, secrets=prepared.secrets, deadline=deadline
            )
        except Refused:
            raise
        except RunError as error:
            self._note(effect, error)
            raise
        return {"status": receipt.status, "id": receipt.id, "url": receipt.url}

    def _note(self, effect: Effect, error: RunError) -> None:
        def work(connection: Connection) -> None:
            known = deliveries.of_posting(connection, self.posting_id, effect.provider_key)
            if known is not None:
                deliveries.note_attempt(connection, known.id, error)

        self.desk.apart(work)

    def apply(self, connection: Connection, effect: Effect) -> Recorded:
        told = dict(effect.reference or {})
        sent = deliveries.of_posting(connection, self.posting_id, effect.provider_key)
        if sent is not None:
            deliveries.note_delivered(connection, sent.id, told.get("status"))
            accounts.note_use(connection, sent.partner_id)
        known = rows.find(connection, self.posting_id, lock=True)
        if known is None:
            return Done({"posting": "gone"})
        if self.operation == "withdraw":
            return desk.ended(connection, known, expired=self.expired)
        return taken(connection, known, effect.provider_key, told)

    def cleared(self, connection: Connection, _effect: Effect, /) -> None:
        """Nothing arrived, or the receiver wants it later: the next try is the same delivery."""

    def refused(self, connection: Connection, effect: Effect, error: Refused, /) -> Recorded | None:
        sent = deliveries.of_posting(connection, self.posting_id, effect.provider_key)
        if sent is not None:
            deliveries.note_attempt(connection, sent.id, error, over=True)
        if isinstance(error, ReceiverGone) and self.partner_id is not None:
            telling.switch_off(connection, self.partner_id, str(error))
        if self.operation == "publish":
            desk.failed(connection, self.posting_id, error)
            return None
        return desk.given_up(connection, self.posting_id, error, expired=self.expired)


def taken(connection: Connection, known: Posting, key: str, told: Json) -> Recorded:
    """The receiver took it: it is published once it says where people see it."""
    url, number = str(told.get("url") or ""), str(told.get("id") or "")
    return desk.stands(connection, known, number or (key if url else None), url or None, visible=bool(url))


def _evidence(key: str, body: bytes) -> bytes:
    """What the ledger keeps for 400 days: which bytes were promised."""
    return json.dumps({"webhook": key, "sha256": hashlib.sha256(body).hexdigest()}).encode()
