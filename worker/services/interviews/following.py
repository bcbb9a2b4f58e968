"""What people did in the calendar itself becomes of the interview, and is told to whom it concerns, once.

An event says nothing about who was told of a change. So guests hear of a move from us, and nobody is written to about
an event that was deleted: whether its organiser told them, he knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from models.enums import CanceledBy, InterviewStatus
from worker.contracts.calendars import CalendarEvent, Response
from worker.contracts.providers import ProviderKind
from worker.kit.database import execute, query
from worker.kit.logging import get_logger
from worker.services.interviews import calls, events, planning, rows, statuses
from worker.services.interviews.notices import tell_recruiter
from worker.services.interviews.planning import StartTaken
from worker.services.interviews.rows import Interview, Viewer
from worker.services.interviews.times import is_plannable
from worker.services.interviews.transitions import allowed

Found = Literal["nothing", "deleted", "moved", "accepted", "declined"]

# An event that lasts longer is no interview any more.
LONGEST = timedelta(days=1)

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """An interview as it was before its event was looked at. etag: of the event as we know it."""

    interview_id: int
    event_id: str
    etag: str | None
    generation: int
    start: datetime
    end: datetime


def follow(connection: Connection, known: Known, event: CalendarEvent | None, kind: ProviderKind) -> Found:
    """event: None when the calendar has none any more. An interview that was changed since it was `known`, or whose
    calendar is still owed a change, stays as it is: what was read may be older than that.
    """
    interview = rows.locked(connection, known.interview_id)
    if interview is None or not _is_as_known(connection, interview, known, kind):
        return "nothing"
    if event is None or event.cancelled:
        end(connection, interview, kind)
        return "deleted"
    if _is_stale(connection, interview, event):
        return "nothing"
    found = _moved(connection, interview, event, known) or _answered(connection, interview, event)
    _note(connection, interview, event)
    return found


def end(connection: Connection, interview: Interview, kind: ProviderKind) -> None:
    """Its event was deleted in the calendar. The caller holds the interview's lock."""
    execute(
        connection,
        f"""
        update interview_schedules
           set status = %(label)s, own_status = null, canceled_by = %(by)s, cancel_reason = null,
               generation = generation + 1, event_generation = generation + 1,
               {events.EVENT_COLUMNS[kind]} = null, event_etag = null, event_address = null, link_state = null,
               event_checked_at = now(), updated_at = now()
         where id = %(id)s
        """,
        {"label": InterviewStatus.CANCELED.label, "by": CanceledBy.CALENDAR.value, "id": interview.id},
    )
    tell_recruiter(connection, "deleted_in_calendar", interview)


def _is_as_known(connection: Connection, interview: Interview, known: Known, kind: ProviderKind) -> bool:
    if not interview.is_live or interview.generation != known.generation:
        return False
    if getattr(interview, events.EVENT_COLUMNS[kind]) != known.event_id:
        return False
    told = query(connection, "select event_generation as told from interview_schedules where id = %s", (interview.id,))
    return bool(told[0]["told"] == known.generation) and calls.find(connection, interview.id) is None


def _is_stale(connection: Connection, interview: Interview, event: CalendarEvent) -> bool:
    """A list may come from a copy that does not have the last change yet."""
    known = query(connection, "select event_changed_at as at from interview_schedules where id = %s", (interview.id,))
    last: datetime | None = known[0]["at"]
    return last is not None and event.changed_at is not None and event.changed_at < last


def _moved(connection: Connection, interview: Interview, event: CalendarEvent, known: Known) -> Found | None:
    """None where it stands where it stood, or where the interview cannot be; of that the recruiter is told."""
    if _is_about(event.start, interview.scheduled_at) and _is_about(event.end, interview.end):
        return None
    after = _followed(connection, interview, event)
    if after is None:
        if event.etag and event.etag != known.etag:
            tell_recruiter(connection, "misplaced_in_calendar", interview)
        return None
    if after.scheduled_at != interview.scheduled_at:
        tell_recruiter(connection, "moved_in_calendar", after)
    if _response(interview, event) == "declined" != interview.candidate_response:
        tell_recruiter(connection, "declined", after)
    return "moved"


def _followed(connection: Connection, interview: Interview, event: CalendarEvent) -> Interview | None:
    """None where nobody could meet, or where the application has another interview."""
    length = event.end - event.start
    [now] = query(connection, "select now() as now")
    if event.whole_day or not timedelta(minutes=1) <= length <= LONGEST or not is_plannable(event.start, now["now"]):
        log.info("interview.event_strange", interview=interview.id)
        return None
    changes = {"scheduled_at": event.start, "duration_minutes": length // timedelta(minutes=1)}
    try:
        return planning.change(connection, interview, changes, in_calendar=True)
    except StartTaken as error:
        log.info("interview.start_taken", interview=interview.id, other=error.interview_id)
        return None


def _is_about(one: datetime, other: datetime) -> bool:
    """Calendars know no fractions of a second."""
    return abs(one - other) < timedelta(seconds=1)


def _response(interview: Interview, event: CalendarEvent) -> Response | None:
    """The candidate's."""
    return event.responses.get(interview.candidate_email.strip().lower())


def _answered(connection: Connection, interview: Interview, event: CalendarEvent) -> Found:
    response = _response(interview, event)
    if response in (None, interview.candidate_response):
        return "nothing"
    if response == "accepted" and allowed(interview.status, InterviewStatus.CONFIRMED, "candidate"):
        viewer = Viewer("candidate", user_id=0, candidate_id=interview.candidate_id)
        statuses.set_status(connection, interview, InterviewStatus.CONFIRMED, viewer)
        tell_recruiter(connection, "accepted", interview)
        return "accepted"
    if response == "declined":
        statuses.take_confirmation_back(connection, interview)
        tell_recruiter(connection, "declined", interview)
        return "declined"
    return "nothing"


def _note(connection: Connection, interview: Interview, event: CalendarEvent) -> None:
    """What stands in the calendar, so that it is no news the next time."""
    values: Mapping[str, Any] = {
        "etag": event.etag,
        "changed_at": event.changed_at,
        "candidate": _response(interview, event),
        "organiser": event.organiser_response,
        "link": event.meeting_link if interview.meeting_wanted else None,
        "id": interview.id,
    }
    execute(
        connection,
        """
        update interview_schedules
           set event_etag = %(etag)s, event_changed_at = %(changed_at)s, event_checked_at = now(),
               candidate_response = coalesce(%(candidate)s, candidate_response), organiser_response = %(organiser)s,
               meeting_link = coalesce(%(link)s::text, meeting_link),
               link_state = case when %(link)s::text is null then link_state else 'made' end
         where id = %(id)s
        """,
        values,
    )
