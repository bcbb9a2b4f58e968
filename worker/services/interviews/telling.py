"""Which runs tell of what an interview has become: one its calendar, one its people."""

from sqlalchemy import Connection

from worker.catalogue.interviews import (
    CANCEL_EVENT,
    CREATE_EVENT,
    TELL_PEOPLE,
    UPDATE_EVENT,
    ForInterview,
    TellPeople,
)
from worker.kit.database import execute, query
from worker.kit.tasks import TaskDefinition
from worker.ledger.enqueue import enqueue
from worker.services.interviews.rows import Interview

# Seconds for the calendar to make the event and its link, before people hear of an interview without them.
PATIENCE = 90.0


def tell(connection: Connection, interview: Interview) -> None:
    """In the transaction of a change that raised generation and sequence."""
    tell_calendar(connection, interview)
    tell_people(connection, interview)


def tell_people(connection: Connection, interview: Interview, *, now: bool = False) -> None:
    """Enqueue the run that writes to the candidate, and to the organiser where no calendar tells him (`mails.py`).

    Where a connected calendar is about to make the event or its link people hear of both together: then `now` says
    that it has, or will not for hours, and without that the run is due when nobody should wait any longer.
    """
    run = TellPeople(interview_id=interview.id, sequence=interview.sequence)
    if now or not interview.awaits_calendar:
        enqueue(connection, TELL_PEOPLE, run, company_id=interview.company_id)
        return
    [row] = query(connection, "select now() + make_interval(secs => %s) as later", (PATIENCE,))
    late = run.model_copy(update={"waited": True})
    enqueue(connection, TELL_PEOPLE, late, company_id=interview.company_id, run_at=row["later"])


def tell_calendar(connection: Connection, interview: Interview, *, in_calendar: bool = False) -> None:
    """An interview that no connected calendar holds needs no run.

    A change that comes before the event is made needs none either: whoever makes it sees the change (EventPlan.apply).
    in_calendar: the change was made there, so that nothing is owed to it.
    """
    if in_calendar:
        known = "update interview_schedules set event_generation = generation where id = %s"
        execute(connection, known, (interview.id,))
    if interview.credential_id is None or in_calendar:
        return
    run = ForInterview(interview_id=interview.id)
    enqueue(connection, _task(interview), run, company_id=interview.company_id)


def _task(interview: Interview) -> TaskDefinition:
    if not interview.is_live:
        return CANCEL_EVENT
    return UPDATE_EVENT if interview.has_event else CREATE_EVENT
