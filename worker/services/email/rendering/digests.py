"""The data of a digest: the offers that a message names, as they are when the mail is rendered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from markupsafe import Markup
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import Connection

from models.enums import TemplateType
from worker.kit.database import Row, query
from worker.kit.localisation import DEFAULT_LOCALE, LOCALES, known_locale
from worker.kit.settings import Settings
from worker.services.email.recipients import directory, unsubscribing
from worker.services.email.rendering import choosing
from worker.services.email.rendering.choosing import Part
from worker.services.email.rendering.sections import Section, heading, joined
from worker.services.email.templating.blocks import jobs_list
from worker.services.email.templating.bounds import Unfit
from worker.services.email.templating.composing import Composed, compose
from worker.services.email.templating.environment import environment
from worker.services.email.templating.template_rows import COLUMNS, OWN, TemplateView, template
from worker.services.email.wording import formats
from worker.services.email.wording.footers import Links

TEMPLATE = "job_alert"
KIND = TemplateType.JOB_ALERT
# Mail programs cut what is longer than about 100 KB; what people type has no bound of its own.
LONGEST_NAME = 80
LONGEST_LINE = 160

OFFERS = """
select j.id, j.title, j.location, j.location_type::text as location_type, j.job_type::text as job_type,
       j.salary_min, j.salary_max, j.currency, coalesce(j.posted_at, j.created_at) as posted_at, c.name as company,
       j.company_id
  from jobs j left join companies c on c.id = j.company_id
 where j.id = any(%s) and lower(j.status::text) = 'published' and (j.expires_at is null or j.expires_at > now())
"""

NAMES = """
select id, coalesce(nullif(first_name, ''), name, '') as first_name from users where id = any(%s)
"""


# What `template_store.choose` looks for, for many companies at once.
DEFAULTS = f"""
select {COLUMNS} from email_templates
 where company_id = any(%(companies)s) and type::text = %(label)s and {OWN} = %(own)s
   and coalesce(locale, 'fr') = any(%(locales)s)
   and own_default and coalesce(is_active, true) and deleted_at is null
"""


class OfferRow(NamedTuple):
    """A row of OFFERS."""

    id: int
    title: str | None
    location: str | None
    location_type: str | None
    job_type: str | None
    salary_min: int | None
    salary_max: int | None
    currency: str | None
    posted_at: datetime | None
    company: str | None
    company_id: int | None = None


class Shown(NamedTuple):
    """An offer in the words of a mail; texts may be empty."""

    title: str
    company: str
    facts: str
    salary: str
    posted: str
    url: str


class Printed(NamedTuple):
    """An offer as a row of the HTML layout, and as lines of text with an empty one behind. size: the row's bytes."""

    shown: Shown
    row: str
    lines: str
    size: int


@dataclass(frozen=True, slots=True)
class Offers:
    """The offers of a batch by id, each put into words once per language."""

    rows: Mapping[int, Row]
    settings: Settings
    _made: dict[tuple[int, str], Printed] = field(default_factory=dict)

    def printed(self, ids: Iterable[int], locale: str) -> list[Printed]:
        """Those of `ids` that are still open, in their order."""
        return [self._printed(job, locale) for job in ids if job in self.rows]

    def _printed(self, job: int, locale: str) -> Printed:
        made = self._made.get((job, locale))
        if made is None:
            row = OfferRow(**self.rows[job])
            made = _printed(row, locale, self.settings.platform_timezone, self.settings.job_url(job))
            self._made[job, locale] = made
        return made


class DigestContext(BaseModel):
    """What a digest's message keeps of it. job_ids: the offers shown, in order; more: how many others matched; spare:
    the next ones of those, for offers that close before the mail is written.

    A digest of several alerts keeps `sections` and `frequency`; the other members are made of them (`sections.joined`).
    test: somebody tries out an alert; the subject says so.
    """

    alert_name: str
    frequency: str
    job_ids: list[int]
    alert_id: int | None = None
    more: int = Field(ge=0)
    spare: list[int] = Field(default_factory=list)
    sections: list[Section] = Field(default_factory=list)
    test: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the messages of a batch are about, read in one go."""

    kept: Mapping[int, DigestContext | None]
    offers: Offers
    names: Mapping[int, Row]
    settings: Settings

    def context(self, row: Row) -> dict[str, Any] | str:
        return _context(row, self.kept[row["id"]], self.offers, self.names, self.settings)

    def company(self, row: Row) -> int | None:
        """The company whose offers alone the message is about: offers that are only counted may be anybody's."""
        kept = self.kept[row["id"]]
        if kept is None or kept.more:
            return None
        offers = self.offers.rows
        found = {offers[job]["company_id"] for job in kept.job_ids if job in offers}
        return found.pop() if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class OwnText:
    """A company's template for a digest of its own offers, and what fills it, in the template's language."""

    template: TemplateView
    values: Mapping[str, str]
    offers: Sequence[Shown]
    links: Links

    def write(self) -> Composed | str:
        """The mail, or why this reader gets our own layout instead."""
        draft = self.template.draft()
        block = jobs_list([each._asdict() for each in self.offers], draft.locale)
        try:
            composed = compose(draft, self.values, {"jobs_list": block}, links=self.links)
        except Unfit as error:
            return str(error)
        if composed.missing:
            return f"no value for {', '.join(composed.missing)}"
        return composed if self.offers[0].url in composed.text else "it does not show the offers"


