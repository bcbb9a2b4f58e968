"""Offers in the words of a mail: each put into words once per language, for as long as it does not change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from worker.kit.database import Row
from worker.kit.settings import Settings
from worker.services.email.templating.environment import fill
from worker.services.email.wording import formats

# Mail programs cut what is longer than about 100 KB; what people type has no bound of its own.
LONGEST_LINE = 160

OFFERS = """
select j.id, j.title, j.location, j.location_type::text as location_type, j.job_type::text as job_type,
       j.salary_min, j.salary_max, j.currency, coalesce(j.posted_at, j.created_at) as posted_at, c.name as company,
       j.company_id
  from jobs j left join companies c on c.id = j.company_id
 where j.id = any(%s) and lower(j.status::text) = 'published' and (j.expires_at is null or j.expires_at > now())
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
    row_html, lines = (fill(name, offers=[shown], locale=locale) for name in ("job_rows.html", "jobs_list.txt"))
    return Printed(shown, row_html, lines, len(row_html.encode()))
