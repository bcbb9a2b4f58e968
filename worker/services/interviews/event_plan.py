"""An interview's call at a calendar: the plan of its effect (worker.ledger.plans.ReplayPlan).

Create, update and cancel of one interview have keys of their own and wait for each other (`row`). Which change a call
tells of is fixed when it begins: a repetition tells of the same, and what was changed meanwhile is told by the run
that the change enqueued. A calendar knows the key of our last change, so a call in doubt is repeated at once: the
client looks whether it was carried out before it does anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from worker.catalogue.interviews import REFRESH_LINK, ForInterview
from worker.contracts.accounts import AccessRefused
from worker.contracts.calendars import CalendarProvider
from worker.contracts.providers import AuthorisedProvider
from worker.kit.database import execute, query
from worker.kit.errors import Permanent, RateLimited, Refused
from worker.ledger.enqueue import enqueue
from worker.ledger.outcomes import Cancel, Done, Json, Recorded
from worker.ledger.plans import Effect, EffectKey, Frozen, Limit
from worker.services.integrations import credentials
from worker.services.integrations.storing import note_use
from worker.services.integrations.tokens import AccessToken, TokenSource
from worker.services.interviews import calls, events, following, rows, standing_in, telling
from worker.services.interviews.calls import Call, Operation
from worker.services.interviews.rows import Interview

# Calls per second: of the application, and of one account (Google allows 600 a minute, Exchange 10,000 in ten).
APPLICATION, ACCOUNT = 150.0, 9.0
THIRTY_DAYS = 30 * 24 * 3600
# A calendar that takes no more invitations for hours.
QUOTA = "calendar.quota"
LINK_AFTER = "now() + interval '2 seconds'"


def limits_of(provider: str, credential_id: int) -> Sequence[Limit]:
    return Limit(provider, APPLICATION), Limit(provider, ACCOUNT, f"account:{credential_id}")


@dataclass(frozen=True, slots=True)
class EventPlan:
    """page: of the interview in the main web app, for the organiser."""

    interview_id: int
    credential_id: int
    operation: Operation
    service: AuthorisedProvider
    calendar: CalendarProvider
    source: TokenSource
    page: str
    policy: Literal["replay"] = "replay"
    window_seconds: int = THIRTY_DAYS

    @property
    def provider(self) -> str:
        return self.service.name

    @property
    def limits(self) -> Sequence[Limit]:
        return limits_of(self.provider, self.credential_id)

    def prepare(self) -> AccessToken:
        return self.source.fresh(self.credential_id)

    def identify(self, connection: Connection) -> EffectKey | Recorded:
        interview = rows.locked(connection, self.interview_id)
        if interview is None:
            return Done({"event": "gone"})
        under_way = calls.find(connection, self.interview_id)
        if under_way is not None and under_way.operation == self.operation:
            return self._key(connection, under_way.generation)
        return self._needless(interview) or self._key(connection, interview.generation)

    def _needless(self, interview: Interview) -> Recorded | None:
        """Why nothing has to be told; None when it has."""
        event_id = getattr(interview, events.EVENT_COLUMNS[self.service.kind])
        if self.operation == "create":
            if not interview.is_live:
                return Cancel("The interview is not going to take place; no event is made for it.")
            return Done(_shown(event_id, interview.event_address, interview.meeting_link)) if event_id else None
        if event_id is None:
            return Done({"event": "none"})
        if self.operation == "update" and not interview.is_live:
            return Done({"event": "not live"})
        return None

    def _key(self, connection: Connection, generation: int) -> EffectKey:
        [row] = query(connection, "select created_at from interview_schedules where id = %s", (self.interview_id,))
        row_key = f"interview:{self.interview_id}"
        return EffectKey(f"{row_key}:{self.operation}", generation, _known(row["created_at"]), row_key)

    def freeze(self, connection: Connection, prepared: AccessToken) -> Frozen | Recorded:
        interview = rows.existing(connection, self.interview_id)
        key = self._key(connection, interview.generation).provider_key
        body = self._body(connection, interview, prepared, key)
        calls.write(connection, self.interview_id, Call(self.operation, interview.generation, body))
        return Frozen(calls.evidence(self.interview_id, body), body)

    def _body(self, connection: Connection, interview: Interview, token: AccessToken, key: str) -> bytes:
        if self.operation == "cancel":
            return (interview.cancel_reason or "").encode()
        known = credentials.find(connection, token.credential_id)
        event = events.event_of(connection, interview, known.account_label or "" if known else "", self.page)
        return self.calendar.creation(event, key) if self.operation == "create" else self.calendar.change(event, key)

    def load_body(self, connection: Connection, effect: Effect) -> bytes:
        under_way = calls.find(connection, self.interview_id)
        if under_way is None or calls.evidence(self.interview_id, under_way.body) != effect.evidence:
            raise Permanent(f"What was promised to the calendar for interview {self.interview_id} is gone; look there.")
        return under_way.body

    def call(self, effect: Effect, body: bytes, prepared: AccessToken, deadline: float) -> Json:
        try:
            return self._call(effect, body, prepared, deadline)
        except AccessRefused as error:
            raise self.source.refused(prepared) from error
        except RateLimited as error:
            if error.code == QUOTA and self.operation == "create":
                context, uid = self.source.context, self.calendar.ical_uid(effect.provider_key)
                context.transaction(lambda connection: standing_in.stand_in(connection, self.interview_id, uid))
            raise

    def _call(self, effect: Effect, body: bytes, prepared: AccessToken, deadline: float) -> Json:
        key, again = effect.provider_key, effect.sends > 1
        if self.operation == "create":
            made = self.calendar.create(prepared.value, body, key=key, again=again, deadline=deadline)
            return events.reference(made)
        event_id, candidate = self._event()
        if self.operation == "cancel":
            self.calendar.cancel(prepared.value, event_id, body.decode(), again=again, deadline=deadline)
            return {"id": event_id, "cancelled": True}
        told = self.calendar.update(prepared.value, event_id, body, key=key, again=again, deadline=deadline)
        return {"id": event_id, "cancelled": True} if told is None else events.reference(told, candidate)

    def _event(self) -> tuple[str, str]:
        """Its id, and the candidate's address."""
        context, column = self.source.context, events.EVENT_COLUMNS[self.service.kind]
        sql = f"select {column} as id, candidate_email from interview_schedules where id = %s"
        found = context.transaction(lambda connection: query(connection, sql, (self.interview_id,)))
        if not found or not found[0]["id"]:
            raise Permanent(f"Interview {self.interview_id} has no event any more.")
        return str(found[0]["id"]), str(found[0]["candidate_email"])

    def apply(self, connection: Connection, effect: Effect) -> Recorded:
        told = dict(effect.reference or {})
        calls.end(connection, self.interview_id)
        note_use(connection, self.credential_id)
        interview = rows.get(connection, self.interview_id)
        if interview is None:
            return Done({"event_id": told.get("id")})
        if told.get("cancelled"):
            self._apply_gone(connection, interview, effect.generation)
            return Done({"event_id": None})
        events.note_event(connection, interview, self.service.kind, told, effect.generation)
        if self.operation == "create" and interview.generation > effect.generation:
            telling.tell_calendar(connection, rows.existing(connection, self.interview_id))
        if self.operation == "create" and not told.get("pending"):
            telling.tell_people(connection, rows.existing(connection, self.interview_id), now=True)
        if told.get("pending"):
            later = ForInterview(interview_id=self.interview_id)
            enqueue(connection, REFRESH_LINK, later, run_at=_soon(connection))
        return Done(_shown(told["id"], told["address"], told["link"]))

    def _apply_gone(self, connection: Connection, interview: Interview, generation: int) -> None:
        """Who takes an event away that was just made ends the interview. Who changes an interview whose event somebody
        had taken away wants it to take place: it gets another one.
        """
        if self.operation == "create" and interview.is_live:
            following.end(connection, interview, self.service.kind)
            return
        events.note_gone(connection, interview, self.service.kind, generation)
        if interview.is_live:
            telling.tell_calendar(connection, rows.existing(connection, self.interview_id))

    def cleared(self, connection: Connection, _effect: Effect, /) -> None:
        calls.end(connection, self.interview_id)
        execute(
            connection,
            "update interview_schedules set generation = generation + 1 where id = %s",
            (self.interview_id,),
        )

    def refused(self, connection: Connection, effect: Effect, _error: Refused, /) -> Recorded | None:
        self.cleared(connection, effect)
        return None


def _shown(event_id: str, address: str | None, link: str | None) -> Json:
    """A run's result."""
    return {"event_id": event_id, "event_url": address, "link": link}


def _known(created_at: datetime | None) -> datetime:
    """The main web app's column may be empty."""
    if created_at is None:
        raise Permanent("The interview has no time of creation; it cannot be told apart from its copies.")
    return created_at


def _soon(connection: Connection) -> datetime:
    found: datetime = query(connection, f"select {LINK_AFTER} as soon")[0]["soon"]
    return found
