"""Tasks that keep interviews in recruiters' calendars."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.tasks import Payload, TaskDefinition


class ForInterview(Payload):
    """A row of interview_schedules."""

    interview_id: Annotated[int, Field(ge=1, le=LARGEST_ROW_ID)]


CREATE_EVENT = TaskDefinition(
    name="interviews.create_event",
    payload=ForInterview,
    description="Make an interview's event in the recruiter's calendar and invite its guests.",
    queue="interactive",
    max_attempts=25,
    timeout=60,
    expires_after=14 * 24 * 3600,
    ids_only=True,
    urgent=True,
)

UPDATE_EVENT = TaskDefinition(
    name="interviews.update_event",
    payload=ForInterview,
    description="Move or reword an interview's event as the interview stands now, and tell its guests.",
    queue="interactive",
    max_attempts=25,
    timeout=60,
    expires_after=14 * 24 * 3600,
    ids_only=True,
    urgent=True,
)

CANCEL_EVENT = TaskDefinition(
    name="interviews.cancel_event",
    payload=ForInterview,
    description="Take a canceled interview's event out of the calendar and tell its guests.",
    queue="interactive",
    max_attempts=25,
    timeout=60,
    expires_after=14 * 24 * 3600,
    ids_only=True,
    urgent=True,
)


class TellPeople(Payload):
    """sequence: the change that is told of; a later one takes its place. waited: long enough for a calendar."""

    interview_id: Annotated[int, Field(ge=1, le=LARGEST_ROW_ID)]
    sequence: Annotated[int, Field(ge=0)]
    waited: bool = False


TELL_PEOPLE = TaskDefinition(
    name="interviews.tell_people",
    payload=TellPeople,
    description="Write to the candidate, and to an organiser whom no calendar tells, what became of an interview.",
    queue="interactive",
    max_attempts=25,
    timeout=60,
    expires_after=14 * 24 * 3600,
    ids_only=True,
)


class Remind(Payload):
    limit: Annotated[int, Field(ge=1, le=5000)] = 1000


class RemindOf(Payload):
    """An interview that begins at `start`, which may be another by the time that the reminder would go."""

    shown = frozenset({"start"})

    interview_id: Annotated[int, Field(ge=1, le=LARGEST_ROW_ID)]
    start: datetime


REMIND = TaskDefinition(
    name="interviews.remind",
    payload=Remind,
    description="Enqueue a reminder for each interview that begins in 24 hours.",
    queue="default",
    timeout=60,
    expires_after=300,
    ids_only=True,
)

REMIND_OF = TaskDefinition(
    name="interviews.remind_of",
    payload=RemindOf,
    description="Remind the people of an interview, if it still takes place when they were told.",
    queue="default",
    max_attempts=25,
    timeout=120,
    expires_after=24 * 3600,
)


class RemoveEvents(Payload):
    limit: Annotated[int, Field(ge=1, le=1000)] = 500


class RemoveEvent(Payload):
    """An event whose interview's row is gone. removed_at: when it was found so, which tells its copies apart."""

    shown = frozenset({"event_id"})

    credential_id: Annotated[int, Field(ge=1, le=LARGEST_ROW_ID)]
    event_id: Annotated[str, Field(min_length=1, max_length=1024)]
    removed_at: datetime


REMOVE_EVENTS = TaskDefinition(
    name="interviews.remove_events",
    payload=RemoveEvents,
    description="Enqueue a run for each event whose interview was deleted.",
    queue="default",
    timeout=60,
    ids_only=True,
)

REMOVE_EVENT = TaskDefinition(
    name="interviews.remove_event",
    payload=RemoveEvent,
    description="Take the event of a deleted interview out of the calendar and tell its guests.",
    queue="default",
    max_attempts=25,
    timeout=60,
    expires_after=14 * 24 * 3600,
)

Cause = Literal["rejected", "withdrawn", "closed"]


class EndInterviews(Payload):
    limit: Annotated[int, Field(ge=1, le=1000)] = 500


class EndInterview(Payload):
    """cause: the application was rejected or withdrawn, or its offer closed."""

    shown = frozenset({"cause"})

    interview_id: Annotated[int, Field(ge=1, le=LARGEST_ROW_ID)]
    cause: Cause


END_INTERVIEWS = TaskDefinition(
    name="interviews.end_interviews",
    payload=EndInterviews,
    description="Enqueue a run for each interview whose application or offer has come to its end.",
    queue="default",
    timeout=60,
    ids_only=True,
)

END_INTERVIEW = TaskDefinition(
    name="interviews.end_interview",
    payload=EndInterview,
    description="Cancel an interview with its application, or ask the recruiter, as the company's setting says.",
    queue="default",
    max_attempts=25,
    timeout=60,
    expires_after=14 * 24 * 3600,
)

REFRESH_LINK = TaskDefinition(
    name="interviews.refresh_link",
    payload=ForInterview,
    description="Read the video link that a provider was still making when it made the event.",
    queue="default",
    max_attempts=10,
    timeout=60,
    expires_after=3600,
    ids_only=True,
)


class ReadCalendars(Payload):
    """after: the account up to which runs were written; a full page is followed by a run for the rest."""

    after: Annotated[int, Field(ge=0, le=LARGEST_ROW_ID)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 500


class ReadCalendar(Payload):
    credential_id: Annotated[int, Field(ge=1, le=LARGEST_ROW_ID)]


READ_CALENDARS = TaskDefinition(
    name="interviews.read_calendars",
    payload=ReadCalendars,
    description="Have every calendar read that holds an interview of the next two days.",
    queue="upkeep",
    timeout=60,
    expires_after=900,
    ids_only=True,
)

READ_CALENDAR = TaskDefinition(
    name="interviews.read_calendar",
    payload=ReadCalendar,
    description="Read back what people did with interviews in one calendar: deleted, moved, accepted or declined.",
    queue="default",
    priority=7,
    timeout=120,
    expires_after=2 * 3600,
    ids_only=True,
)
