"""The video link that a provider makes after the event: read until it is there, or will not come."""

from dataclasses import dataclass

from sqlalchemy import Connection

from worker.contracts.accounts import AccessRefused
from worker.contracts.calendars import CalendarEvent, CalendarProvider
from worker.contracts.providers import AuthorisedProvider
from worker.kit.database import execute
from worker.kit.errors import Retryable
from worker.ledger.handlers import Outcome
from worker.ledger.outcomes import Done, Write
from worker.services.integrations.tokens import TokenSource
from worker.services.interviews import events, rows, telling
from worker.services.interviews.rows import Interview

PENDING = "The video link is still being made."


@dataclass(frozen=True, slots=True)
class LinkReader:
    service: AuthorisedProvider
    calendar: CalendarProvider
    source: TokenSource

    def refresh(self, interview: Interview, credential_id: int) -> Outcome:
        """Raises Retryable while the link is being made: its runs come back after 1, 2, 4 … seconds."""
        event_id = getattr(interview, events.EVENT_COLUMNS[self.service.kind])
        if interview.link_state != "pending" or event_id is None:
            return Done({"link": interview.meeting_link})
        token = self.source.fresh(credential_id)
        try:
            event = self.calendar.read(token.value, event_id)
        except AccessRefused as error:
            raise self.source.refused(token) from error
        if event is not None and event.link_pending:
            raise Retryable(PENDING)
        return Write(lambda connection: self._note(connection, interview.id, event))

    def _note(self, connection: Connection, interview_id: int, event: CalendarEvent | None) -> Done:
        told = events.reference(event) if event is not None else {}
        execute(
            connection,
            """
            update interview_schedules
               set meeting_link = coalesce(%(link)s, meeting_link), link_state = %(state)s,
                   link_reason = nullif(%(no_link)s, ''), updated_at = now()
             where id = %(id)s and link_state = 'pending'
            """,
            {
                "link": told.get("link"),
                "state": events.link_state(told),
                "no_link": told.get("no_link", ""),
                "id": interview_id,
            },
        )
        if (interview := rows.get(connection, interview_id)) is not None:
            telling.tell_people(connection, interview, now=True)
        return Done({"link": told.get("link")})
