"""Rows of interview_schedules as values; what a program left NULL reads as its default."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from models.enums import InterviewCalendar, InterviewKind, InterviewStatus
from worker.kit.database import Row, query
from worker.services.interviews.times import DEFAULT_MINUTES, DEFAULT_ZONE
from worker.services.interviews.transitions import LIVE

LinkState = Literal["pending", "made", "refused"]
LIVE_LABELS = tuple(sorted(each.label for each in LIVE))

SELECT = f"""
select s.id, s.application_id, s.created_by_user_id, s.title, s.description, s.location, s.meeting_link, s.scheduled_at,
       coalesce(s.duration_minutes, {DEFAULT_MINUTES}) as duration_minutes,
       coalesce(nullif(s.timezone, ''), '{DEFAULT_ZONE}') as timezone, s.interviewers, s.candidate_email,
       s.status::text as label, s.own_status, s.google_event_id, s.outlook_event_id,
       coalesce(s.reminder_sent, false) as reminder_sent,
       coalesce(s.confirmation_received, false) as confirmation_received, s.created_at, s.updated_at,
       s.kind, s.round, s.calendar, s.credential_id, s.generation, s.sequence, s.organiser_timezone, s.event_address,
       s.event_generation, s.ical_uid, s.calendar_refused_at,
       s.meeting_wanted, s.link_state, s.link_reason, s.canceled_by, s.cancel_reason, s.moved_from, s.moved_at,
       s.offered_times,
       case when coalesce(s.google_event_id, s.outlook_event_id) is not null and not coalesce(c.is_active, true)
            then coalesce(c.account_label, '') end as lost_account,
       s.candidate_response, j.company_id, a.candidate_id, a.job_id, f.notes, f.feedback, f.rating
  from interview_schedules s
  join job_applications a on a.id = s.application_id
  join jobs j on j.id = a.job_id
  left join interview_feedback f on f.interview_id = s.id
  left join integration_credentials c on c.id = s.credential_id
"""
# Nobody turns more pages, and an administrator's list has as many rows as the table.
MOST_COUNTED = 10_000
SEEN = {"admin": "true", "company": "j.company_id = %(company)s", "candidate": "a.candidate_id = %(candidate)s"}
OF_STATUS = "s.status::text = %(label)s and (s.own_status is not distinct from %(own)s or s.status::text <> 'CANCELED')"
# What tells who may see an interview.
BESIDE = {
    "admin": "",
    "candidate": "join job_applications a on a.id = s.application_id",
    "company": "join job_applications a on a.id = s.application_id join jobs j on j.id = a.job_id",
}
# Counting stops where an index says so; without an order Postgres begins to read the table itself.
ORDER = {"admin": "order by s.id", "candidate": "", "company": ""}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose eyes: an employer's with his company (0 for none), a candidate's with candidates.id, or an admin's."""

    actor: Literal["company", "candidate", "admin"]
    user_id: int
    company_id: int = 0
    candidate_id: int = 0

    def sees(self, company_id: int, candidate_id: int) -> bool:
        if self.actor == "company":
            return company_id == self.company_id
        return self.actor == "admin" or candidate_id == self.candidate_id


@dataclass(frozen=True, slots=True)
class Interview:
    """company_id, candidate_id, job_id: of its application. notes, feedback, rating: for the company's eyes.

    interviewers: as stored, whatever the main web app wrote there. generation, sequence: see models/interviews.py.
    offered_times: other starts among which the candidate may choose, in order. lost_account: the name, or '', of the
    account whose calendar holds the event and that was disconnected; None where there is no such.
    """

    id: int
    application_id: int
    created_by_user_id: int
    title: str
    description: str | None
    location: str | None
    meeting_link: str | None
    scheduled_at: datetime
    duration_minutes: int
    timezone: str
    interviewers: list[dict[str, Any]] | None
    candidate_email: str
    status: InterviewStatus
    google_event_id: str | None
    outlook_event_id: str | None
    reminder_sent: bool
    confirmation_received: bool
    created_at: datetime | None
    updated_at: datetime | None
    kind: InterviewKind | None
    round: int | None
    calendar: InterviewCalendar | None
    credential_id: int | None
    generation: int
    sequence: int
    organiser_timezone: str | None
    event_generation: int | None
    ical_uid: str | None
    calendar_refused_at: datetime | None
    event_address: str | None
    meeting_wanted: bool
    link_state: LinkState | None
    link_reason: str | None
    canceled_by: str | None
    cancel_reason: str | None
    moved_from: datetime | None
    moved_at: datetime | None
    offered_times: tuple[datetime, ...]
    candidate_response: str | None
    lost_account: str | None
    company_id: int
    candidate_id: int
    job_id: int
    notes: str | None
    feedback: str | None
    rating: int | None

    @property
    def end(self) -> datetime:
        return self.scheduled_at + timedelta(minutes=self.duration_minutes)

    @property
    def has_event(self) -> bool:
        """Whether a connected account's calendar holds it."""
        return bool(self.google_event_id or self.outlook_event_id)

    @property
    def awaits_event(self) -> bool:
        """Whether a connected account's calendar is about to make its event."""
        if self.calendar_refused_at is not None or not self.is_live:
            return False
        return self.credential_id is not None and not self.has_event

    @property
    def awaits_calendar(self) -> bool:
        """Whether its event, or the event's link, is about to come: people hear of both together."""
        return self.awaits_event or (self.is_live and self.link_state == "pending")

    @property
    def is_live(self) -> bool:
        return self.status in LIVE


