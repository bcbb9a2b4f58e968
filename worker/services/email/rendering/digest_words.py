"""A digest's words: which of its offers the mail shows and what stands around them, in one language."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from worker.kit.database import Row
from worker.kit.settings import Settings
from worker.services.email.recipients import unsubscribing
from worker.services.email.rendering import choosing
from worker.services.email.rendering.choosing import Part
from worker.services.email.rendering.contexts import LONGEST_ALERT_NAME, DigestContext, Section
from worker.services.email.rendering.digest_data import DigestData
from worker.services.email.rendering.offers import LONGEST_LINE, Offers, Printed, Shown
from worker.services.email.templating.environment import fill
from worker.services.email.wording import formats

LONGEST_NAME = 80


@dataclass(frozen=True)
class DigestMail:
    """All that the layout says. rows, lines: the offers as HTML and as text; more: how many others there are."""

    first_name: str
    alert_name: str
    frequency: str
    offers: Sequence[Shown]
    rows: Markup
    lines: str
    more: int
    several: bool
    test: bool
    total: int
    manage_url: str
    unsubscribe_url: str
    all_url: str
    locale: str


def words(row: Row, data: DigestData, locale: str) -> DigestMail | str:
    """The mail of a row of email_messages, or the sentence that says why there is none."""
    context = data.contexts[row["id"]]
    if context is None:
        return "What the digest should say is no longer on record."
    parts = _chosen(context, data.offers, locale)
    total = len(_each_once([part.open for part in parts])) + sum([part.counted for part in parts])
    if not total:
        return "None of the digest's offers is open any more."
    return _mail(row, context, data, parts, total, locale)


def _mail(
    row: Row, context: DigestContext, data: DigestData, parts: Sequence[Part[Printed]], total: int, locale: str
) -> DigestMail:
    printed = _each_once([part.shown for part in parts])
    html, text = _body(context.sections, parts, locale) if context.sections else _together(printed)
    settings = data.offers.settings
    return DigestMail(
        first_name=formats.line((data.names.get(row["user_id"]) or {}).get("first_name"), LONGEST_NAME),
        alert_name=formats.line(context.alert_name, LONGEST_LINE),
        frequency=formats.frequency_label(context.frequency, locale),
        offers=[each.shown for each in printed],
        rows=Markup(html),  # noqa: S704 - rendered and escaped one by one
        lines=text,
        more=total - len(printed),
        several=len(context.sections) > 1,
        test=context.test,
        total=total,
        manage_url=_manage_link(row, context, settings),
        unsubscribe_url=_unsubscribe_link(row, context, settings),
        all_url=f"{settings.frontend_url.rstrip('/')}/dashboard/jobs",
        locale=locale,
    )


def _together(printed: Sequence[Printed]) -> tuple[str, str]:
    return "".join([each.row for each in printed]), "".join([each.lines for each in printed])


def _chosen(context: DigestContext, offers: Offers, locale: str) -> list[Part[Printed]]:
    """The digest's parts, one per alert, with the offers that each of them shows."""
    parts = [
        Part(
            offers.printed([*each.job_ids, *each.spare], locale),
            most=len(each.job_ids),
            counted=max(each.more - len(each.spare), 0),
            heading=_height(each, locale) if isinstance(each, Section) else 0,
        )
        for each in context.parts
    ]
    choosing.fit(parts)
    return parts


def _height(section: Section, locale: str) -> int:
    """The bytes of what stands above a section, when none of its offers were shown."""
    return len(_heading(section, section.more + len(section.job_ids), locale)[0].encode())


def _heading(section: Section, more: int, locale: str) -> tuple[str, str]:
    """What stands above a section's offers, as a row of the HTML layout and as lines of text."""
    name = formats.line(section.alert_name, LONGEST_ALERT_NAME)
    html, text = (fill(layout, alert_name=name, more=more, locale=locale) for layout in ("section.html", "section.txt"))
    return html, text


def _each_once(lists: Sequence[Sequence[Printed]]) -> Sequence[Printed]:
    """An offer may answer several alerts."""
    return lists[0] if len(lists) == 1 else list({id(each): each for found in lists for each in found}.values())


def _body(sections: Sequence[Section], parts: Sequence[Part[Printed]], locale: str) -> tuple[str, str]:
    """Rows and lines of each section that shows an offer, below its alert's name."""
    rows, lines = [], []
    for section, part in zip(sections, parts, strict=True):
        if part.shown:
            for row, text in (_heading(section, part.more, locale), _together(part.shown)):
                rows.append(row)
                lines.append(text)
    return "".join(rows), "".join(lines)


def _manage_link(row: Row, context: DigestContext, settings: Settings) -> str:
    """A mail may be forwarded: it opens the alert that it is about, and the page of all of them asks for a login."""
    if row["user_id"] is None or context.alert_id is None:
        return unsubscribing.manage_link(settings)
    return unsubscribing.preferences_link(settings, user_id=row["user_id"], alert_id=context.alert_id)


def _unsubscribe_link(row: Row, context: DigestContext, settings: Settings) -> str:
    if row["user_id"] is None:
        return unsubscribing.manage_link(settings)
    return unsubscribing.link(settings, user_id=row["user_id"], alert_id=context.alert_id)
