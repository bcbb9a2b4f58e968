"""An interview as the event that a calendar shall hold, and what a calendar says about it as the interview's row."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from models.enums import IntegrationProvider
from worker.contracts.calendars import CalendarEvent, Guest, InterviewEvent
from worker.contracts.providers import ProviderKind
from worker.kit.database import execute, query
from worker.services.interviews.rows import Interview

EVENT_COLUMNS: Mapping[ProviderKind, str] = {
    IntegrationProvider.GOOGLE_CALENDAR: "google_event_id",
    IntegrationProvider.OUTLOOK_CALENDAR: "outlook_event_id",
}
# To the hour that the interview had already when its event was last looked at.
ANSWERED = """
(coalesce(%(candidate_response)s::text, 'none') not in ('none', coalesce(candidate_response, 'none'))
 and coalesce(moved_at <= event_checked_at, true))
"""
CANDIDATE = """
select coalesce(nullif(btrim(u.name), ''), nullif(btrim(concat_ws(' ', u.first_name, u.last_name)), ''), '') as name
  from candidates c join users u on u.id = c.user_id where c.id = %s
"""


def event_of(connection: Connection, interview: Interview, account: str, page: str) -> InterviewEvent:
    """account: the address of the calendar's owner, who is no guest of his own."""
    candidate = Guest(interview.candidate_email, candidate_name(connection, interview.candidate_id))
    colleagues = interviewers(interview, {account.lower(), candidate.address.lower()})
    return InterviewEvent(
        title=interview.title,
        start=interview.scheduled_at,
        end=interview.end,
        zone=interview.timezone,
        description=interview.description or "",
        location=interview.location or "",
        guests=(candidate, *colleagues),
        meeting=interview.meeting_wanted,
        hide_guests=len(colleagues) > 1 and _hides_guests(connection, interview.company_id),
        page=page,
        ical_uid=interview.ical_uid or "" if interview.event_generation is None else "",
    )


def candidate_name(connection: Connection, candidate_id: int) -> str:
    """Empty where nobody knows it."""
    names = query(connection, CANDIDATE, (candidate_id,))
    return str(names[0]["name"]) if names else ""


def interviewers(interview: Interview, known: set[str]) -> tuple[Guest, ...]:
    """Those of whom the row has an address, each once. known: addresses in lower case that are left out."""
    found: dict[str, Guest] = {}
    for each in interview.interviewers or ():
        address = each.get("email")
        if isinstance(address, str) and "@" in address and address.lower() not in known:
            found.setdefault(address.lower(), Guest(address, str(each.get("name") or "")))
    return tuple(found.values())


def _hides_guests(connection: Connection, company_id: int) -> bool:
    rows = query(connection, "select hide_guests from interview_settings where company_id = %s", (company_id,))
    return bool(rows) and bool(rows[0]["hide_guests"])


def reference(event: CalendarEvent, candidate: str = "") -> dict[str, Any]:
    """What the ledger keeps of a call: nothing that names anybody. candidate: the address whose answer is kept."""
    return {
        "id": event.id,
        "ical_uid": event.ical_uid,
        "etag": event.etag,
        "address": event.address,
        "link": event.meeting_link,
        "pending": event.link_pending,
        "no_link": event.no_link,
        "cancelled": event.cancelled,
        "changed_at": event.changed_at.isoformat() if event.changed_at else None,
        "candidate_response": event.responses.get(candidate.lower()),
    }


def note_event(
    connection: Connection, interview: Interview, kind: ProviderKind, told: Mapping[str, Any], generation: int
) -> None:
    """Write what the calendar answered. generation: the change that it was told of.

    What the candidate had answered to an earlier hour is known from then on, and is no news when it is read back. What
    else he answered since the event was last looked at is: it is as though we did not know how the event stands.
    """
    execute(
        connection,
        f"""
        update interview_schedules
           set {EVENT_COLUMNS[kind]} = %(id)s, ical_uid = coalesce(nullif(%(ical_uid)s, ''), ical_uid),
               event_etag = case when {ANSWERED} then null else %(etag)s end,
               event_address = %(address)s, event_generation = %(generation)s,
               meeting_link = coalesce(%(link)s, meeting_link), link_state = %(state)s,
               link_reason = nullif(%(no_link)s, ''), event_checked_at = now(), calendar_refused_at = null,
               updated_at = now(), event_changed_at = %(changed_at)s::timestamptz,
               candidate_response = case when {ANSWERED} then candidate_response
                                         else coalesce(%(candidate_response)s::text, candidate_response) end
         where id = %(interview)s
        """,
        {
            **dict.fromkeys(("changed_at", "candidate_response")),
            **told,
            "generation": generation,
            "state": link_state(told),
            "interview": interview.id,
        },
    )


def link_state(told: Mapping[str, Any]) -> str | None:
    if told.get("link"):
        return "made"
    if told.get("pending"):
        return "pending"
    return "refused" if told.get("no_link") else None


def note_gone(connection: Connection, interview: Interview, kind: ProviderKind, generation: int) -> None:
    """The calendar holds no event of this interview any more."""
    execute(
        connection,
        f"""
        update interview_schedules
           set {EVENT_COLUMNS[kind]} = null, event_etag = null, event_address = null, event_generation = %s,
               link_state = null, event_checked_at = now(), event_changed_at = null, updated_at = now()
         where id = %s
        """,
        (generation, interview.id),
    )
