"""Interviews as entries of people's calendars: under which number, by whom, and who is shown to whom."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from models.enums import InterviewStatus
from worker.kit.database import Row, execute, query
from worker.kit.mailboxes import canonical
from worker.services.interviews import events
from worker.services.interviews.calendar_files import CalendarEntry, Person
from worker.services.interviews.copies import Copy
from worker.services.interviews.rows import Interview

Reader = Literal["candidate", "organiser", "interviewer"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMESPACE = uuid.UUID("3c1d3a0e-6f5b-5b0c-8d0e-5f1f2f6a9c47")
_NAME = "coalesce(nullif(btrim({u}.name), ''), nullif(btrim(concat_ws(' ', {u}.first_name, {u}.last_name)), ''), '')"
PEOPLE = f"""
select s.id, s.ical_uid, coalesce(s.updated_at, s.created_at, now()) as changed,
       coalesce(s.ical_organiser, c.account_label, r.email, '') as organiser, {_NAME.format(u="r")} as organiser_name,
       {_NAME.format(u="u")} as candidate_name, coalesce(h.hide_guests, false) as hide_guests
  from interview_schedules s
  join job_applications a on a.id = s.application_id
  join jobs j on j.id = a.job_id
  join candidates k on k.id = a.candidate_id
  join users u on u.id = k.user_id
  left join users r on r.id = s.created_by_user_id
  left join integration_credentials c on c.id = s.credential_id
  left join interview_settings h on h.company_id = j.company_id
 where s.id = any(%s)
"""


def read(
    connection: Connection, interviews: Sequence[Interview], reader: Reader, *, sender: str
) -> dict[int, CalendarEntry]:
    """By interview id. A candidate sees the organiser and himself, and so does everybody where the company says so.

    sender: the platform's own address, which organises where nobody's is known. Interviews that are gone are left out.
    """
    found = {row["id"]: row for row in query(connection, PEOPLE, ([each.id for each in interviews],))}
    return {each.id: _entry(each, found[each.id], reader, sender) for each in interviews if each.id in found}


def record_organiser(connection: Connection, interview_id: int, sender: str) -> None:
    """Whoever organises in the first file that leaves does so in all: programs take no cancellation of anybody else."""
    for row in query(connection, PEOPLE, ([interview_id],)):
        execute(
            connection,
            "update interview_schedules set ical_organiser = %s where id = %s and ical_organiser is null",
            (canonical(row["organiser"]) or sender, interview_id),
        )


def uid(interview_id: int, created_at: datetime | None, provider: str | None) -> str:
    """provider: the one of its event, which is everybody's then; ours else.

    The number alone comes again in a copy of the database; together with the instant it does not.
    """
    since = "" if created_at is None else (created_at - EPOCH) // timedelta(microseconds=1)
    return provider or str(uuid.uuid5(_NAMESPACE, f"interview:{interview_id}:{since}"))


def copied(copy: Copy, reader: Reader, changed: datetime) -> CalendarEntry:
    """Of an interview whose row is gone, as far as taking it back needs. changed: when that is."""
    names = dict.fromkeys(("organiser_name", "candidate_name"), "")
    row = {"ical_uid": copy.ical_uid, "changed": changed, "organiser": copy.organiser, "hide_guests": True, **names}
    return _entry(copy.interview, row, reader, copy.organiser)


def _entry(interview: Interview, row: Row, reader: Reader, sender: str) -> CalendarEntry:
    organiser = Person(canonical(row["organiser"]) or sender, row["organiser_name"])
    candidate = Person(interview.candidate_email, row["candidate_name"])
    known = {organiser.address.lower(), candidate.address.lower()}
    hidden = reader == "candidate" or row["hide_guests"]
    colleagues = () if hidden else events.interviewers(interview, known)
    return CalendarEntry(
        uid=uid(interview.id, interview.created_at, row["ical_uid"]),
        sequence=interview.sequence,
        start=interview.scheduled_at,
        end=interview.end,
        changed=row["changed"],
        title=interview.title,
        organiser=organiser,
        guests=(candidate, *(Person(each.address, each.name) for each in colleagues)),
        description=interview.description or "",
        location=interview.location or "",
        link=interview.meeting_link or "",
        canceled=interview.status is InterviewStatus.CANCELED,
    )
