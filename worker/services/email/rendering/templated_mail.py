"""Mails from a template to one person. Their rows keep ids; the values are read when they are rendered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from markupsafe import Markup
from pydantic import ValidationError
from sqlalchemy import Connection

from models.enums import TemplateType
from worker.kit.database import Row
from worker.kit.errors import Permanent
from worker.kit.logging import get_logger
from worker.services.email.recipients import loader
from worker.services.email.recipients.directory import Recipient
from worker.services.email.recipients.loader import Addressee
from worker.services.email.rendering.contexts import RawContext, TemplatedContext
from worker.services.email.rendering.rendered import LONGEST_SUBJECT, NO_ADDRESS, TEST_MARK, Missing, Rendered
from worker.services.email.templating import library, template_store
from worker.services.email.templating.bounds import Unfit
from worker.services.email.templating.composing import Composed, Draft, compose, sample
from worker.services.email.wording import formats

log = get_logger(__name__)

EMPLOYER = "employer"
RAW = "raw"
UNREADABLE = "What the mail should say is no longer on record."
GONE = "The letter's reader is no longer on record."

Drafts = Callable[[str, int | None, int | None, str | None], Draft | str]


def render(connection: Connection, rows: Sequence[Row]) -> dict[int, Rendered | Missing]:
    """By message id; texts and people are read once each."""
    contexts = {row["id"]: _read(row) for row in rows}
    wanted = [_addressee(row, kept) for row in rows if isinstance(kept := contexts[row["id"]], TemplatedContext)]
    recipients = loader.load(connection, wanted)
    drafts = _drafts(connection)
    return {row["id"]: _render(row, contexts[row["id"]], recipients, drafts) for row in rows}


def preview(draft: Draft, recipient: Recipient | None, values: Mapping[str, str]) -> Composed:
    """The mail to this recipient, else with examples; `values` win over both."""
    if recipient is None:
        return sample(draft, values)
    return compose(draft, {**recipient.values_in(draft.locale), **values})


def _read(row: Row) -> TemplatedContext | RawContext | None:
    model = RawContext if row["template"] == RAW else TemplatedContext
    try:
        return model.model_validate(row["context"])
    except ValidationError:
        return None


def _addressee(row: Row, context: TemplatedContext) -> Addressee:
    return Addressee(row["company_id"], context.sent_by, context.application_id, row["user_id"])


def _render(
    row: Row, context: TemplatedContext | RawContext | None, recipients: Mapping[Addressee, Recipient], drafts: Drafts
) -> Rendered | Missing:
    if context is None:
        return Missing(UNREADABLE)
    rendered = (
        _raw(context)
        if isinstance(context, RawContext)
        else _templated(row, context, recipients.get(_addressee(row, context)), drafts)
    )
    return rendered if row["recipient"] or isinstance(rendered, Missing) else Missing(NO_ADDRESS)


def _templated(row: Row, context: TemplatedContext, recipient: Recipient | None, drafts: Drafts) -> Rendered | Missing:
    draft = drafts(row["template"], row["template_id"], row["template_version"], row["locale"])
    if isinstance(draft, str):
        return Missing(draft)
    if recipient is None or recipient.user_id != row["user_id"]:
        return Missing(GONE)
    try:
        composed = _compose(draft, recipient, context)
    except Unfit as error:
        log.warning("letter.template_unfit", message=row["id"], template=row["template_id"], reason=str(error))
        composed = _compose(_ours(draft.kind, draft.locale), recipient, context)
    if composed.missing:
        return Missing(f"No value for {_in_braces(composed.missing)}.")
    subject = (TEST_MARK if context.sample else "") + composed.subject
    return Rendered(subject[:LONGEST_SUBJECT], composed.html, composed.text, recipient.reply_to)


def _compose(draft: Draft, recipient: Recipient, context: TemplatedContext) -> Composed:
    return preview(draft, None if context.sample else recipient, context.values)


def _drafts(connection: Connection) -> Drafts:
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


def _in_braces(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _raw(content: RawContext) -> Rendered:
    html = content.html or _page(content.text)
    return Rendered(formats.line(content.subject, LONGEST_SUBJECT), html, content.text, content.reply_to)


def _page(text: str) -> str:
    paragraphs = (Markup("<br>").join(part.split("\n")) for part in text.replace("\r\n", "\n").split("\n\n"))
    body = Markup("").join(Markup("<p>{}</p>").format(part) for part in paragraphs if part)
    return str(Markup('<!doctype html><html><head><meta charset="utf-8"></head><body>{}</body></html>').format(body))
