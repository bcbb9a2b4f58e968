"""A calendar that will not take an event for hours: our mail invites the candidate meanwhile."""

from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.services.interviews import rows, telling
from worker.services.interviews.rows import Interview
from worker.services.notifications import interviews as notifications
from worker.services.notifications.interviews import InterviewFacts

NAME = """
select coalesce(nullif(btrim(u.name), ''), nullif(btrim(concat_ws(' ', u.first_name, u.last_name)), ''), '') as name
  from candidates c join users u on u.id = c.user_id where c.id = %s
"""


def stand_in(connection: Connection, interview_id: int, ical_uid: str) -> None:
    """Once per event that is waited for. ical_uid: the one that it will have, for the file of our mail; or empty."""
    interview = rows.locked(connection, interview_id)
    if interview is None or not interview.awaits_event:
        return
    execute(
        connection,
        """
        update interview_schedules
           set calendar_refused_at = now(), ical_uid = coalesce(ical_uid, nullif(%s, '')), updated_at = now()
         where id = %s
        """,
        (ical_uid, interview_id),
    )
    telling.tell_people(connection, rows.existing(connection, interview_id), now=True)
    notifications.tell(connection, "calendar_refused", [interview.created_by_user_id], _facts(connection, interview))


def _facts(connection: Connection, interview: Interview) -> InterviewFacts:
    found = query(connection, NAME, (interview.candidate_id,))
    return InterviewFacts(
        title=interview.title,
        candidate=found[0]["name"] if found else "",
        start=interview.scheduled_at,
        zone=interview.timezone,
        application_id=interview.application_id,
    )
