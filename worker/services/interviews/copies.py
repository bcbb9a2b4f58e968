"""Interviews whose rows are gone: what a mail needs that takes one back, kept in its message's row until it is sent."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import AwareDatetime, BaseModel

from worker.kit.database import Row
from worker.kit.localisation import translate
from worker.kit.mailboxes import LONGEST
from worker.services.email.recipients.directory import Recipient
from worker.services.email.recipients.loader import Addressee
from worker.services.email.templating.composing import BRAND
from worker.services.email.wording import formats
from worker.services.interviews import rows
from worker.services.interviews.rows import Interview

LONGEST_LINE = 500
LONGEST_LINK = 2000
LONGEST_ZONE = 100

PEOPLE = (
    *("first_name", "last_name", "name", "email", "company_name"),
    *("recruiter_first_name", "recruiter_last_name", "recruiter_name", "recruiter_email"),
)


class Copy(BaseModel):
    """Of a canceled interview, for one reader. Names as in interview_schedules; sequence: that of the cancellation.

    organiser: the address that organises in all its files. offer: the job's title. candidate_user: users.id.
    interviewers: the reader, where he is one.
    """

    id: int
    sequence: int
    created_by_user_id: int
    created_at: AwareDatetime | None
    scheduled_at: AwareDatetime
    duration_minutes: int
    timezone: str
    organiser_timezone: str | None
    kind: str | None
    ical_uid: str | None
    organiser: str
    title: str
    location: str | None
    meeting_link: str | None
    candidate_email: str
    candidate_user: int | None
    company_id: int | None
    offer: str
    interviewers: list[dict[str, str]]

    @property
    def interview(self) -> Interview:
        return rows.copied(self.model_dump())

    @property
    def addressee(self) -> Addressee:
        return Addressee(self.company_id, self.created_by_user_id, None, self.candidate_user)


def of(row: Row, interview: Interview, told: Row, guest: Mapping[str, str] | None) -> Copy:
    """row: of interview_schedules as it was, with `candidate_user` and `offer`. interview: the same, canceled. told:
    the message that told the reader of it. guest: name and email of an interviewer who reads it.
    """
    link = interview.meeting_link or ""
    return Copy(
        id=interview.id,
        sequence=interview.sequence,
        created_by_user_id=interview.created_by_user_id,
        created_at=interview.created_at,
        scheduled_at=interview.scheduled_at,
        duration_minutes=interview.duration_minutes,
        timezone=interview.timezone[:LONGEST_ZONE],
        organiser_timezone=(interview.organiser_timezone or "")[:LONGEST_ZONE] or None,
        kind=row["kind"],
        ical_uid=interview.ical_uid,
        organiser=row["ical_organiser"],
        title=interview.title[:LONGEST_LINE],
        location=(interview.location or "")[:LONGEST_LINE] or None,
        meeting_link=link if len(link) <= LONGEST_LINK else None,
        candidate_email=interview.candidate_email[:LONGEST],
        candidate_user=row["candidate_user"],
        company_id=told["company_id"],
        offer=formats.line(row["offer"] or interview.title, LONGEST_LINE),
        interviewers=[dict(guest)] if guest else [],
    )


def recipient(copy: Copy, found: Mapping[Addressee, Recipient], locale: str) -> Recipient:
    """Whose interview it was, as far as his account and the company are still there."""
    offer = {"title": copy.offer, **dict.fromkeys(("location", "status", "applied_at"))}
    known = found.get(copy.addressee)
    if known is None:
        name = translate(locale, "un candidat dont le compte n’existe plus")
        return Recipient("", 0, locale, None, {**dict.fromkeys(PEOPLE), **offer, "name": name})
    return replace(known, row={**known.row, **offer, "company_name": known.row["company_name"] or BRAND})
