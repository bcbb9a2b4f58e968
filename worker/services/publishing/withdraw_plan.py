"""A post taken away from a network: the plan of its effect (worker.ledger.plans.ReplayPlan).

Networks answer a second deletion as they do the first, so one whose answer was lost is repeated at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from models.enums import PostingState
from worker.catalogue.publishing import RemovePost
from worker.kit.errors import Refused
from worker.ledger.outcomes import Done, Json, Recorded, Snooze
from worker.ledger.plans import Effect, EffectKey, Frozen, Limit
from worker.services.integrations.tokens import AccessToken
from worker.services.publishing import rows
from worker.services.publishing.accounts import Connected
from worker.services.publishing.keys import key_of
from worker.services.publishing.shown import shown

FOREVER = 400 * 24 * 3600
UNDER_WAY = 30.0


@dataclass(frozen=True, slots=True)
class WithdrawPlan:
    """expired: because the offer ended."""

    posting_id: int
    connected: Connected
    expired: bool
    policy: Literal["replay"] = "replay"
    window_seconds: int = FOREVER

    @property
    def provider(self) -> str:
        return self.connected.rules.provider

    @property
    def limits(self) -> Sequence[Limit]:
        return self.connected.limits

    def prepare(self) -> AccessToken:
        return self.connected.fresh()

    def identify(self, connection: Connection) -> EffectKey | Recorded:
        known = rows.find(connection, self.posting_id, lock=True)
        if known is None:
            return Done({"posting": "gone"})
        if known.state is PostingState.PUBLISHING:
            return Snooze(UNDER_WAY)
        if not known.state.active or known.external_id is None:
            return Done(shown(known))
        return key_of(known, "withdraw")

    def freeze(self, connection: Connection, prepared: AccessToken) -> Frozen | Recorded:  # noqa: ARG002 - as every plan
        body = (rows.existing(connection, self.posting_id).external_id or "").encode()
        return Frozen(body, body)

    def load_body(self, _connection: Connection, effect: Effect, /) -> bytes:
        return effect.evidence

    def call(self, effect: Effect, body: bytes, prepared: AccessToken, deadline: float) -> Json:  # noqa: ARG002 - as every plan
        context = self.connected.source.context
        known = context.transaction(lambda connection: rows.find(connection, self.posting_id))
        self.connected.delete(prepared, known.target if known else "", body.decode(), deadline)
        return {"id": body.decode(), "withdrawn": True}

    def apply(self, connection: Connection, _effect: Effect, /) -> Recorded:
        known = rows.find(connection, self.posting_id, lock=True)
        if known is None:
            return Done({"posting": "gone"})
        rows.mark_ended(connection, known.id, PostingState.EXPIRED if self.expired else PostingState.WITHDRAWN)
        return Done(shown(rows.existing(connection, known.id)))

    def cleared(self, connection: Connection, _effect: Effect, /) -> None:
        rows.raise_generation(connection, self.posting_id)

    def refused(self, connection: Connection, _effect: Effect, _error: Refused, /) -> Recorded | None:
        rows.raise_generation(connection, self.posting_id)
        return None


@dataclass(frozen=True, slots=True)
class RemovalPlan:
    """The plan of `publishing.remove_post`: there is no business row any more."""

    removal: RemovePost
    connected: Connected
    policy: Literal["replay"] = "replay"
    window_seconds: int = FOREVER

    @property
    def provider(self) -> str:
        return self.connected.rules.provider

    @property
    def limits(self) -> Sequence[Limit]:
        return self.connected.limits

    def prepare(self) -> AccessToken:
        return self.connected.fresh()

    def identify(self, _connection: Connection, /) -> EffectKey | Recorded:
        return EffectKey(f"post:{self.removal.removal_id}:remove", 0, self.removal.removed_at)

    def freeze(self, _connection: Connection, _prepared: AccessToken, /) -> Frozen | Recorded:
        body = self.removal.external_id.encode()
        return Frozen(body, body)

    def load_body(self, _connection: Connection, effect: Effect, /) -> bytes:
        return effect.evidence

    def call(self, effect: Effect, body: bytes, prepared: AccessToken, deadline: float) -> Json:  # noqa: ARG002 - as every plan
        self.connected.delete(prepared, self.removal.target, body.decode(), deadline)
        return {"id": body.decode(), "withdrawn": True}

    def apply(self, _connection: Connection, _effect: Effect, /) -> Recorded:
        return Done({"removed": True})

    def cleared(self, _connection: Connection, _effect: Effect, /) -> None:
        """The same is asked for again: nothing about it can change."""

    def refused(self, _connection: Connection, _effect: Effect, _error: Refused, /) -> Recorded | None:
        return None
