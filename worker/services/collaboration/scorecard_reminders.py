"""A day after an interview whoever held it is reminded of his own scorecard, once.

Nobody is asked about an interview that was called off or to which nobody came, nor about an application that is decided
already: whoever is put back is asked about again. An interview that is moved after the reminder is another one.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from models.enums import ApplicationStatus, InterviewStatus
from worker.kit.database import Row, query
from worker.services.collaboration.interviewers import colleagues, interviewing, submitted
from worker.services.collaboration.people import NAME
from worker.services.email.wording import datetimes
from worker.services.notifications import scorecards
from worker.services.notifications.scorecards import ScorecardFacts

AFTER = timedelta(hours=24)
# What an outage kept back still goes while people remember.
LATEST = AFTER + timedelta(days=3)
# The main web app deletes what is withdrawn.
DECIDED = (ApplicationStatus.ACCEPTED.value, ApplicationStatus.REJECTED.value, "withdrawn")

# To the interviews of these days by the index of their starts.
DUE = f"""
select s.id, s.application_id, j.company_id, s.scheduled_at as start, s.title, s.timezone, s.interviewers,
       s.created_by_user_id as planner,
       {NAME} as candidate
  from interview_schedules s
  join job_applications a on a.id = s.application_id
  join jobs j on j.id = a.job_id
  join candidates c on c.id = a.candidate_id
  join users u on u.id = c.user_id
  left join scorecard_reminders r on r.interview_id = s.id
 where s.scheduled_at > now() - %(latest)s::interval and s.scheduled_at <= now() - %(after)s::interval
   and s.scheduled_at + make_interval(mins => coalesce(s.duration_minutes, 60)) <= now() - %(after)s::interval
   and s.status::text <> %(canceled)s and lower(a.status::text) <> all(%(decided)s::text[])
   and r.start is distinct from s.scheduled_at
 order by s.scheduled_at, s.id limit %(limit)s
"""
# Of two runs at once the second waits here, and finds that it has been done.
NOTE = """
insert into scorecard_reminders as known (interview_id, start, user_ids)
select s.id, %(start)s, %(users)s::integer[] from interview_schedules s where s.id = %(interview)s
on conflict (interview_id) do update
   set start = excluded.start, user_ids = excluded.user_ids, created_at = now()
 where known.start <> excluded.start
returning interview_id
"""


class Reminded(NamedTuple):
    """more: whether others may be due."""

    interviews: int
    people: int
    more: bool


def remind(connection: Connection, limit: int) -> Reminded:
    """Write the reminders that are due for at most `limit` interviews, each with its note in the same transaction."""
    due = query(
        connection,
        DUE,
        {
            "latest": LATEST,
            "after": AFTER,
            "canceled": InterviewStatus.CANCELED.label,
            "decided": list(DECIDED),
            "limit": limit,
        },
    )
    asked = _asked(connection, due) if due else {}
    noted = [row for row in sorted(due, key=lambda row: row["id"]) if _note(connection, row, asked[row["id"]])]
    # Of two interviews on one day one reminder tells.
    latest = {(user, row["application_id"]): row for row in noted for user in asked[row["id"]]}
    people = sum(scorecards.remind(connection, user, _facts(row)) for (user, _), row in latest.items())
    return Reminded(len(noted), people, len(due) == limit)


def _asked(connection: Connection, due: Sequence[Row]) -> Mapping[int, Sequence[int]]:
    """By interview, those who have not handed in theirs."""
    company = colleagues(connection, {row["company_id"] for row in due})
    handed_in = submitted(connection, {row["application_id"] for row in due})
    return {
        row["id"]: [
            user
            for user in interviewing(row["interviewers"], row["planner"], company.get(row["company_id"], ()))
            if (row["application_id"], user) not in handed_in
        ]
        for row in due
    }


def _note(connection: Connection, row: Row, users: Sequence[int]) -> bool:
    """Whether this run is the one that reminds; nobody is of an interview that is gone."""
    return bool(query(connection, NOTE, {"interview": row["id"], "start": row["start"], "users": list(users)}))


def _facts(row: Row) -> ScorecardFacts:
    return ScorecardFacts(
        candidate=row["candidate"],
        title=row["title"],
        start=row["start"],
        zone=datetimes.zone(row["timezone"]).key,
        application_id=row["application_id"],
    )
