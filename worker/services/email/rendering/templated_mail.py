"""Mails from a template to one person. Their rows keep ids; the values are read when they are rendered."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from markupsafe import Markup
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import Connection

from models.enums import TemplateType
from worker.kit.database import Row
from worker.kit.errors import Permanent
from worker.kit.logging import get_logger
from worker.services.email.recipients import directory
from worker.services.email.recipients.directory import Recipient
from worker.services.email.templating import library, template_store
from worker.services.email.templating.bounds import Unfit
from worker.services.email.templating.composing import LONGEST_SUBJECT, Draft, compose, sample
from worker.services.email.wording import formats

log = get_logger(__name__)

EMPLOYER = "employer"
RAW = "raw"
TEST_MARK = "[Test] "
GONE = "The letter's reader is no longer on record."


class TemplatedContext(BaseModel):
    """What a templated mail's row keeps. `values` win over what the platform fills in; a `sample` is a test."""

    application_id: int | None = None
    sent_by: int | None = None
    sample: bool = False
    values: dict[str, str] = Field(default_factory=dict)


class RawContext(BaseModel):
    """A mail that another program of ours wrote."""

    subject: str
    text: str
    html: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class TemplatedMail:
    """A templated mail's content, ready to be sent. `missing` names what has no value: such a mail must not leave."""

    subject: str
    html: str
    text: str
    reply_to: str | None
    missing: tuple[str, ...] = ()


@dataclass
class RecipientLoader:
    """Reads people and applications in one go per company and sender."""

    connection: Connection
    _groups: dict[tuple[str, int | None, int | None], set[int]] = field(default_factory=lambda: defaultdict(set))
    _found: dict[tuple[str, int | None, int | None], dict[int, Recipient]] = field(default_factory=dict)

    def expect(self, row: Row, kept: TemplatedContext) -> None:
        group, identifier = _group(row, kept)
        if identifier is not None:
            self._groups[group].add(identifier)

    def get(self, row: Row, kept: TemplatedContext) -> Recipient | None:
        """The recipient whom the row was written for; None when he, or the application, is gone."""
        group, identifier = _group(row, kept)
        if group not in self._found:
            self._found[group] = self._read(group, sorted(self._groups[group]))
        recipient = self._found[group].get(identifier) if identifier is not None else None
        return recipient if recipient is not None and recipient.user_id == row["user_id"] else None

    def _read(self, group: tuple[str, int | None, int | None], ids: Sequence[int]) -> dict[int, Recipient]:
        kind, company_id, sent_by = group
        if kind == "user":
            return directory.of_users(self.connection, ids, company_id, sent_by=sent_by)
        return directory.of_applications(self.connection, ids, company_id or 0, sent_by=sent_by)


def _group(row: Row, kept: TemplatedContext) -> tuple[tuple[str, int | None, int | None], int | None]:
    if kept.application_id is None:
        return ("user", row["company_id"], kept.sent_by), row["user_id"]
    return ("application", row["company_id"], kept.sent_by), kept.application_id


def render(connection: Connection, rows: Iterable[Row]) -> dict[int, TemplatedMail | str]:
    """Mails by message id, or the sentence that says why there is none."""
    answers: dict[int, TemplatedMail | str] = {}
    kept: list[tuple[Row, TemplatedContext]] = []
    recipients = RecipientLoader(connection)
    for row in rows:
        context = _kept(row)
        if isinstance(context, TemplatedContext):
            kept.append((row, context))
            recipients.expect(row, context)
        else:
            answers[row["id"]] = context
    drafts = _drafts(connection)
    for row, context in kept:
        answers[row["id"]] = _render(row, context, recipients, drafts)
    return answers


def write(draft: Draft, recipient: Recipient, kept: TemplatedContext) -> TemplatedMail:
    """The mail to this recipient: the same code for looking before and for sending."""
    if kept.sample:
        composed = sample(draft, kept.values)
    else:
        composed = compose(draft, {**recipient.values_in(draft.locale), **kept.values})
    subject = (TEST_MARK if kept.sample else "") + composed.subject
    return TemplatedMail(subject[:LONGEST_SUBJECT], composed.html, composed.text, recipient.reply_to, composed.missing)


def _kept(row: Row) -> TemplatedContext | TemplatedMail | str:
    try:
        if row["template"] == RAW:
            return _raw(RawContext.model_validate(row["context"]))
        return TemplatedContext.model_validate(row["context"])
    except ValidationError:
        return "What the mail should say is no longer on record."


def _render(
    row: Row, kept: TemplatedContext, recipients: RecipientLoader, drafts: Callable[..., Draft | str]
) -> TemplatedMail | str:
    draft = drafts(row["template"], row["template_id"], row["template_version"], row["locale"])
    if isinstance(draft, str):
        return draft
    recipient = recipients.get(row, kept)
    if recipient is None:
        return GONE
    try:
        mail = write(draft, recipient, kept)
    except Unfit as error:
        log.warning("letter.template_unfit", message=row["id"], template=row["template_id"], reason=str(error))
        mail = write(_ours(draft.kind, draft.locale), recipient, kept)
    return f"No value for {in_braces(mail.missing)}." if mail.missing else mail


def _drafts(connection: Connection) -> Callable[..., Draft | str]:
    """Looks each text up once."""

    @cache
    def draft(template: str, template_id: int | None, version: int | None, locale: str | None) -> Draft | str:
        if template == EMPLOYER:
            try:
                return template_store.load_version(connection, template_id or 0, version or 0)
            except Permanent as error:
                return str(error)
        if template not in set(TemplateType):
            return "There is no such layout."
        return _ours(TemplateType(template), locale or "")

    return draft


def _ours(kind: TemplateType, locale: str) -> Draft:
    """Our own text; a locale that we lack reads as French."""
    ours = library.built_in(kind, locale)
    return Draft(kind, ours.locale, ours.subject, ours.body)


def in_braces(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _raw(content: RawContext) -> TemplatedMail:
    html = content.html or _page(content.text)
    return TemplatedMail(formats.line(content.subject, LONGEST_SUBJECT), html, content.text, content.reply_to)


def _page(text: str) -> str:
    paragraphs = (Markup("<br>").join(part.split("\n")) for part in text.replace("\r\n", "\n").split("\n\n"))
    body = Markup("").join(Markup("<p>{}</p>").format(part) for part in paragraphs if part)
    return str(Markup('<!doctype html><html><head><meta charset="utf-8"></head><body>{}</body></html>').format(body))
