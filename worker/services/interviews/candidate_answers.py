"""What a candidate does about an interview of his: he comes, he cannot come, he chooses another of the offered times.

Every caller holds the interview's lock (`rows.locked`). An answer that was given before changes nothing, so that one
which is sent twice reaches the recruiter once.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from models.enums import CanceledBy, InterviewStatus
from worker.kit.database import query
from worker.services.interviews import overlaps, planning, statuses
from worker.services.interviews.notices import tell_recruiter
from worker.services.interviews.rows import Interview, Viewer
from worker.services.notifications.interviews import InterviewNews

# More interviews than the people of one have while its offers last.
MOST_TAKEN = 1000


class Over(Exception):
    """The interview is not ahead any more, or not going to take place."""


class Moved(Exception):
    """What the candidate says is not about the time that the interview has now, nor about one that is offered."""


class TimeTaken(Exception):
    """Another interview has taken this time meanwhile."""


def set_status(
    connection: Connection, before: Interview, after: InterviewStatus, reason: str | None = None
) -> Interview:
    """Confirmed, or canceled with a reason for the recruiter, who is told. Raises statuses.NotAllowed."""
    now = statuses.set_status(connection, before, after, _candidate(before), reason)
    event: InterviewNews = "candidate_declined" if after is InterviewStatus.CANCELED else "candidate_confirmed"
    tell_recruiter(connection, event, now, reason=reason or "")
    return now


def confirm(connection: Connection, interview: Interview, start: datetime, now: datetime) -> None:
    """He comes. start: of which he says so. Raises Over and Moved."""
    confirmed = interview.status is InterviewStatus.CONFIRMED and interview.confirmation_received
    if confirmed and start == interview.scheduled_at:
        return
    _refuse_late(interview, now)
    if start != interview.scheduled_at:
        raise Moved
    if interview.status is InterviewStatus.CONFIRMED:
        tell_recruiter(connection, "candidate_confirmed", statuses.take_confirmation(connection, interview))
    else:
        set_status(connection, interview, InterviewStatus.CONFIRMED)


def decline(connection: Connection, interview: Interview, start: datetime, now: datetime, reason: str | None) -> None:
    """He cannot come. start: of which he says so. Raises Over and Moved."""
    if interview.status is InterviewStatus.CANCELED and interview.canceled_by == CanceledBy.CANDIDATE:
        return
    _refuse_late(interview, now)
    if start != interview.scheduled_at:
        raise Moved
    set_status(connection, interview, InterviewStatus.CANCELED, reason)


def choose(connection: Connection, interview: Interview, start: datetime, now: datetime) -> None:
    """Move the interview to a time that was offered, and confirm it; the former time stays on offer.

    Raises Over, Moved and TimeTaken.
    """
    if start == interview.scheduled_at:
        return confirm(connection, interview, start, now)
    _refuse_late(interview, now)
    if start not in interview.offered_times or start <= now:
        raise Moved
    _hold_people(connection, interview)
    if not free_times(connection, interview, [start]):
        raise TimeTaken
    _move(connection, interview, start)
    return None


def _move(connection: Connection, interview: Interview, start: datetime) -> None:
    offered = sorted({*interview.offered_times, interview.scheduled_at} - {start})
    try:
        moved = planning.change(connection, interview, {"scheduled_at": start, "offered_times": tuple(offered)})
    except planning.StartTaken:
        raise TimeTaken from None
    chosen = statuses.set_status(connection, moved, InterviewStatus.CONFIRMED, _candidate(moved))
    tell_recruiter(connection, "candidate_chose", chosen)


def _refuse_late(interview: Interview, now: datetime) -> None:
    if not interview.is_live or interview.scheduled_at <= now:
        raise Over


def free_times(connection: Connection, interview: Interview, starts: Sequence[datetime]) -> list[datetime]:
    """Which of these starts no other interview of its recruiters has taken."""
    if not starts:
        return []
    length = interview.end - interview.scheduled_at
    taken = overlaps.between(
        connection,
        min(starts),
        max(starts) + length,
        company_id=interview.company_id,
        people=overlaps.people_of(interview),
        candidate_id=interview.candidate_id,
        itself=interview.id,
        most=MOST_TAKEN,
    )
    busy = [each for each in taken if each.who == "recruiter"]
    return [start for start in starts if not any(each.start < start + length and start < each.end for each in busy)]


def _hold_people(connection: Connection, interview: Interview) -> None:
    """Of two candidates who choose one time of a recruiter's the second finds it taken."""
    query(
        connection,
        "select id from users where id = any(%s::integer[]) order by id for no key update",
        (overlaps.people_of(interview),),
    )


def _candidate(interview: Interview) -> Viewer:
    return Viewer("candidate", 0, candidate_id=interview.candidate_id)
