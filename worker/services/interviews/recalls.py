"""Deleted interviews that stand in nobody's connected calendar: our entry is taken back from whoever has it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import Row, query
from worker.services.email.delivery.messages import NewMessage
from worker.services.email.templating import template_store
from worker.services.interviews import copies, mail_readers, mail_rows, mails, rows
from worker.services.interviews.mail_rows import Addressed, InterviewContext, Occasion
from worker.services.interviews.rows import Interview

# As columns again, whatever they are by now.
COPY = """
select s.*, k.user_id as candidate_user, j.title as offer
  from jsonb_populate_record(null::interview_schedules, %(copy)s) s
  left join candidates k on k.id = %(candidate)s
  left join jobs j on j.id = %(job)s
"""
# As the trigger copies it that notes deleted applications.
LIVE = """
select to_jsonb(s) || jsonb_build_object('candidate_id', a.candidate_id) as interview, a.job_id
  from interview_schedules s join job_applications a on a.id = s.application_id
 where s.id = %s and s.scheduled_at > now() and s.status::text = any(%s)
"""
OCCASION: Occasion = "canceled"
UNKNOWING = frozenset(mail_rows.layout(occasion) for occasion in mails.UNKNOWING)


def write_of(connection: Connection, interview_id: int) -> None:
    """The same for one that is about to be deleted by itself, if it lies ahead."""
    for note in query(connection, LIVE, (interview_id, list(rows.LIVE_LABELS))):
        write(connection, note)


def write(connection: Connection, note: Row) -> None:
    """Write a cancellation to each who had a mail of ours about the interview, once. note: of interview_endings.

    The event of a connected calendar tells its guests itself when it is removed (`removals.py`).
    """
    kept: Mapping[str, Any] = note["interview"]
    values = {"copy": Jsonb(kept), "candidate": kept["candidate_id"], "job": note["job_id"]}
    [row] = query(connection, COPY, values)
    interview = replace(rows.copied(row), sequence=row["sequence"] + 1)
    if not mails.brings_file(interview) or not row["ical_organiser"]:
        return
    readers = (mail_readers.CANDIDATE, mail_readers.ORGANISER, *mail_readers.interviewers(connection, interview))
    told = mail_rows.told(connection, interview, readers)
    known = {to: last for to, last in told.items() if last["template"] not in UNKNOWING}
    mails.send(connection, [_message(connection, interview, row, to, last) for to, last in known.items()])


def _message(connection: Connection, interview: Interview, row: Row, to: Addressed, told: Row) -> NewMessage:
    """It goes where the mails before it went. told: the last of them."""
    theirs = replace(interview, candidate_email=told["recipient"]) if to.reader == "candidate" else interview
    guest = {"name": to.name[: copies.LONGEST_LINE], "email": to.address} if to.reader == "interviewer" else None
    context = InterviewContext(
        interview_id=interview.id,
        sequence=interview.sequence,
        occasion=OCCASION,
        reader=to.reader,
        start=interview.scheduled_at,
        file=True,
        until_sent=copies.of(row, theirs, told, guest),
    )
    blank = NewMessage(
        mail_rows.source(interview, to),
        mail_rows.layout(OCCASION),
        told["recipient"],
        context.model_dump(mode="json"),
        told["locale"],
        told["user_id"],
        told["company_id"],
        application_id=interview.application_id,
    )
    if to.reader != "candidate":
        return blank
    kind = mails.KINDS[OCCASION]
    template_id, version, draft = template_store.choose(connection, told["company_id"], kind, told["locale"])
    return replace(blank, locale=draft.locale, template_id=template_id, template_version=version)
