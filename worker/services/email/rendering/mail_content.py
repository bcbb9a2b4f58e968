"""From a message's row to subject, HTML and text. One path for everything that is sent."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from jinja2 import Template, UndefinedError
from sqlalchemy import Connection

from worker.kit.database import Row, execute, savepoint
from worker.kit.localisation import known_locale
from worker.kit.logging import get_logger
from worker.kit.outages import is_outage
from worker.kit.settings import Settings
from worker.services.email.recipients import unsubscribing
from worker.services.email.rendering import digests, templated_mail
from worker.services.email.templating.environment import environment
from worker.services.email.wording import formats

LONGEST_SUBJECT = 200
NO_ADDRESS = "The recipient's address is no longer on record."
log = get_logger(__name__)

NOTE = """
update email_messages m set template_id = w.template_id, template_version = w.version
  from unnest(%s::bigint[], %s::integer[], %s::integer[]) as w(id, template_id, version) where m.id = w.id
"""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's content, ready to be frozen. template_id, template_version: the company's text of a digest.

    headers: alerts are subscribed to, and one click ends them; other mails are about somebody's own application.
    """

    subject: str
    html: str
    text: str
    reply_to: str | None = None
    template_id: int | None = None
    template_version: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a message cannot be rendered: a sentence."""

    reason: str


def render_all(connection: Connection, rows: Sequence[Row], settings: Settings) -> dict[int, Rendered | Missing]:
    """Render rows of email_messages. One whose data nobody foresaw costs its own mail and no other's.

    A fault that all of them meet is no row's, and raised.
    """
    try:
        with savepoint(connection):
            return _together(connection, rows, settings)
    except Exception as error:
        if is_outage(error) or len(rows) < 2:
            raise
        return _one_by_one(connection, rows, settings, error)


def _one_by_one(
    connection: Connection, rows: Sequence[Row], settings: Settings, fault: Exception
) -> dict[int, Rendered | Missing]:
    rendered: dict[int, Rendered | Missing] = {}
    spoilt: dict[int, str] = {}
    for row in rows:
        try:
            with savepoint(connection):
                rendered |= _together(connection, [row], settings)
        except Exception as error:
            if is_outage(error):
                raise
            spoilt[row["id"]] = type(error).__name__
    if len(spoilt) == len(rows):
        raise fault
    for identifier, name in spoilt.items():
        log.error("message.unwritable", message=identifier, error=name)
        rendered[identifier] = Missing(f"The mail cannot be written from what is on record ({name}).")
    return rendered


def _together(connection: Connection, rows: Sequence[Row], settings: Settings) -> dict[int, Rendered | Missing]:
    """The rows' data are read in one go per layout."""
    by_layout: defaultdict[Layout, list[Row]] = defaultdict(list)
    for row in rows:
        by_layout[LAYOUTS.get(row["template"], _templates)].append(row)
    rendered: dict[int, Rendered | Missing] = {}
    for layout, those in by_layout.items():
        rendered |= layout(connection, those, settings)
    return rendered


def _templates(connection: Connection, rows: Sequence[Row], _: Settings) -> dict[int, Rendered | Missing]:
    written = templated_mail.render(connection, rows)
    return {row["id"]: _templated(row, written[row["id"]]) for row in rows}


def _digests(connection: Connection, rows: Sequence[Row], settings: Settings) -> dict[int, Rendered | Missing]:
    """Which text a digest is written with is settled here, and noted in its row."""
    contexts = digests.contexts(connection, rows, settings)
    unfit: Counter[tuple[int, int, str]] = Counter()
    rendered = {row["id"]: _digest(row, contexts[row["id"]], settings, unfit) for row in rows}
    for (template_id, version, reason), count in unfit.items():
        log.warning("digest.template_unfit", template=template_id, version=version, reason=reason, messages=count)
    _note_templates(connection, rows, rendered)
    return rendered


def _digest(
    row: Row, context: dict[str, Any] | str, settings: Settings, unfit: Counter[tuple[int, int, str]]
) -> Rendered | Missing:
    if isinstance(context, str):
        return Missing(context)
    if not row["recipient"]:
        return Missing(NO_ADDRESS)
    headers = {**unsubscribing.headers(settings, context["unsubscribe_url"]), **_standing_alone(row)}
    written = _in_own_words(context, headers, unfit) or _in_our_words(row, context, headers)
    if context["test"] and isinstance(written, Rendered):
        return replace(written, subject=formats.line(templated_mail.TEST_MARK + written.subject, LONGEST_SUBJECT))
    return written


def _standing_alone(row: Row) -> dict[str, str]:
    """Mail programs gather mails of one subject and fold what looks repeated, unless each names itself."""
    return {"Precedence": "bulk", "X-Entity-Ref-ID": f"{row['id']}-{row['created_at'].timestamp():.6f}"}


def _in_own_words(
    context: dict[str, Any], headers: Mapping[str, str], unfit: Counter[tuple[int, int, str]]
) -> Rendered | None:
    """A company's digest of its own offers; None for every other message."""
    own: digests.OwnText | None = context.get("own")
    if own is None:
        return None
    written = own.write()
    chosen = own.template
    if isinstance(written, str):
        unfit[chosen.id, chosen.version, written] += 1
        return None
    return Rendered(written.subject, written.html, written.text, None, chosen.id, chosen.version, headers)


def _note_templates(connection: Connection, rows: Sequence[Row], rendered: Mapping[int, Rendered | Missing]) -> None:
    used = {
        number: (mail.template_id, mail.template_version) if isinstance(mail, Rendered) else (None, None)
        for number, mail in rendered.items()
    }
    changed = [row["id"] for row in rows if used[row["id"]] != (row["template_id"], row["template_version"])]
    if changed:
        execute(connection, NOTE, (changed, [used[each][0] for each in changed], [used[each][1] for each in changed]))


def _templated(row: Row, written: templated_mail.TemplatedMail | str) -> Rendered | Missing:
    if isinstance(written, str):
        return Missing(written)
    if not row["recipient"]:
        return Missing(NO_ADDRESS)
    return Rendered(written.subject, written.html, written.text, written.reply_to)


def _in_our_words(row: Row, context: Mapping[str, Any], headers: Mapping[str, str]) -> Rendered | Missing:
    locale = known_locale(row["locale"])
    try:
        subject, html, text = (layout.render(context) for layout in _layouts(row["template"], locale))
        return Rendered(formats.line(subject, LONGEST_SUBJECT), html, text, headers=headers)
    except UndefinedError as error:
        return Missing(f"The layout {row['template']} lacks a value: {error.message}.")


@lru_cache(maxsize=64)
def _layouts(template: str, locale: str) -> tuple[Template, Template, Template]:
    folder = f"{template}/{locale}"
    names = (f"{folder}.subject.txt", f"{folder}.html", f"{folder}.txt")
    first, second, third = (environment().get_template(name) for name in names)
    return first, second, third


Layout = Callable[[Connection, Sequence[Row], Settings], dict[int, Rendered | Missing]]
# Layouts of their own, by what messages name in `template`; every other name is a template's.
LAYOUTS: Mapping[str, Layout] = {digests.TEMPLATE: _digests}
