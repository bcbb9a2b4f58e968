"""From digests' rows to mails: in a company's own words where all offers are its own, else in ours."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from jinja2 import Template, UndefinedError
from sqlalchemy import Connection

from worker.kit.database import Row, execute
from worker.kit.localisation import known_locale
from worker.kit.logging import get_logger
from worker.kit.settings import Settings
from worker.services.email.recipients import unsubscribing
from worker.services.email.rendering import digest_data
from worker.services.email.rendering.digest_data import DigestData, OwnTemplate
from worker.services.email.rendering.digest_words import DigestMail, words
from worker.services.email.rendering.rendered import LONGEST_SUBJECT, NO_ADDRESS, TEST_MARK, Missing, Rendered
from worker.services.email.templating.blocks import jobs_list
from worker.services.email.templating.bounds import Unfit
from worker.services.email.templating.composing import Composed, compose
from worker.services.email.templating.environment import environment
from worker.services.email.wording import formats
from worker.services.email.wording.footers import Links

TEMPLATE = "job_alert"
log = get_logger(__name__)

NOTE = """
update email_messages m set template_id = w.template_id, template_version = w.version
  from unnest(%s::bigint[], %s::integer[], %s::integer[]) as w(id, template_id, version) where m.id = w.id
"""


@dataclass(frozen=True, slots=True)
class Digests:
    """unfit: how many messages could not be written in a company's own words, by (template, version, reason)."""

    data: DigestData
    settings: Settings
    unfit: Counter[tuple[int, int, str]] = field(default_factory=Counter)

    def render(self, row: Row) -> Rendered | Missing:
        said = words(row, self.data, known_locale(row["locale"]))
        if isinstance(said, str):
            return Missing(said)
        if not row["recipient"]:
            return Missing(NO_ADDRESS)
        headers = {**unsubscribing.headers(self.settings, said.unsubscribe_url), **_standing_alone(row)}
        rendered = self._in_own_words(row, said, headers) or _in_our_words(row, said, headers)
        if said.test and isinstance(rendered, Rendered):
            return replace(rendered, subject=formats.line(TEST_MARK + rendered.subject, LONGEST_SUBJECT))
        return rendered

    def _in_own_words(self, row: Row, said: DigestMail, headers: Mapping[str, str]) -> Rendered | None:
        """A company's digest of its own offers; None for every other message."""
        own = self.data.own.get(row["id"])
        if own is None:
            return None
        chosen = own.template
        composed = _compose(own, said if said.locale == chosen.locale else words(row, self.data, chosen.locale))
        if isinstance(composed, str):
            self.unfit[chosen.id, chosen.version, composed] += 1
            return None
        return Rendered(composed.subject, composed.html, composed.text, None, chosen.id, chosen.version, headers)


def render(connection: Connection, rows: Sequence[Row], settings: Settings) -> dict[int, Rendered | Missing]:
    """Which text a digest is written with is settled here, and noted in its row."""
    digests = Digests(digest_data.load(connection, rows, settings), settings)
    rendered = {row["id"]: digests.render(row) for row in rows}
    for (template_id, version, reason), count in digests.unfit.items():
        log.warning("digest.template_unfit", template=template_id, version=version, reason=reason, messages=count)
    _note_templates(connection, rows, rendered)
    return rendered


def _compose(own: OwnTemplate, said: DigestMail | str) -> Composed | str:
    """The mail in the company's words, or why this reader gets our own layout instead."""
    if isinstance(said, str):
        return said
    draft = own.template.draft()
    block = jobs_list([each._asdict() for each in said.offers], draft.locale)
    unsubscribe = said.unsubscribe_url if said.unsubscribe_url != said.manage_url else ""
    try:
        composed = compose(draft, _values(own, said), {"jobs_list": block}, links=Links(said.manage_url, unsubscribe))
    except Unfit as error:
        return str(error)
    if composed.missing:
        return f"no value for {', '.join(composed.missing)}"
    return composed if said.offers[0].url in composed.text else "it does not show the offers"


def _values(own: OwnTemplate, said: DigestMail) -> dict[str, str]:
    return {
        **(own.recipient.values_in(own.template.locale) if own.recipient else {}),
        "company_name": said.offers[0].company,
        "alert_name": said.alert_name,
        "frequency": said.frequency,
    }


def _standing_alone(row: Row) -> dict[str, str]:
    """Mail programs gather mails of one subject and fold what looks repeated, unless each names itself."""
    return {"Precedence": "bulk", "X-Entity-Ref-ID": f"{row['id']}-{row['created_at'].timestamp():.6f}"}


def _note_templates(connection: Connection, rows: Sequence[Row], rendered: Mapping[int, Rendered | Missing]) -> None:
    used = {
        number: (mail.template_id, mail.template_version) if isinstance(mail, Rendered) else (None, None)
        for number, mail in rendered.items()
    }
    changed = [row["id"] for row in rows if used[row["id"]] != (row["template_id"], row["template_version"])]
    if changed:
        execute(connection, NOTE, (changed, [used[each][0] for each in changed], [used[each][1] for each in changed]))


def _in_our_words(row: Row, said: DigestMail, headers: Mapping[str, str]) -> Rendered | Missing:
    try:
        subject, html, text = (layout.render(vars(said)) for layout in _layouts(row["template"], said.locale))
        return Rendered(formats.line(subject, LONGEST_SUBJECT), html, text, headers=headers)
    except UndefinedError as error:
        return Missing(f"The layout {row['template']} lacks a value: {error.message}.")


@lru_cache(maxsize=64)
def _layouts(template: str, locale: str) -> tuple[Template, Template, Template]:
    folder = f"{template}/{locale}"
    names = (f"{folder}.subject.txt", f"{folder}.html", f"{folder}.txt")
    first, second, third = (environment().get_template(name) for name in names)
    return first, second, third
