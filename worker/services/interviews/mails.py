"""What the platform itself writes about an interview, and to whom.

The candidate hears of each change from us, whatever his calendar is told by the recruiter's: invitations of unknown
senders are held back. The company's people hear of it where no connected calendar tells them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from models.enums import CanceledBy, TemplateType
from worker.catalogue.interviews import TellPeople
from worker.kit.localisation import DEFAULT_LOCALE
from worker.ledger.outcomes import Done
from worker.services.email.delivery import batches, messages
from worker.services.email.delivery.messages import NewMessage
from worker.services.email.recipients import loader
from worker.services.email.recipients.loader import Addressee
from worker.services.email.templating import template_store
from worker.services.interviews import entries, mail_readers, mail_rows, rows
from worker.services.interviews.mail_rows import Addressed, InterviewContext, Occasion
from worker.services.interviews.rows import Interview

KINDS = {
    "planned": TemplateType.INTERVIEW_INVITATION,
    "changed": TemplateType.INTERVIEW_RESCHEDULED,
    "canceled": TemplateType.INTERVIEW_CANCELED,
    "reminder": TemplateType.INTERVIEW_REMINDER,
}
# Who was told one of these knows of no interview any more.
UNKNOWING: Sequence[Occasion] = ("canceled", "released")


def tell(connection: Connection, payload: TellPeople, sender: str) -> Done:
    """Write the mails of a change, once; sender: the platform's own address."""
    interview = rows.locked(connection, payload.interview_id)
    if interview is None:
        return Done({"mails": 0, "why": "gone"})
    if interview.sequence != payload.sequence:
        return Done({"mails": 0, "why": "changed since"})
    if interview.canceled_by == CanceledBy.CALENDAR:
        return Done({"mails": 0, "why": "ended in the calendar"})
    if not payload.waited and interview.awaits_calendar:
        return Done({"mails": 0, "why": "waits for the calendar"})
    record_organiser(connection, interview, sender)
    new = [_change(connection, interview, to) for to in mail_readers.of_change(connection, interview)]
    return Done({"mails": len(send(connection, new))})


def release(connection: Connection, before: Interview, after: Interview) -> None:
    """Tell interviewers whom no calendar tells, had heard of it, and are asked for no longer: it is without them."""
    asked = {each.key for each in mail_readers.interviewers(connection, after)}
    gone = [each for each in mail_readers.interviewers(connection, before) if each.key not in asked]
    told = [(to, mail_rows.heard(connection, after, to)) for to in gone]
    new = [
        message(connection, after, to, "released", mail_rows.source(after, to))
        for to, known in told
        if known is not None and known.occasion not in UNKNOWING
    ]
    send(connection, new)


def record_organiser(connection: Connection, interview: Interview, sender: str) -> None:
    """Before the first mail that brings a file; sender: the platform's own address."""
    if brings_file(interview):
        entries.record_organiser(connection, interview.id, sender)


def send(connection: Connection, new: Sequence[NewMessage | None], *, at_once: bool = True) -> Sequence[int]:
    """Write messages and have them delivered; the ids of those that were not written before.

    at_once: each by itself, else in batches within a minute or two.
    """
    written = sorted(messages.write(connection, [each for each in new if each is not None]).values())
    if at_once:
        batches.deliver_now(connection, written)
    return written


def message(
    connection: Connection,
    interview: Interview,
    to: Addressed,
    occasion: Occasion,
    source: str,
    *,
    before: datetime | None = None,
) -> NewMessage | None:
    """None for a reader who is gone or has no address."""
    kept = InterviewContext(
        interview_id=interview.id,
        sequence=interview.sequence,
        occasion=occasion,
        reader=to.reader,
        start=interview.scheduled_at,
        before=before,
        file=brings_file(interview),
    )
    context = kept.model_dump(mode="json")
    blank = NewMessage(
        source,
        mail_rows.layout(occasion),
        "",
        context,
        company_id=interview.company_id,
        application_id=interview.application_id,
    )
    if to.reader == "candidate":
        return _to_candidate(connection, interview, occasion, blank)
    return _to_us(connection, interview, to, blank)


def brings_file(interview: Interview) -> bool:
    """A calendar file would be a second entry beside a provider's event, unless it is known under which number that
    will come.
    """
    if interview.credential_id is None:
        return True
    return interview.calendar_refused_at is not None and bool(interview.ical_uid) and not interview.has_event


def _change(connection: Connection, interview: Interview, to: Addressed) -> NewMessage | None:
    told = mail_rows.heard(connection, interview, to)
    occasion = _occasion(interview, told)
    if occasion is None:
        return None
    before = mail_rows.started_before(told, interview.scheduled_at) or _moved_unheard(interview, told)
    source = mail_rows.source(interview, to)
    return message(connection, interview, to, occasion, source, before=before if occasion == "changed" else None)


def _occasion(interview: Interview, told: InterviewContext | None) -> Occasion | None:
    """By what the reader knows. Nobody hears that something is off of which he never heard."""
    ours = interview.calendar is not None
    unheard = (told is None or told.occasion in UNKNOWING) and ours
    if not interview.is_live:
        return None if unheard and interview.event_generation is None else "canceled"
    return "planned" if unheard else "changed"


def _moved_unheard(interview: Interview, told: InterviewContext | None) -> datetime | None:
    """Of an interview that the main web app planned: it told people of its first start, if anybody did."""
    return interview.moved_from if told is None and interview.calendar is None else None


def _to_candidate(
    connection: Connection, interview: Interview, occasion: Occasion, blank: NewMessage
) -> NewMessage | None:
    wanted = Addressee(interview.company_id, interview.created_by_user_id, interview.application_id, None)
    recipient = loader.load(connection, [wanted]).get(wanted)
    if recipient is None or not interview.candidate_email:
        return None
    chosen = template_store.choose(connection, interview.company_id, KINDS[occasion], recipient.locale)
    template_id, version, draft = chosen
    return replace(
        blank,
        recipient=interview.candidate_email,
        locale=draft.locale,
        user_id=recipient.user_id,
        template_id=template_id,
        template_version=version,
    )


def _to_us(connection: Connection, interview: Interview, to: Addressed, blank: NewMessage) -> NewMessage | None:
    """To the company's people, in the organiser's language."""
    wanted = Addressee(None, None, None, interview.created_by_user_id)
    organiser = loader.load(connection, [wanted]).get(wanted)
    own = to.reader == "organiser"
    address = to.address if not own else organiser.address if organiser else ""
    if not address:
        return None
    return replace(
        blank,
        recipient=address,
        locale=organiser.locale if organiser else DEFAULT_LOCALE,
        user_id=organiser.user_id if organiser and own else None,
    )
