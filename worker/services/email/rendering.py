"""From a message's row to subject, HTML and text. One path for everything that is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import Template, UndefinedError
from sqlalchemy import Connection

from worker.kit.database import Row
from worker.kit.settings import Settings
from worker.services.email import digests, formats, letters
from worker.services.email.environment import environment

LOCALES = ("fr", "en")
LONGEST_SUBJECT = 200
NO_ADDRESS = "The recipient's address is no longer on record."


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's content, ready to be frozen."""

    subject: str
    html: str
    text: str
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a message cannot be rendered: a sentence."""

    reason: str


def render_all(connection: Connection, rows: Sequence[Row], settings: Settings) -> dict[int, Rendered | Missing]:
    """Render rows of email_messages; their data are read in one go per layout."""
    wanted = [row for row in rows if row["template"] == digests.TEMPLATE]
    contexts = digests.contexts(connection, wanted, settings) if wanted else {}
    rendered = {row["id"]: _render(row, contexts[row["id"]]) for row in wanted}
    others = [row for row in rows if row["template"] != digests.TEMPLATE]
    written = letters.render(connection, others) if others else {}
    return {**rendered, **{row["id"]: _letter(row, written[row["id"]]) for row in others}}


def _letter(row: Row, written: letters.Letter | str) -> Rendered | Missing:
    if isinstance(written, str):
        return Missing(written)
    if not row["recipient"]:
        return Missing(NO_ADDRESS)
    return Rendered(written.subject, written.html, written.text, written.reply_to)


def _render(row: Row, context: dict[str, Any] | str) -> Rendered | Missing:
    if isinstance(context, str):
        return Missing(context)
    if not row["recipient"]:
        return Missing(NO_ADDRESS)
    locale = row["locale"] if row["locale"] in LOCALES else LOCALES[0]
    subject, html, text = _layouts(row["template"], locale)
    try:
        line = formats.line(subject.render(context), LONGEST_SUBJECT)
        return Rendered(line, html.render(context), text.render(context))
    except UndefinedError as error:
        return Missing(f"The layout {row['template']} lacks a value: {error.message}.")


@lru_cache(maxsize=64)
def _layouts(template: str, locale: str) -> tuple[Template, Template, Template]:
    folder = f"{template}/{locale}"
    names = (f"{folder}.subject.txt", f"{folder}.html", f"{folder}.txt")
    first, second, third = (environment().get_template(name) for name in names)
    return first, second, third