def contexts(connection: Connection, rows: Sequence[Row], settings: Settings) -> dict[int, dict[str, Any] | str]:
    """A digest's context by message id, or the sentence that says why there is none for this message.

    `own`: the OwnText of the company that has all the offers; absent where there is none.
    """
    kept = {row["id"]: _read(row["context"]) for row in rows}
    wanted = {job for each in kept.values() if each for job in (*each.job_ids, *each.spare)}
    offers = Offers(_by_id(connection, OFFERS, sorted(wanted)), settings)
    names = _by_id(connection, NAMES, sorted({row["user_id"] for row in rows if row["user_id"] is not None}))
    facts = Facts(kept, offers, names, settings)
    made = {row["id"]: facts.context(row) for row in rows}
    for identifier, text in _own_texts(connection, rows, facts).items():
        context = made[identifier]
        if not isinstance(context, str):
            context["own"] = text
    return made


def _own_texts(connection: Connection, rows: Sequence[Row], facts: Facts) -> dict[int, OwnText]:
    companies = {row["id"]: company for row in rows if (company := facts.company(row)) is not None}
    defaults = _defaults(connection, set(companies.values())) if companies else {}
    chosen = [
        (row, found)
        for row in rows
        if row["id"] in companies and (found := _best(defaults, companies[row["id"]], row["locale"])) is not None
    ]
    users = sorted({row["user_id"] for row, _ in chosen if row["user_id"] is not None})
    recipients = directory.of_users(connection, users, None) if users else {}
    return {row["id"]: _own_text(row, found, recipients.get(row["user_id"]), facts) for row, found in chosen}


def _defaults(connection: Connection, companies: set[int]) -> dict[tuple[int, str], TemplateView]:
    values = {"companies": sorted(companies), "label": KIND.label, "own": KIND.own or "", "locales": list(LOCALES)}
    found = [template(row) for row in query(connection, DEFAULTS, values)]
    return {(each.company_id, each.locale): each for each in found}


def _best(defaults: Mapping[tuple[int, str], TemplateView], company: int, locale: str | None) -> TemplateView | None:
    """In the reader's language, else in French."""
    return defaults.get((company, locale or ""), defaults.get((company, DEFAULT_LOCALE)))


def _own_text(row: Row, chosen: TemplateView, recipient: directory.Recipient | None, facts: Facts) -> OwnText:
    said = facts.context({**row, "locale": chosen.locale})
    if isinstance(said, str):
        raise TypeError(f"message {row['id']} has a company's offers, and no context: {said}")
    values = {
        **(recipient.values_in(chosen.locale) if recipient else {}),
        "company_name": said["offers"][0].company,
        "alert_name": said["alert_name"],
        "frequency": said["frequency"],
    }
    unsubscribe = said["unsubscribe_url"] if said["unsubscribe_url"] != said["manage_url"] else ""
    return OwnText(chosen, values, said["offers"], Links(said["manage_url"], unsubscribe))


def _read(context: Any) -> DigestContext | None:
    try:
        if isinstance(context, Mapping) and "sections" in context:
            parts = [Section.model_validate(each) for each in context["sections"]]
            context = joined(parts, context.get("frequency", ""))
        return DigestContext.model_validate(context)
    except ValidationError:
        return None


def _by_id(connection: Connection, sql: str, ids: Sequence[int]) -> dict[int, Row]:
    return {row["id"]: row for row in query(connection, sql, (list(ids),))} if ids else {}


