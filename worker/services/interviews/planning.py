"""Planning, moving and rewording interviews.

Each change that guests are to hear of raises the row's generation in its own transaction and enqueues the run that
tells the calendar (`telling.py`), which takes that generation for the key of its effect (models/interviews.py): asked
twice it is sent once, and a change that comes meanwhile has a key of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from models.enums import InterviewCalendar, InterviewKind, InterviewStatus
from worker.kit.database import execute, query
from worker.services.interviews import mails, recalls, rows, telling
from worker.services.interviews.rows import LIVE_LABELS, Interview
from worker.services.interviews.times import DEFAULT_MINUTES, DEFAULT_ZONE

# What an event, or the mail in its place, shows to guests.
SHOWN = (
    *("title", "description", "location", "meeting_link", "scheduled_at", "duration_minutes", "timezone"),
    *("interviewers", "candidate_email", "meeting_wanted"),
)
# What we write to people about too where a calendar of theirs tells them of every change.
HEARD = frozenset({"location", "meeting_link", "scheduled_at", "duration_minutes", "timezone", "candidate_email"})
CHANGEABLE = (*SHOWN, "kind", "round", "offered_times")


@dataclass(frozen=True, slots=True)
class Application:
    """What an interview is planned for. email: of the candidate's account; empty when there is none."""

    id: int
    company_id: int
    candidate_id: int
    email: str


@dataclass(frozen=True, slots=True)
class NewInterview:
    """scheduled_at: aware. interviewers: objects, of which `user_id`, `name` and `email` are understood. offered_times:
    other starts among which the candidate may choose. organiser_timezone: IANA name, in which whoever plans it reads
    times; None where nobody said.
    """

    application_id: int
    created_by_user_id: int
    title: str
    scheduled_at: datetime
    candidate_email: str
    description: str | None = None
    location: str | None = None
    meeting_link: str | None = None
    duration_minutes: int = DEFAULT_MINUTES
    timezone: str = DEFAULT_ZONE
    interviewers: list[dict[str, Any]] | None = field(default=None)
    kind: InterviewKind | None = None
    round: int | None = None
    meeting_wanted: bool = False
    offered_times: tuple[datetime, ...] = ()
    calendar: InterviewCalendar = InterviewCalendar.NONE
    credential_id: int | None = None
    organiser_timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """made: False for one that had been planned before, for the same application and start."""

    interview: Interview
    made: bool


class Ended(Exception):
    """Only an interview that is still ahead can be changed: `status` is what became of it."""

    def __init__(self, status: InterviewStatus) -> None:
        super().__init__(f"the interview is {status.value}")
        self.status = status


class StartTaken(Exception):
    """The application has another live interview at this instant."""

    def __init__(self, interview_id: int) -> None:
        super().__init__(f"interview {interview_id} begins then")
        self.interview_id = interview_id


def application(connection: Connection, application_id: int, *, lock: bool = False) -> Application | None:
    locking = "for no key update of a" if lock else ""
    found = query(
        connection,
        f"""
        select a.id, j.company_id, a.candidate_id, coalesce(u.email, '') as email
          from job_applications a
          join jobs j on j.id = a.job_id
          join candidates c on c.id = a.candidate_id
          join users u on u.id = c.user_id
         where a.id = %s {locking}
        """,
        (application_id,),
    )
    return Application(**found[0]) if found else None


def plan(connection: Connection, new: NewInterview, *, tell: bool = True) -> Planned:
    """The caller holds the application's lock: of two requests for one start the second finds the first one's.

    tell: False for a caller that writes the calendar's run itself, because it waits for it.
    """
    if (known := _at(connection, new.application_id, new.scheduled_at)) is not None:
        return Planned(rows.existing(connection, known), made=False)
    made = query(
        connection,
        """
        insert into interview_schedules
               (application_id, created_by_user_id, title, description, location, meeting_link, scheduled_at,
                duration_minutes, timezone, interviewers, candidate_email, status, reminder_sent,
                confirmation_received, kind, round, calendar, credential_id, meeting_wanted, offered_times,
                organiser_timezone, generation, created_at, updated_at)
        values (%(application_id)s, %(created_by_user_id)s, %(title)s, %(description)s, %(location)s, %(meeting_link)s,
                %(scheduled_at)s, %(duration_minutes)s, %(timezone)s, %(interviewers)s, %(candidate_email)s,
                'SCHEDULED', false, false, %(kind)s, %(round)s, %(calendar)s, %(credential_id)s, %(meeting_wanted)s,
                %(offered_times)s::timestamptz[], %(organiser_timezone)s, 1, now(), now())
        returning id
        """,
        {name: _stored(getattr(new, name)) for name in NewInterview.__slots__},
    )
    interview = rows.existing(connection, made[0]["id"])
    if tell:
        telling.tell_calendar(connection, interview)
    telling.tell_people(connection, interview)
    return Planned(interview, made=True)


