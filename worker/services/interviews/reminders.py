"""Reminders, 24 hours before: to the candidate always, to the company's people where no calendar does.

Whoever plans or moves an interview later than that reminds people by doing so.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from models.enums import ApplicationStatus
from worker.catalogue.interviews import REMIND_OF, RemindOf
from worker.kit.database import execute, query
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.outcomes import Done, Recorded
from worker.services.interviews import mail_readers, mail_rows, mails, rows
from worker.services.interviews.rows import LIVE_LABELS, Interview

AHEAD = timedelta(hours=24)
# What an outage kept back still goes while it is of use.
LATEST = timedelta(hours=2)

# `reminder_sent` without a start of ours was written by the main web app, which has reminded them itself.
DUE = """
select s.id, s.scheduled_at as start, j.company_id
  from interview_schedules s
  join job_applications a on a.id = s.application_id
  join jobs j on j.id = a.job_id
 where s.status::text = any(%(live)s::text[]) and a.status::text <> %(rejected)s
   and s.scheduled_at > now() + %(latest)s and s.scheduled_at <= now() + %(ahead)s
   and coalesce(greatest(s.created_at, s.moved_at), '-infinity') <= s.scheduled_at - %(ahead)s
   and s.candidate_reminded_for is distinct from s.scheduled_at
   and (s.candidate_reminded_for is not null or not coalesce(s.reminder_sent, false))
 order by s.scheduled_at, s.id limit %(limit)s
"""
NOTE = """
update interview_schedules
   set candidate_reminded_for = scheduled_at, reminder_sent = true,
       organiser_reminded_for = case when %(organiser)s then scheduled_at else organiser_reminded_for end
 where id = %(id)s
"""


def enqueue_due(connection: Connection, limit: int) -> int:
    """A run for each reminder that is due, at most `limit`; how many were new."""
    values = {
        "live": list(LIVE_LABELS),
        "rejected": ApplicationStatus.REJECTED.value,
        "latest": LATEST,
        "ahead": AHEAD,
        "limit": limit,
    }
    runs = [
        NewRun(
            REMIND_OF.name,
            RemindOf(interview_id=row["id"], start=row["start"]).model_dump(mode="json"),
            company_id=row["company_id"],
            unique_key=f"interview.remind:{row['id']}:{int(row['start'].timestamp())}",
        )
        for row in query(connection, DUE, values)
    ]
    return sum(each.created for each in enqueue_all(connection, runs))


def remind(connection: Connection, payload: RemindOf, sender: str) -> Recorded:
    """Write the mails of a reminder, once per start; sender: the platform's own address."""
    interview = rows.locked(connection, payload.interview_id)
    if interview is None:
        return Done({"mails": 0, "why": "gone"})
    if (refusal := refused(connection, interview, payload.start)) is not None:
        return Done({"mails": 0, "why": refusal})
    readers = mail_readers.of_reminder(connection, interview)
    mails.record_organiser(connection, interview, sender)
    new = [
        mails.message(connection, interview, to, "reminder", mail_rows.reminder_source(interview, to)) for to in readers
    ]
    written = mails.send(connection, new, at_once=False)
    execute(connection, NOTE, {"id": interview.id, "organiser": mail_readers.ORGANISER in readers})
    return Done({"mails": len(written)})


def refused(connection: Connection, interview: Interview, start: datetime) -> str | None:
    """Why a reminder of this start may not go now; None when it may. The caller holds the interview's lock.

    Whatever must be known about an interview before anybody is reminded of it is asked here, once for all readers.
    """
    if interview.scheduled_at != start:
        return "moved"
    if not interview.is_live:
        return interview.status.value
    [row] = query(
        connection,
        """select a.status::text = %s as rejected, now() > %s - %s::interval as late from job_applications a
            where a.id = %s""",
        (ApplicationStatus.REJECTED.value, start, LATEST, interview.application_id),
    )
    if row["rejected"]:
        return "application rejected"
    return "too late" if row["late"] else None


def due_at(interview: Interview, now: datetime) -> datetime | None:
    """When the candidate will be reminded; None when nobody will be any more. now: aware."""
    at = interview.scheduled_at - AHEAD
    return at if interview.is_live and at > now else None