def _context(
    row: Row,
    kept: DigestContext | None,
    offers: Offers,
    names: Mapping[int, Row],
    settings: Settings,
) -> dict[str, Any] | str:
    if kept is None:
        return "What the digest should say is no longer on record."
    locale = known_locale(row["locale"])
    parts = _chosen(kept, offers, locale)
    known = _each_once([part.open for part in parts])
    printed = _each_once([part.shown for part in parts])
    total = len(known) + sum([part.counted for part in parts])
    if not total:
        return "None of the digest's offers is open any more."
    person = names.get(row["user_id"]) or {}
    rows, lines = _body(kept.sections, parts, locale) if kept.sections else _together(printed)
    return {
        "first_name": formats.line(person.get("first_name"), LONGEST_NAME),
        "alert_name": formats.line(kept.alert_name, LONGEST_LINE),
        "frequency": formats.frequency_label(kept.frequency, locale),
        "offers": [each.shown for each in printed],
        "rows": Markup(rows),  # noqa: S704 - rendered and escaped one by one
        "lines": lines,
        "more": total - len(printed),
        "several": len(kept.sections) > 1,
        "test": kept.test,
        "total": total,
        "manage_url": _manage_link(row, kept, settings),
        "unsubscribe_url": _unsubscribe_link(row, kept, settings),
        "all_url": f"{settings.frontend_url.rstrip('/')}/dashboard/jobs",
        "locale": locale,
    }


def _together(printed: Sequence[Printed]) -> tuple[str, str]:
    return "".join([each.row for each in printed]), "".join([each.lines for each in printed])


def _chosen(kept: DigestContext, offers: Offers, locale: str) -> list[Part[Printed]]:
    """The digest's parts, one per section, with the offers that each of them shows."""
    found: Sequence[Section | DigestContext] = kept.sections or [kept]
    parts = [
        Part(
            offers.printed([*each.job_ids, *each.spare], locale),
            most=len(each.job_ids),
            counted=max(each.more - len(each.spare), 0),
            heading=_height(each, locale) if isinstance(each, Section) else 0,
        )
        for each in found
    ]
    choosing.fit(parts)
    return parts


def _height(section: Section, locale: str) -> int:
    """The bytes of what stands above a section, when none of its offers were shown."""
    return len(heading(section, section.more + len(section.job_ids), locale)[0].encode())


def _each_once(lists: Sequence[Sequence[Printed]]) -> Sequence[Printed]:
    """An offer may answer several alerts."""
    return lists[0] if len(lists) == 1 else list({id(each): each for found in lists for each in found}.values())


def _body(sections: Sequence[Section], parts: Sequence[Part[Printed]], locale: str) -> tuple[str, str]:
    """Rows and lines of each section that shows an offer, below its alert's name."""
    rows, lines = [], []
    for section, part in zip(sections, parts, strict=True):
        if part.shown:
            for row, text in (heading(section, part.more, locale), _together(part.shown)):
                rows.append(row)
                lines.append(text)
    return "".join(rows), "".join(lines)


def _manage_link(row: Row, kept: DigestContext, settings: Settings) -> str:
    """A mail may be forwarded: it opens the alert that it is about, and the page of all of them asks for a login."""
    if row["user_id"] is None or kept.alert_id is None:
        return unsubscribing.manage_link(settings)
    return unsubscribing.preferences_link(settings, user_id=row["user_id"], alert_id=kept.alert_id)


def _unsubscribe_link(row: Row, kept: DigestContext, settings: Settings) -> str:
    if row["user_id"] is None:
        return unsubscribing.manage_link(settings)
    return unsubscribing.link(settings, user_id=row["user_id"], alert_id=kept.alert_id)


# About a kilobyte each: a morning's new offers in both languages.
@lru_cache(maxsize=8192)
def _printed(row: OfferRow, locale: str, zone: str, url: str) -> Printed:
    """The same offer goes to many readers: it is put into words once for as long as it does not change."""
    on_site = (row.location_type or "").lower() == "on_site"
    facts = (
        row.location,
        "" if on_site else formats.kind(row.location_type, locale),
        formats.kind(row.job_type, locale),
    )
    shown = Shown(
        title=formats.stored(row.title, LONGEST_LINE),
        company=formats.stored(row.company, LONGEST_LINE),
        facts=" · ".join(fact for value in facts if (fact := formats.stored(value, LONGEST_LINE))),
        salary=formats.salary(row.salary_min, row.salary_max, row.currency, locale),
        posted=formats.day(row.posted_at and row.posted_at.astimezone(ZoneInfo(zone)), locale),
        url=url,
    )
    context = {"offers": [shown], "locale": locale}
    row_html, lines = (environment().get_template(name).render(context) for name in ("job_rows.html", "jobs_list.txt"))
    return Printed(shown, row_html, lines, len(row_html.encode()))
