"""Mails about interviews, rendered: the company's words or ours, the facts that must stand in each, the calendar file.

The mail room is handed `LAYOUTS` (tasks/email.py): it knows no interview.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from worker.contracts.email import Attachment
from worker.kit.database import Row, query
from worker.kit.errors import Permanent
from worker.kit.localisation import known_locale
from worker.kit.logging import get_logger
from worker.kit.mailboxes import canonical, comparable
from worker.kit.settings import Settings
from worker.services.email.recipients import loader
from worker.services.email.recipients.directory import Recipient
from worker.services.email.recipients.loader import Addressee
from worker.services.email.rendering.mail_content import Layout
from worker.services.email.rendering.rendered import NO_ADDRESS, Missing, Rendered
from worker.services.email.templating import blocks, library, template_store
from worker.services.email.templating.bounds import Unfit
from worker.services.email.templating.composing import Composed, Draft, compose
from worker.services.email.wording import placeholders
from worker.services.interviews import candidate_links, copies, entries, mail_readers, mail_rows
from worker.services.interviews.calendar_files import CalendarEntry, Person, invitation, published
from worker.services.interviews.entries import Reader
from worker.services.interviews.mail_rows import NEWER, InterviewContext
from worker.services.interviews.mail_words import Telling
from worker.services.interviews.mails import KINDS
from worker.services.interviews.rows import Interview, of_ids

log = get_logger(__name__)

GONE = "The interview, or its reader, is no longer on record."
UNREADABLE = "What the mail should say is no longer on record."
FILE = "entretien.ics"
BLOCK = "{details}"
READERS: Sequence[Reader] = ("candidate", "organiser", "interviewer")
# A mail to the company's people comes from the platform, not from their own company.
CANDIDATES_OWN = frozenset({"company_name"})


@dataclass(frozen=True, slots=True)
class Material:
    """What many mails need, read in one go. entries: by interview and reader; stamp: now."""

    interviews: Mapping[int, Interview]
    recipients: Mapping[Addressee, Recipient]
    entries: Mapping[tuple[int, Reader], CalendarEntry]
    stamp: datetime
    settings: Settings


def render(connection: Connection, rows: Sequence[Row], settings: Settings) -> dict[int, Rendered | Missing]:
    """Rows of email_messages that `mails.py` wrote, by id."""
    contexts = {row["id"]: mail_rows.read(row) for row in rows}
    material = _material(connection, [each for each in contexts.values() if each is not None], settings)
    return {row["id"]: _render(connection, row, contexts[row["id"]], material) for row in rows}


LAYOUTS: Mapping[str, Layout] = {
    mail_rows.layout(occasion): render for occasion in ("planned", "changed", "canceled", "released", "reminder")
}


def _material(connection: Connection, contexts: Sequence[InterviewContext], settings: Settings) -> Material:
    interviews = of_ids(connection, [each.interview_id for each in contexts if each.until_sent is None])
    gone = [(each, each.until_sent) for each in contexts if each.until_sent is not None]
    wanted = [*(_addressee(each) for each in interviews.values()), *(copy.addressee for _, copy in gone)]
    found: dict[tuple[int, Reader], CalendarEntry] = {}
    for reader in READERS:
        with_file = [
            interviews[each.interview_id]
            for each in contexts
            if each.file and each.reader == reader and each.interview_id in interviews
        ]
        known = entries.read(connection, with_file, reader, sender=settings.sender_address)
        found |= {(number, reader): entry for number, entry in known.items()}
    [now] = query(connection, "select now() as stamp", ())
    found |= {(copy.id, each.reader): entries.copied(copy, each.reader, now["stamp"]) for each, copy in gone}
    return Material(interviews, loader.load(connection, wanted), found, now["stamp"], settings)


def _addressee(interview: Interview) -> Addressee:
    return Addressee(interview.company_id, interview.created_by_user_id, interview.application_id, None)


def _render(
    connection: Connection, row: Row, context: InterviewContext | None, material: Material
) -> Rendered | Missing:
    if context is None:
        return Missing(UNREADABLE)
    locale = known_locale(row["locale"])
    interview, recipient = _subject(context, material, locale)
    if interview is None or recipient is None:
        return Missing(GONE)
    if not row["recipient"]:
        return Missing(NO_ADDRESS)
    if not _still_true(interview, context, row["recipient"]):
        return Missing(NEWER)
    page = _page(interview, context, material.settings)
    telling = Telling(interview, context, locale, page, _reader(interview, context, row["recipient"]))
    composed = _composed(connection, row, telling, recipient)
    file = _file(material, context, telling.guest)
    reply_to = canonical(interview.candidate_email) or None if context.reader == "organiser" else recipient.reply_to
    return Rendered(composed.subject, composed.html, composed.text, reply_to, attachments=(file,) if file else ())


def _subject(context: InterviewContext, material: Material, locale: str) -> tuple[Interview | None, Recipient | None]:
    """The interview, and its candidate. No candidate is written to whose account is gone."""
    copy = context.until_sent
    if copy is not None:
        known = context.reader != "candidate" or copy.addressee in material.recipients
        return copy.interview, copies.recipient(copy, material.recipients, locale) if known else None
    interview = material.interviews.get(context.interview_id)
    return interview, material.recipients.get(_addressee(interview)) if interview else None


def _reader(interview: Interview, context: InterviewContext, address: str) -> Person | None:
    """An interviewer by name, as far as it is known; None for the others."""
    if context.reader != "interviewer":
        return None
    return mail_readers.interviewer(interview, address) or Person(address)


def _still_true(interview: Interview, context: InterviewContext, address: str) -> bool:
    """A reminder is of a start; every other mail tells of a change, and the next one of the next. A candidate's brings
    the link with which he answers: it goes to the address that he has now.
    """
    if context.reader == "candidate" and comparable(interview.candidate_email) != address:
        return False
    if context.occasion == "released":
        return mail_readers.interviewer(interview, address) is None
    if context.occasion == "reminder":
        return interview.is_live and interview.scheduled_at == context.start
    return interview.sequence == context.sequence and interview.is_live == (context.occasion != "canceled")


def _page(interview: Interview, context: InterviewContext, settings: Settings) -> str:
    if context.reader != "candidate":
        return ""
    address = interview.candidate_email
    return candidate_links.candidate_link(settings, interview_id=interview.id, address=address) or ""


def _file(material: Material, context: InterviewContext, guest: Person | None) -> Attachment | None:
    """A guest is invited, and finds himself among the guests; whoever organises gets the entry to keep."""
    entry = material.entries.get((context.interview_id, context.reader))
    if entry is None:
        return None
    if context.reader == "organiser":
        file = published([entry], stamp=material.stamp)
    else:
        shown = [each.address.lower() for each in entry.guests]
        own = (guest,) if guest is not None and guest.address.lower() not in shown else ()
        canceled = entry.canceled or context.occasion == "released"
        file = invitation(replace(entry, guests=(*entry.guests, *own), canceled=canceled), stamp=material.stamp)
    return Attachment(FILE, file.content_type, file.content)


def _composed(connection: Connection, row: Row, telling: Telling, recipient: Recipient) -> Composed:
    """In the company's words; in ours where those lack a value or do not fit: the mail goes in any case."""
    if telling.reader != "candidate":
        values = {name: value for name, value in _values(telling, recipient).items() if name not in CANDIDATES_OWN}
        return _with_details(_companys(telling, values), values, telling)
    own = _own(connection, row)
    if own is not None:
        try:
            composed = _with_details(own, _values(telling, recipient, own.locale), replace(telling, locale=own.locale))
        except Unfit as error:
            log.warning("interview.template_unfit", message=row["id"], template=row["template_id"], reason=str(error))
        else:
            if not composed.missing:
                return composed
    return _with_details(_ours(telling), _values(telling, recipient), telling, ours=True)


