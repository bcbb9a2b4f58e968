"""What a candidate does through the link in his mails, without a login: he looks, comes, cannot come, or chooses."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection

from api_min.context import context
from api_min.limits import check_limit
from worker.services.interviews import candidate_answers, candidate_links, candidate_pages, rows
from worker.services.interviews.calendar_files import CalendarFile
from worker.services.interviews.candidate_answers import Moved, Over, TimeTaken
from worker.services.interviews.candidate_links import Grant
from worker.services.interviews.candidate_pages import CandidatePage
from worker.services.interviews.rows import Interview

LOOKS = "60 per minute"
# Each one reaches the recruiter, and perhaps every guest.
ANSWERS = "20 per hour"
LONGEST_REASON = 1000


class Action(StrEnum):
    CONFIRM = "confirm"
    DECLINE = "decline"
    CHOOSE = "choose"


class Refusal(StrEnum):
    """Why an answer changed nothing."""

    NONSENSE = "nonsense"
    LONG_REASON = "long_reason"
    MOVED = "moved"
    OVER = "over"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Answer:
    """start: that the page showed when he answered, or the one that he chooses."""

    action: Action
    start: datetime
    reason: str | None = None


def open_link(token: str, address: str | None) -> Grant | None:
    """What the token allows; None for one that we never made. Counted per interview, and by the network address of
    those who guess. Raises ApiError 429.
    """
    grant = candidate_links.read(context().settings, token)
    check_limit(LOOKS, "interview links", f"interview:{grant.interview_id}" if grant else f"guess:{address}")
    return grant


def find(grant: Grant | None) -> CandidatePage | None:
    """None when there is no grant, when it was another address's, or when the interview is gone."""
    if grant is None:
        return None
    with context().database.transaction() as connection:
        return candidate_pages.find(connection, grant, datetime.now(UTC))


def calendar_file(grant: Grant | None) -> CalendarFile | None:
    """The interview as it is now, for a calendar of his; None as `find`."""
    if grant is None:
        return None
    with context().database.transaction() as connection:
        return candidate_pages.calendar_file(connection, grant, context().settings.sender_address)


def answer(grant: Grant | None, given: Answer | None) -> Refusal | None:
    """Do what he says, once; why nothing was done, else None. Raises ApiError 429."""
    if grant is None or given is None:
        return Refusal.NONSENSE
    if given.reason is not None and len(given.reason) > LONGEST_REASON:
        return Refusal.LONG_REASON
    check_limit(ANSWERS, "interview answers", str(grant.interview_id))
    with context().database.transaction() as connection:
        interview = rows.locked(connection, grant.interview_id)
        if interview is None or not grant.is_for(interview.candidate_email):
            return Refusal.NONSENSE
        return _answer(connection, interview, given)


def _answer(connection: Connection, interview: Interview, given: Answer) -> Refusal | None:
    now = datetime.now(UTC)
    try:
        match given.action:
            case Action.CONFIRM:
                candidate_answers.confirm(connection, interview, given.start, now)
            case Action.DECLINE:
                candidate_answers.decline(connection, interview, given.start, now, given.reason)
            case Action.CHOOSE:
                candidate_answers.choose(connection, interview, given.start, now)
    except Over:
        return Refusal.OVER
    except Moved:
        return Refusal.MOVED
    except TimeTaken:
        return Refusal.TAKEN
    return None
