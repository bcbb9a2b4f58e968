"""Interviews end with the application that they are for: withdrawn at once, rejected or its offer closed as the company
wants it.

Triggers note what the main web app does. Its word counts as it stands when the note is read: who was put back has his
interview still.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from models.enums import ApplicationStatus, InterviewStatus, JobStatus
from worker.catalogue.interviews import END_INTERVIEW, Cause, EndInterview
from worker.kit.database import Row, query, savepoint
from worker.kit.logging import get_logger
from worker.kit.outages import is_outage
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.outcomes import Done, Recorded
from worker.services.email.wording import datetimes
from worker.services.interviews import events, notices, recalls, rows, settings, statuses
from worker.services.interviews.rows import LIVE_LABELS, Interview, Viewer
from worker.services.notifications.interviews import InterviewFacts, InterviewNews

log = get_logger(__name__)

TAKE = """
delete from interview_endings where id in (
    select id from interview_endings order by id limit %s for update skip locked)
returning id, cause, application_id, job_id, interview, (interview->>'scheduled_at')::timestamptz as start
"""
# Applications have no index by offer: of an offer's the upcoming interviews are looked through, which are few.
AHEAD = """
with notes as (
    select * from unnest(%(causes)s::text[], %(applications)s::integer[], %(jobs)s::integer[])
               as n (cause, application_id, job_id))
select s.id, n.cause, j.company_id
  from notes n
  join interview_schedules s on s.application_id = n.application_id
  join job_applications a on a.id = s.application_id
  join jobs j on j.id = a.job_id
 where s.status::text = any(%(live)s::text[]) and s.scheduled_at > now()
 union
select s.id, n.cause, j.company_id
  from interview_schedules s
  join job_applications a on a.id = s.application_id
  join notes n on n.job_id = a.job_id
  join jobs j on j.id = a.job_id
 where s.status::text = any(%(live)s::text[]) and s.scheduled_at > now()
 order by 1, 2
"""
STANDING = """
select lower(a.status::text) as application, lower(j.status::text) as offer, s.scheduled_at <= now() as begun
  from interview_schedules s
  join job_applications a on a.id = s.application_id
  join jobs j on j.id = a.job_id
 where s.id = %s
"""
# No label of the main web app today, which deletes what is withdrawn.
WITHDRAWN = "withdrawn"
OVER = (JobStatus.CLOSED.value, JobStatus.ARCHIVED.value)
# Whoever got the place is met all the same, and of the others it was told before.
DECIDED = (ApplicationStatus.ACCEPTED.value, ApplicationStatus.REJECTED.value, WITHDRAWN)

CANCELED: Mapping[Cause, InterviewNews] = {
    "withdrawn": "application_withdrawn",
    "rejected": "application_rejected",
    "closed": "offer_closed",
}
LEFT: Mapping[Cause, InterviewNews] = {"rejected": "interview_of_rejected", "closed": "interview_of_closed_offer"}


def enqueue_ended(connection: Connection, limit: int) -> int:
    """A run for each interview that at most `limit` notes are about; how many. Of those that were deleted people are
    told here.
    """
    notes = query(connection, TAKE, (limit,))
    for note in notes:
        if note["interview"] is not None and (fault := _fault_of_deleted(connection, note)) is not None:
            log.error("interview.ending_untold", interview=note["interview"].get("id"), error=fault)
    runs = [_run(row) for row in _ahead(connection, [note for note in notes if note["interview"] is None])]
    enqueue_all(connection, runs)
    return len(runs)


def end(connection: Connection, payload: EndInterview) -> Recorded:
    """Cancel the interview, or ask the recruiter whether it takes place; he is told in either case."""
    interview = rows.locked(connection, payload.interview_id)
    if interview is None or not interview.is_live or not _is_so(connection, interview, payload.cause):
        return Done({"canceled": False})
    company = settings.read(connection, interview.company_id)
    if payload.cause in LEFT and not company.cancel_when_rejected:
        notices.tell_recruiter(connection, LEFT[payload.cause], interview)
        return Done({"canceled": False})
    after = statuses.set_status(connection, interview, InterviewStatus.CANCELED, _whose(interview, payload.cause))
    notices.tell_recruiter(connection, CANCELED[payload.cause], after)
    return Done({"canceled": True})


def _ahead(connection: Connection, notes: Sequence[Row]) -> Sequence[Row]:
    columns = {f"{name}s": [note[name] for note in notes] for name in ("cause", "application_id", "job_id")}
    values = {
        "causes": columns["causes"],
        "applications": columns["application_ids"],
        "jobs": columns["job_ids"],
        "live": list(LIVE_LABELS),
    }
    return query(connection, AHEAD, values) if notes else ()


def _run(row: Row) -> NewRun:
    payload = EndInterview(interview_id=row["id"], cause=row["cause"])
    return NewRun(END_INTERVIEW.name, payload.model_dump(mode="json"), company_id=row["company_id"])


def _is_so(connection: Connection, interview: Interview, cause: Cause) -> bool:
    [now] = query(connection, STANDING, (interview.id,))
    if now["begun"]:
        return False
    if cause == "closed":
        return now["offer"] in OVER and now["application"] not in DECIDED
    return bool(now["application"] == cause)


def _whose(interview: Interview, cause: Cause) -> Viewer:
    """Whose decision it is."""
    if cause == "withdrawn":
        return Viewer("candidate", 0, candidate_id=interview.candidate_id)
    return Viewer("company", 0, company_id=interview.company_id)


def _fault_of_deleted(connection: Connection, note: Row) -> str | None:
    """Tell people of it; the kind of error where its copy holds what nobody foresaw, which keeps no other from being
    told.
    """
    try:
        with savepoint(connection):
            _tell_of_deleted(connection, note)
            recalls.write(connection, note)
    except Exception as error:
        if is_outage(error):
            raise
        return type(error).__name__
    return None


def _tell_of_deleted(connection: Connection, note: Row) -> None:
    """Its event leaves the calendar by itself (`removals.py`). An offer that is gone too was deleted by the company."""
    copy: Mapping[str, Any] = note["interview"]
    facts = InterviewFacts(
        title=copy["title"],
        candidate=events.candidate_name(connection, copy["candidate_id"]),
        start=note["start"],
        zone=datetimes.zone(copy["timezone"]).key,
        application_id=None,
    )
    notices.tell_in_charge(connection, "application_withdrawn", note["job_id"], copy["created_by_user_id"], facts)
