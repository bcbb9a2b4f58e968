"""Which run brings a calendar to what an interview has become."""

from sqlalchemy import Connection

from worker.catalogue.interviews import CANCEL_EVENT, CREATE_EVENT, UPDATE_EVENT, ForInterview
from worker.kit.database import execute
from worker.kit.tasks import TaskDefinition
from worker.ledger.enqueue import enqueue
from worker.services.interviews.rows import Interview


def tell(connection: Connection, interview: Interview, *, in_calendar: bool = False) -> None:
    """In the transaction of a change. An interview that no connected calendar holds needs no run.

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
    has_event = bool(interview.google_event_id or interview.outlook_event_id)
    if not interview.is_live:
        return CANCEL_EVENT
    return UPDATE_EVENT if has_event else CREATE_EVENT
