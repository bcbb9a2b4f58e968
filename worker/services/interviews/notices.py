"""Whom of a company an interview is told to in the bell."""

from sqlalchemy import Connection

from worker.kit.database import query
from worker.services.email.wording import datetimes
from worker.services.interviews.events import candidate_name
from worker.services.interviews.rows import Interview
from worker.services.notifications import interviews
from worker.services.notifications.interviews import InterviewFacts, InterviewNews

# Who planned it, as long as he works there; then whose offer it is.
RECRUITER = """
select u.id
  from jobs j
  join employers e on e.company_id = j.company_id
  join users u on u.id = e.user_id and coalesce(u.is_active, true)
 where j.id = %(job)s and (u.id = %(planner)s or e.id = j.employer_id)
 order by u.id = %(planner)s desc
 limit 1
"""


def tell_recruiter(connection: Connection, event: InterviewNews, interview: Interview, *, reason: str = "") -> None:
    """Write one notification about the interview as it stands; none where nobody of the company is left."""
    facts = InterviewFacts(
        title=interview.title,
        candidate=candidate_name(connection, interview.candidate_id),
        start=interview.scheduled_at,
        zone=datetimes.zone(interview.timezone).key,
        application_id=interview.application_id,
        before=interview.moved_from,
        reason=reason,
    )
    tell_in_charge(connection, event, interview.job_id, interview.created_by_user_id, facts)


def tell_in_charge(
    connection: Connection, event: InterviewNews, job_id: int, planner: int, facts: InterviewFacts
) -> None:
    """As `tell_recruiter`, of an interview whose row may be gone. planner: users.id of who planned it."""
    readers = query(connection, RECRUITER, {"job": job_id, "planner": planner})
    interviews.tell(connection, event, [reader["id"] for reader in readers], facts)
