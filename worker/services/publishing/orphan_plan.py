"""A post that was on its way when its posting was deleted: it is looked for, so that it can be taken away.

Nothing is ever sent by this plan (worker.ledger.plans.LookupPlan).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from worker.kit.errors import Permanent, Refused
from worker.ledger.outcomes import Done, Json, Recorded
from worker.ledger.plans import Effect, EffectKey, Frozen, Limit
from worker.services.integrations.tokens import AccessToken
from worker.services.publishing import ending
from worker.services.publishing.accounts import Connected
from worker.services.publishing.evidence import Sent

NOT_FOUND = "The posting was deleted while its post was on its way, and no such post is found."


@dataclass(frozen=True, slots=True)
class OrphanPlan:
    """known: the effect as it was when the run began."""

    posting_id: int
    known: Effect
    sent: Sent
    connected: Connected
    policy: Literal["lookup"] = "lookup"

    @property
    def provider(self) -> str:
        return self.connected.rules.provider

    @property
    def limits(self) -> Sequence[Limit]:
        return self.connected.limits

    def prepare(self) -> AccessToken:
        return self.connected.fresh()

    def identify(self, _connection: Connection, /) -> EffectKey | Recorded:
        return EffectKey(self.known.key, self.known.generation, self.sent.since)

    def freeze(self, _connection: Connection, _prepared: AccessToken, /) -> Frozen | Recorded:
        return Done({"posting": "gone"})

    def load_body(self, _connection: Connection, _effect: Effect, /) -> bytes:
        raise Permanent(NOT_FOUND)

    def call(self, _effect: Effect, _body: bytes, _prepared: AccessToken, _deadline: float, /) -> Json:
        raise Permanent(NOT_FOUND)

    def look_up(self, _effect: Effect, prepared: AccessToken) -> Json | None:
        found = self.connected.find(prepared, self.sent.target, self.sent.link, self.sent.since)
        return None if found is None else {"id": found.id}

    def apply(self, connection: Connection, effect: Effect) -> Recorded:
        external_id = (effect.reference or {}).get("id")
        if external_id:
            sent = self.sent
            ending.note_orphan(
                connection, self.posting_id, sent.channel, sent.target, sent.account_id, str(external_id)
            )
        return Done({"posting": "gone"})

    def cleared(self, _connection: Connection, _effect: Effect, /) -> None:
        """There is no row any more."""

    def refused(self, _connection: Connection, _effect: Effect, _error: Refused, /) -> Recorded | None:
        return None
