"""Events whose interview was deleted, by this platform, the main web app or a cascade: taken out of their calendars."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from worker.catalogue.interviews import REMOVE_EVENT, RemoveEvent
from worker.contracts.accounts import AccessRefused
from worker.contracts.calendars import CalendarProvider
from worker.contracts.providers import AuthorisedProvider
from worker.kit.database import query
from worker.kit.errors import Refused
from worker.ledger.enqueue import enqueue
from worker.ledger.outcomes import Done, Json, Recorded
from worker.ledger.plans import Effect, EffectKey, Frozen, Limit
from worker.services.integrations.tokens import AccessToken, TokenSource
from worker.services.interviews.event_plan import THIRTY_DAYS, limits_of

TAKE = """
delete from interview_removals where id in (
    select id from interview_removals order by id limit %s for update skip locked)
returning credential_id, event_id, created_at
"""


def enqueue_removals(connection: Connection, limit: int) -> int:
    """A run for each of at most `limit` events; how many."""
    rows = query(connection, TAKE, (limit,))
    for row in rows:
        payload = RemoveEvent(
            credential_id=row["credential_id"], event_id=row["event_id"], removed_at=row["created_at"]
        )
        enqueue(connection, REMOVE_EVENT, payload)
    return len(rows)


@dataclass(frozen=True, slots=True)
class RemovalPlan:
    """The plan of `interviews.remove_event` (worker.ledger.plans.ReplayPlan): there is no business row any more."""

    removal: RemoveEvent
    service: AuthorisedProvider
    calendar: CalendarProvider
    source: TokenSource
    policy: Literal["replay"] = "replay"
    window_seconds: int = THIRTY_DAYS

    @property
    def provider(self) -> str:
        return self.service.name

    @property
    def limits(self) -> Sequence[Limit]:
        return limits_of(self.provider, self.removal.credential_id)

    def prepare(self) -> AccessToken:
        return self.source.fresh(self.removal.credential_id)

    def identify(self, _connection: Connection, /) -> EffectKey | Recorded:
        digest = hashlib.sha256(self.removal.event_id.encode()).hexdigest()[:32]
        return EffectKey(f"event:{self.removal.credential_id}:{digest}:remove", 0, self.removal.removed_at)

    def freeze(self, _connection: Connection, _prepared: AccessToken, /) -> Frozen | Recorded:
        event = self.removal.event_id.encode()
        return Frozen(event, event)

    def load_body(self, _connection: Connection, effect: Effect, /) -> bytes:
        return effect.evidence

    def call(self, effect: Effect, body: bytes, prepared: AccessToken, deadline: float) -> Json:
        again = effect.sends > 1
        try:
            self.calendar.cancel(prepared.value, body.decode(), "", again=again, deadline=deadline)
        except AccessRefused as error:
            raise self.source.refused(prepared) from error
        return {"id": body.decode(), "cancelled": True}

    def apply(self, _connection: Connection, _effect: Effect, /) -> Recorded:
        return Done({"removed": True})

    def cleared(self, _connection: Connection, _effect: Effect, /) -> None:
        """The same is asked for again: nothing about it can change."""

    def refused(self, _connection: Connection, _effect: Effect, _error: Refused, /) -> Recorded | None:
        return None