def get(connection: Connection, interview_id: int) -> Interview | None:
    rows = query(connection, f"{SELECT} where s.id = %s", (interview_id,))
    return interview(rows[0]) if rows else None


def of_ids(connection: Connection, ids: Sequence[int]) -> dict[int, Interview]:
    """By id; those that are gone are left out."""
    return {row["id"]: interview(row) for row in query(connection, f"{SELECT} where s.id = any(%s)", (list(ids),))}


def locked(connection: Connection, interview_id: int) -> Interview | None:
    """Its application first, as for a new one: two interviews of one application never wait for each other in turn."""
    query(
        connection,
        """select a.id from job_applications a join interview_schedules s on s.application_id = a.id
            where s.id = %s for no key update of a""",
        (interview_id,),
    )
    query(connection, "select id from interview_schedules where id = %s for update", (interview_id,))
    return get(connection, interview_id)


def existing(connection: Connection, interview_id: int) -> Interview:
    """A row that this transaction holds."""
    found = get(connection, interview_id)
    if found is None:
        raise LookupError(f"interview {interview_id} vanished in the transaction that holds its lock")
    return found


def find(
    connection: Connection,
    viewer: Viewer,
    *,
    status: InterviewStatus | None = None,
    application_id: int | None = None,
    limit: int,
    offset: int,
) -> tuple[list[Interview], int]:
    """The latest first, with how many there are in all, up to `MOST_COUNTED`."""
    values = {
        "company": viewer.company_id,
        "candidate": viewer.candidate_id,
        "label": status.label if status else None,
        "own": status.own if status else None,
        "application": application_id,
        "most": MOST_COUNTED,
    }
    # One statement for all wishes would have one plan for all of them.
    wishes = [
        SEEN[viewer.actor],
        *(["s.application_id = %(application)s"] if application_id is not None else []),
        *([OF_STATUS] if status else []),
    ]
    condition = f"where {' and '.join(wishes)}"
    latest = "order by s.scheduled_at desc, s.id desc"
    beside = f"interview_schedules s {BESIDE[viewer.actor]} {condition}"
    # The page is found before what stands on it is looked up.
    page = f"select s.id from {beside} {latest} limit %(limit)s offset %(offset)s"
    rows = query(
        connection,
        f"{SELECT} where s.id = any(array({page})) {latest}",
        {**values, "limit": limit, "offset": offset},
    )
    counted = f"select from {beside} {ORDER[viewer.actor]} limit %(most)s"
    total = query(connection, f"select count(*) as total from ({counted}) as found", values)
    return [interview(row) for row in rows], total[0]["total"]


def copied(row: Row) -> Interview:
    """Of a row that is gone, and canceled with it; what was not kept of it is None."""
    canceled = {"label": InterviewStatus.CANCELED.label, "own_status": None}
    minutes, zone = row["duration_minutes"] or DEFAULT_MINUTES, row["timezone"] or DEFAULT_ZONE
    defaults = {**dict.fromkeys(Interview.__slots__), **row, "duration_minutes": minutes, "timezone": zone}
    return interview({**defaults, **canceled})


def interview(row: Row) -> Interview:
    values = {name: value for name, value in row.items() if name in Interview.__slots__}
    return Interview(
        **{
            **values,
            "status": InterviewStatus.stored(row["label"], row["own_status"]),
            "kind": InterviewKind(row["kind"]) if row["kind"] else None,
            "calendar": InterviewCalendar(row["calendar"]) if row["calendar"] else None,
            "interviewers": _people(row["interviewers"]),
            "offered_times": tuple(sorted(row["offered_times"] or ())),
        }
    )


def _people(stored: Any) -> list[dict[str, Any]] | None:
    """The main web app checks nothing there."""
    return [each for each in stored if isinstance(each, dict)] if isinstance(stored, list) else None
