"""The plan of an effect: one call at a provider whose repetition people would notice, in pieces that the ledger orders.

prepare   no transaction is open: a fresh token, an upload, a look at what an organisation is called
identify  T1: lock and read the business row; which effect it is
freeze    T1: what is to be sent, fixed for good; load_body instead where it was fixed before
call      no transaction is open
apply     T3: the business rows that follow

T2, between call and apply, is the ledger's own: the provider's reference is a fact, whoever learns it. Nothing travels
from one piece to the next but what they answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol, TypeVar

from sqlalchemy import Connection

from worker.kit.errors import Refused
from worker.ledger.outcomes import Json, Recorded

Policy = Literal["replay", "lookup", "ask"]
Prepared = TypeVar("Prepared")


@dataclass(frozen=True, slots=True)
class EffectKey:
    """What makes two sends the same: a business row with an operation, and that row's generation.

    created_at: when the business row was written. Its number comes again after a restore, in a copy of the database
    and in a new one; together with this instant it does not, and a provider is told both.
    row: where several operations of one business row have effects (create, move, cancel), the beginning that their
    keys share, without its colon (`interview:7` of `interview:7:create`): they wait for each other then.
    """

    key: str
    generation: int
    created_at: datetime
    row: str | None = None

    @property
    def provider_key(self) -> str:
        """What a provider knows this generation by."""
        since = self.created_at - datetime(1970, 1, 1, tzinfo=UTC)
        return f"{self.key}/{self.generation}/{since // timedelta(microseconds=1)}"


@dataclass(frozen=True, slots=True)
class Frozen:
    """evidence: what the ledger keeps for 400 days. body: what is sent, which `load_body` finds again.

    A small body without personal data is its own evidence; of others the evidence is a digest. Neither holds secrets.
    """

    evidence: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect as stored: `evidence` is what was frozen, `reference` the provider's answer.

    provider_key: what the provider is told, so that it knows a repetition.
    fixed: its evidence and key stay whatever this send answers, because an earlier one may have been carried out.
    """

    key: str
    generation: int
    evidence: bytes
    reference: Json | None = None
    sends: int = 0
    provider_key: str = ""
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """What a provider bears, over all workers: calls per second of one credential, or of all where none is named.

    credential: our name for it (`account:7`), never the secret.
    """

    provider: str
    per_second: float
    credential: str | None = None

    @property
    def key(self) -> str:
        return self.provider if self.credential is None else f"{self.provider} {self.credential}"


class EffectPlan(Protocol[Prepared]):
    """What every plan has. A plan is a ReplayPlan, a LookupPlan or an AskPlan: what is done about a send in doubt."""

    @property
    def provider(self) -> str:
        """Its name; the gate that closes when it does not accept our configuration is called after it."""

    @property
    def limits(self) -> Sequence[Limit]:
        """All hold at once. An answer that a limit is reached counts for the last one: the narrowest stands there."""

    def prepare(self) -> Prepared:
        """What the call needs and nobody would notice twice; may hold secrets, and is never stored.

        Called at each attempt, also at one that then waits for a slot or finds an answer on record.
        Raises any RunError, such as NeedsReconnect: nothing was sent, and no effect begins.
        """

    def identify(self, connection: Connection) -> EffectKey | Recorded:
        """Lock and read the business row; an outcome when nothing has to be sent."""

    def freeze(self, connection: Connection, prepared: Prepared) -> Frozen | Recorded:
        """Made in the transaction that stores it; once more where no slot of a limit was left by then."""

    def load_body(self, connection: Connection, effect: Effect) -> bytes:
        """The body that was frozen with this effect. Raises Permanent when it is not what was promised."""

    def call(self, effect: Effect, body: bytes, prepared: Prepared, deadline: float) -> Json:
        """Send; return the reference. Nothing may leave after `deadline` (time.monotonic)."""

    def apply(self, connection: Connection, effect: Effect) -> Recorded:
        """Write the business rows that follow from the reference."""

    def cleared(self, connection: Connection, _effect: Effect, /) -> None:
        """Raise the generation: nothing was executed, and what was fixed for this one is asked and made anew."""

    def refused(self, connection: Connection, _effect: Effect, error: Refused, /) -> Recorded | None:
        """Write what follows from a definite refusal and raise the generation; None lets the run fail with it."""


class ReplayPlan(EffectPlan[Prepared], Protocol[Prepared]):
    """The provider answers the same key and body with its first answer, for `window_seconds`."""

    @property
    def policy(self) -> Literal["replay"]: ...

    @property
    def window_seconds(self) -> int: ...


class LookupPlan(EffectPlan[Prepared], Protocol[Prepared]):
    """The provider can be asked what it has."""

    @property
    def policy(self) -> Literal["lookup"]: ...

    def look_up(self, effect: Effect, prepared: Prepared) -> Json | None:
        """The reference of what an earlier send asked for, or None when the provider does not have it."""


class AskPlan(EffectPlan[Prepared], Protocol[Prepared]):
    """Only a person can find out what became of a send."""

    @property
    def policy(self) -> Literal["ask"]: ...


Plan = ReplayPlan[Any] | LookupPlan[Any] | AskPlan[Any]


@dataclass(frozen=True, slots=True)
class Perform:
    """An effect to be performed under the ledger's rules."""

    plan: Plan
