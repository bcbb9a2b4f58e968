"""A calendar that will not take an event for hours: our mail invites the candidate meanwhile."""

from sqlalchemy import Connection

from worker.kit.database import execute
from worker.services.interviews import notices, rows, telling


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
    notices.tell_recruiter(connection, "calendar_refused", interview)
