"""Interviews that a recruiter puts into a calendar while he waits for the link."""

from api_min.actions.interview_drafts import Draft
from api_min.actions.interviews import planned, viewer_of
from api_min.actions.runs import AskedRun, run_and_wait
from api_min.auth import Caller
from api_min.context import context
from api_min.limits import check_write_limit
from worker.catalogue.interviews import CREATE_EVENT, ForInterview
from worker.ledger.answers import Key
from worker.ledger.enqueue import NewRun


def create_event(caller: Caller, draft: Draft, seconds: float | None, *, key: Key | None) -> AskedRun:
    """Plan an interview and wait for its event; one per application and start. The run's payload names the interview.

    Raises ApiError 400 where the calendar is not connected, 403, 404, 422 and 429.
    """

    def prepare() -> NewRun:
        check_write_limit(caller.name)
        with context().database.transaction() as connection:
            viewer = viewer_of(connection, caller)
            interview = planned(connection, viewer, draft, tell=False).interview
        run = ForInterview(interview_id=interview.id)
        return NewRun(CREATE_EVENT.name, run.model_dump(), company_id=interview.company_id)

    return run_and_wait(caller, prepare, seconds, key=key)
