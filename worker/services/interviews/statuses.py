"""What becomes of an interview: confirmed, canceled, completed, nobody came; and what was said afterwards."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from models.enums import CanceledBy, InterviewStatus
from worker.kit.database import execute
from worker.services.interviews import rows, telling
from worker.services.interviews.rows import Interview, Viewer
from worker.services.interviews.transitions import HELD, allowed


class NotAllowed(Exception):
    """This actor may not make `after` of an interview that is `before`."""

    def __init__(self, before: InterviewStatus, after: InterviewStatus) -> None:
        super().__init__(f"{before.value} does not become {after.value}")
        self.before = before
        self.after = after


class NotHeld(Exception):
    """Something can be said about an interview only once it was held, or nobody came."""


def set_status(
    connection: Connection, before: Interview, after: InterviewStatus, viewer: Viewer, reason: str | None = None
) -> Interview:
    """A canceled one is something guests are to hear of, and raises the generation (models/interviews.py).

    The caller holds the interview's lock. reason: of a cancellation, for the other side. Raises NotAllowed.
    """
    if not allowed(before.status, after, viewer.actor):
        raise NotAllowed(before.status, after)
    canceled = after is InterviewStatus.CANCELED
    execute(
        connection,
        """
        update interview_schedules
           set status = %(label)s, own_status = %(own)s, updated_at = now(), generation = generation + %(raised)s,
               sequence = sequence + %(raised)s,
               confirmation_received = coalesce(confirmation_received, false) or %(confirmed)s,
               canceled_by = %(by)s, cancel_reason = %(reason)s
         where id = %(id)s
        """,
        {
            "id": before.id,
            "label": after.label,
            "own": after.own,
            "raised": int(canceled),
            "confirmed": after is InterviewStatus.CONFIRMED and viewer.actor == "candidate",
            "by": CanceledBy(viewer.actor).value if canceled else None,
            "reason": reason if canceled else None,
        },
    )
    now = rows.existing(connection, before.id)
    if canceled:
        telling.tell(connection, now)
    return now


def take_confirmation(connection: Connection, interview: Interview) -> Interview:
    """The candidate's own word on what the company had confirmed. The caller holds the interview's lock."""
    sql = "update interview_schedules set confirmation_received = true, updated_at = now() where id = %s"
    execute(connection, sql, (interview.id,))
    return rows.existing(connection, interview.id)


def take_confirmation_back(connection: Connection, interview: Interview) -> None:
    """Whoever confirmed says otherwise: the interview is what it was before. The caller holds its lock."""
    status = InterviewStatus.RESCHEDULED if interview.moved_at else InterviewStatus.SCHEDULED
    execute(
        connection,
        """
        update interview_schedules set status = %s, own_status = %s, confirmation_received = false, updated_at = now()
         where id = %s and status = %s
        """,
        (status.label, status.own, interview.id, InterviewStatus.CONFIRMED.label),
    )


def write_feedback(connection: Connection, interview: Interview, user_id: int, given: Mapping[str, Any]) -> Interview:
    """given: any of notes, feedback and rating; what is left out stays. Raises NotHeld."""
    if interview.status not in HELD:
        raise NotHeld
    kept = {name: getattr(interview, name) for name in ("notes", "feedback", "rating")}
    execute(
        connection,
        """
        insert into interview_feedback as f (interview_id, notes, feedback, rating, written_by)
        values (%(id)s, %(notes)s, %(feedback)s, %(rating)s, %(user)s)
        on conflict (interview_id) do update
           set notes = excluded.notes, feedback = excluded.feedback, rating = excluded.rating,
               written_by = excluded.written_by, updated_at = now()
        """,
        {**kept, **given, "id": interview.id, "user": user_id},
    )
    return rows.existing(connection, interview.id)