def _values(telling: Telling, recipient: Recipient, locale: str | None = None) -> dict[str, str]:
    """Of another interview of the same application the directory may know more; nothing of it belongs here."""
    spoken = replace(telling, locale=locale or telling.locale)
    people = {
        name: value for name, value in recipient.values_in(spoken.locale).items() if not name.startswith("interview_")
    }
    if telling.guest is not None:
        people.pop("recruiter_name", None)
    return {**people, **spoken.values()}


def _with_details(draft: Draft, values: Mapping[str, str], telling: Telling, *, ours: bool = False) -> Composed:
    told = placeholders.names(draft.subject + placeholders.without_sheets(draft.body))
    lines, note = telling.details(told), telling.note()
    if not lines and not note:
        return compose(draft, values)
    body = _before_closing(draft.body) if ours else _below(draft)
    return compose(replace(draft, body=body), values, {"details": blocks.details(lines, note)})


def _before_closing(body: str) -> str:
    text, _, closing = body.rpartition("\n<p>")
    return f"{text}\n<p>{BLOCK}</p>\n<p>{closing}"


def _below(draft: Draft) -> str:
    return f"{draft.body}\n\n{BLOCK}" if draft.body_format == "text" else f"{draft.body}\n<p>{BLOCK}</p>"


def _ours(telling: Telling) -> Draft:
    ours = library.built_in(KINDS[telling.context.occasion], telling.locale)
    return Draft(ours.kind, ours.locale, ours.subject, ours.body)


def _companys(telling: Telling, values: Mapping[str, str]) -> Draft:
    """Nobody whose name is not known is greeted by one."""
    ours = library.for_organiser(telling.context.occasion, telling.locale)
    greeting, _, rest = ours.body.partition("\n")
    return Draft(ours.kind, ours.locale, ours.subject, f"{greeting}\n{rest}" if "recruiter_name" in values else rest)


def _own(connection: Connection, row: Row) -> Draft | None:
    """The company's text in the version that was chosen; None for ours, or when it is gone."""
    if row["template_id"] is None:
        return None
    try:
        return template_store.load_version(connection, row["template_id"], row["template_version"] or 0)
    except Permanent:
        return None
