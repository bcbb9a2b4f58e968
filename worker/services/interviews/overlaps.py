"""Whom an interview meets twice at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from worker.kit.database import query
from worker.services.interviews.rows import LIVE_LABELS, Interview
from worker.services.interviews.times import DEFAULT_MINUTES

# No interview of ours takes longer than eight hours; the main web app's are not asked.
LONGEST = timedelta(days=1)
MOST = 20

# Colleagues are those who planned it and those whom it names; the candidate is met wherever he applied.
OTHERS = f"""
select s.id, s.scheduled_at as start, j.company_id = %(company)s as ours, a.candidate_id = %(candidate)s as candidate,
       j.company_id = %(company)s and (
           s.created_by_user_id = any(%(people)s::integer[])
           or jsonb_typeof(s.interviewers) = 'array' and exists (
               select from jsonb_array_elements(case jsonb_typeof(s.interviewers)
                                                when 'array' then s.interviewers else '[]' end) as named
                where named ->> 'user_id' = any(%(names)s::text[]))) as recruiter,
       s.scheduled_at + make_interval(mins => coalesce(s.duration_minutes, {DEFAULT_MINUTES})) as "end"
  from interview_schedules s
  join job_applications a on a.id = s.application_id
  join jobs j on j.id = a.job_id
 where s.status::text = any(%(live)s::text[])
   and s.scheduled_at < %(until)s and s.scheduled_at > %(since)s
   and s.id is distinct from %(itself)s::integer
"""
FOUND = f"""
select * from ({OTHERS}) as other
 where (other.candidate or other.recruiter) and other."end" > %(start)s order by other.start, other.id limit %(most)s
"""


@dataclass(frozen=True, slots=True)
class Overlap:
    """who: whose time is taken. interview_id: by which interview; None for one of another company, of which nobody
    here learns more than that.
    """

    who: Literal["recruiter", "candidate"]
    interview_id: int | None
    start: datetime
    end: datetime


def of_interview(connection: Connection, interview: Interview) -> list[Overlap]:
    """The other live interviews of its people at its time, never its own old place."""
    return between(
        connection,
        interview.scheduled_at,
        interview.end,
        company_id=interview.company_id,
        people=people_of(interview),
        candidate_id=interview.candidate_id,
        itself=interview.id,
    )


def between(
    connection: Connection,
    start: datetime,
    end: datetime,
    *,
    company_id: int,
    people: Sequence[int],
    candidate_id: int,
    itself: int | None = None,
    most: int = MOST,
) -> list[Overlap]:
    """What takes the time of these colleagues or of the candidate, one entry per interview and side."""
    found = query(
        connection,
        FOUND,
        {
            "start": start,
            "until": end,
            "since": start - LONGEST,
            "itself": itself,
            "live": list(LIVE_LABELS),
            "company": company_id,
            "people": list(people),
            "names": [str(each) for each in people],
            "candidate": candidate_id,
            "most": most,
        },
    )
    sides: tuple[Literal["recruiter", "candidate"], ...] = ("recruiter", "candidate")
    return [
        Overlap(who, row["id"] if row["ours"] else None, row["start"], row["end"])
        for row in found
        for who in sides
        if row[who]
    ]


def people_of(interview: Interview) -> list[int]:
    """users.id of who planned it and of those whom it names."""
    return [interview.created_by_user_id, *_user_ids(interview.interviewers)]


def _user_ids(interviewers: list[dict[str, Any]] | None) -> list[int]:
    found = [each.get("user_id") for each in interviewers or ()]
    return [each for each in found if isinstance(each, int) and not isinstance(each, bool) and 0 < each < 2**31]
