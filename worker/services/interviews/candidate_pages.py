"""What a candidate sees of one interview through the link in his mails."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from worker.kit.database import query
from worker.services.interviews import candidate_answers, entries, reminders, rows
from worker.services.interviews.calendar_files import CalendarFile, published
from worker.services.interviews.candidate_links import Grant
from worker.services.interviews.rows import Interview

ABOUT = """
select coalesce(c.name, '') as company, coalesce(j.title, '') as offer
  from jobs j left join companies c on c.id = j.company_id where j.id = %s
"""


@dataclass(frozen=True, slots=True)
class CandidatePage:
    """choices: starts that he may choose, in order, the present one among them; empty where nothing is offered.
    can_answer: whether the interview is still ahead. reminder: when he will be reminded, None where he will not be.
    """

    interview: Interview
    company: str
    offer: str
    choices: tuple[datetime, ...]
    can_answer: bool
    reminder: datetime | None


def find(connection: Connection, grant: Grant, now: datetime) -> CandidatePage | None:
    """None where the interview is gone, or was never this link's."""
    interview = _granted(connection, grant)
    if interview is None:
        return None
    about = query(connection, ABOUT, (interview.job_id,))[0]
    can_answer = interview.is_live and interview.scheduled_at > now
    return CandidatePage(
        interview,
        about["company"],
        about["offer"],
        _choices(connection, interview, now) if can_answer else (),
        can_answer,
        reminders.due_at(interview, now),
    )


def calendar_file(connection: Connection, grant: Grant, sender: str) -> CalendarFile | None:
    """The interview under the number that it has in every calendar; None as `find`.

    sender: the platform's own address, which organises where nobody's is known.
    """
    interview = _granted(connection, grant)
    found = entries.read(connection, [interview], "candidate", sender=sender) if interview else {}
    return published([*found.values()], stamp=max(each.changed for each in found.values())) if found else None


def _granted(connection: Connection, grant: Grant) -> Interview | None:
    interview = rows.get(connection, grant.interview_id)
    return interview if interview is not None and grant.is_for(interview.candidate_email) else None


def _choices(connection: Connection, interview: Interview, now: datetime) -> tuple[datetime, ...]:
    offered = [each for each in interview.offered_times if each > now]
    free = candidate_answers.free_times(connection, interview, offered)
    return tuple(sorted([interview.scheduled_at, *free])) if free else ()