def change(
    connection: Connection, before: Interview, changes: Mapping[str, Any], *, in_calendar: bool = False
) -> Interview:
    """Set members of CHANGEABLE; another start makes it `rescheduled`, the candidate's word is asked for anew, and what
    was offered beside the former start is offered no more.

    in_calendar: the calendar holds it already. The caller holds the interview's lock (`rows.locked`). Raises Ended and
    StartTaken.
    """
    if not before.is_live:
        raise Ended(before.status)
    changed = {name: value for name, value in changes.items() if value != getattr(before, name)}
    if not changed:
        return before
    if "scheduled_at" in changed:
        _refuse_taken(connection, before, changed["scheduled_at"])
        changed["offered_times"] = changes.get("offered_times", ())
    shown, told = not changed.keys().isdisjoint(SHOWN), not changed.keys().isdisjoint(_heard(before))
    _write(connection, before, changed, {"shown": int(shown), "told": int(told)})
    after = rows.existing(connection, before.id)
    if shown:
        telling.tell_calendar(connection, after, in_calendar=in_calendar)
    if told:
        telling.tell_people(connection, after)
    if after.credential_id is None and "interviewers" in changed:
        mails.release(connection, before, after)
    return after


def delete(connection: Connection, interview_id: int) -> None:
    """What was said after it goes with it; a trigger notes the event that has to leave its calendar (`removals.py`),
    and where there is none, whoever has our entry is sent its cancellation.
    """
    recalls.write_of(connection, interview_id)
    execute(connection, "delete from interview_schedules where id = %s", (interview_id,))


def _write(connection: Connection, before: Interview, changed: Mapping[str, Any], raised: Mapping[str, int]) -> None:
    setting = ", ".join(f"{name} = %({name})s" for name in CHANGEABLE if name in changed)
    values = {name: _stored(value) for name, value in changed.items()}
    execute(
        connection,
        f"""update interview_schedules
               set {setting}, generation = generation + %(shown)s,
                   sequence = sequence + %(told)s, updated_at = now() {_moving(changed)}
             where id = %(id)s""",
        {**values, **raised, "id": before.id, "before": before.scheduled_at},
    )


def _heard(interview: Interview) -> frozenset[str]:
    """What we write to people about."""
    return HEARD if interview.credential_id is not None else frozenset(SHOWN)


def _moving(changed: Mapping[str, Any]) -> str:
    if "scheduled_at" not in changed:
        return ""
    return f""", status = '{InterviewStatus.RESCHEDULED.label}', own_status = null, confirmation_received = false,
                 reminder_sent = false, candidate_response = null, moved_from = %(before)s, moved_at = now()"""


def _refuse_taken(connection: Connection, before: Interview, start: datetime) -> None:
    other = _at(connection, before.application_id, start)
    if other is not None and other != before.id:
        raise StartTaken(other)


def _at(connection: Connection, application_id: int, start: datetime) -> int | None:
    """The live interview of ours that an application has at this instant."""
    found = query(
        connection,
        """
        select id from interview_schedules
         where application_id = %s and scheduled_at = %s and calendar is not null and status::text = any(%s::text[])
        """,
        (application_id, start, list(LIVE_LABELS)),
    )
    return found[0]["id"] if found else None


def _stored(value: Any) -> Any:
    if isinstance(value, InterviewKind | InterviewCalendar):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    return Jsonb(value) if isinstance(value, list) else value
