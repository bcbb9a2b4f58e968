"""What career pages are made of: a company, its open offers, one offer, read as they are at this moment.

Nothing is written when an offer leaves: whether it is open is asked of its row and of the clock, each time.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from worker.kit.database import Row, query
from worker.kit.ids import LARGEST_ROW_ID
from worker.services.publishing.offers import IS_OPEN

# What is read of texts that people type without a bound. Nothing that a page shows is longer.
LONGEST_LINE = 400
LONGEST_TEXT = 24_000
LONGEST_SUMMARY = 2_000

# Newest first; the index of migration 0030 is made of the same words.
SINCE = "coalesce(j.posted_at, j.created_at, '-infinity'::timestamptz)"
# A row of the main web app has no state of ours, and says by is_active what it means.
OFF = "w.channel = 'INTOWORK' and coalesce(w.state, case when w.is_active is false then 'withdrawn' end) = 'withdrawn'"
ON_THE_PAGE = f"""
{IS_OPEN}
and not exists (select from job_postings w
                 where w.job_id = j.id and {OFF}
                   and not exists (select from job_postings newer
                                    where newer.job_id = w.job_id and newer.channel = 'INTOWORK' and newer.id > w.id)
                 %s)
"""
# For a page: a look into a small index for each offer. As a join it would read all that was ever withdrawn.
OPEN = ON_THE_PAGE % "offset 0"
# For statements about all offers.
OPEN_OF_MANY = ON_THE_PAGE % ""

COMPANY_COLUMNS = f"""
c.id, left(c.name, {LONGEST_LINE}) as name, left(c.description, {LONGEST_TEXT}) as description,
       left(c.industry, {LONGEST_LINE}) as industry, left(c.city, {LONGEST_LINE}) as city,
       left(c.country, {LONGEST_LINE}) as country, left(c.website_url, {LONGEST_LINE}) as website_url,
       left(c.linkedin_url, {LONGEST_LINE}) as linkedin_url, left(c.logo_url, {LONGEST_LINE}) as logo_url
"""
COMPANY = f"select {COMPANY_COLUMNS} from companies c where c.id = %(company)s"
LINE = f"""
j.id, left(j.title, {LONGEST_LINE}) as title, left(j.location, {LONGEST_LINE}) as location,
left(j.location_type::text, 50) as location_type, left(j.job_type::text, 50) as job_type, j.salary_min, j.salary_max,
left(j.currency, 50) as currency, left(j.country, {LONGEST_LINE}) as country, left(j.language, 50) as language,
j.posted_at, j.created_at, j.updated_at, j.expires_at
"""
FOUND = f"""
select j.id, {SINCE} as since
  from jobs j
 where j.company_id = %(company)s and {OPEN} and ({SINCE}, j.id) < (%(since)s::timestamptz, %(id)s::bigint)
 order by {SINCE} desc, j.id desc
"""
LISTED = f"""
with found as materialized ({FOUND} limit %(counted)s)
select {LINE}, (select count(*) from found) as counted, first.place
  from (select id, row_number() over (order by since desc, id desc) as place
          from found order by place limit %(shown)s) first
  join jobs j on j.id = first.id
"""
SUMMARISED = f"""
select {LINE}, left(j.description, {LONGEST_SUMMARY}) as description, found.place
  from (select id, row_number() over (order by since desc, id desc) as place from ({FOUND} limit %(shown)s) each) found
  join jobs j on j.id = found.id
"""
# What tells two states of a list apart, alone or beside it.
VERSION = "select md5(string_agg(listed::text, '|' order by place)) as version from listed"
STATE = (
    f"select {COMPANY_COLUMNS}, (with listed as materialized ({{listed}}) {VERSION}) as version"
    " from companies c where c.id = %(company)s"
)
VERSIONED = "with listed as materialized ({listed}) select listed.*, ({version}) as version from listed order by place"
TEXTS = (
    "description", "context", "mission_principale", "responsibilities", "requirements", "profil_formation",
    "profil_experience", "profil_competences", "profil_posture", "profil_autre", "benefits",
)  # fmt: skip
OFFER = f"""
select {LINE}, {", ".join(f"left(j.{name}, {LONGEST_TEXT}) as {name}" for name in TEXTS)},
       left(j.zone, {LONGEST_LINE}) as zone, lower(j.status::text) as status, {OPEN} as is_open
  from jobs j where j.id = %(job)s and j.company_id = %(company)s
"""
# A draft has never been public.
ONCE_PUBLIC = frozenset({"published", "closed", "archived"})


@dataclass(frozen=True, slots=True)
class Company:
    id: int
    name: str | None
    description: str | None = None
    industry: str | None = None
    city: str | None = None
    country: str | None = None
    website_url: str | None = None
    linkedin_url: str | None = None
    logo_url: str | None = None


@dataclass(frozen=True, slots=True)
class OfferLine:
    """An open offer as lists show it. description: for feeds only, its beginning."""

    id: int
    title: str | None
    location: str | None = None
    location_type: str | None = None
    job_type: str | None = None
    salary_min: int | None = None
    salary_max: int | None = None
    currency: str | None = None
    country: str | None = None
    language: str | None = None
    posted_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    expires_at: datetime | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Offer(OfferLine):
    """One offer with its texts, which may hold anybody's HTML."""

    zone: str | None = None
    context: str | None = None
    mission_principale: str | None = None
    responsibilities: str | None = None
    requirements: str | None = None
    profil_formation: str | None = None
    profil_experience: str | None = None
    profil_competences: str | None = None
    profil_posture: str | None = None
    profil_autre: str | None = None
    benefits: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A list goes on behind this offer, so that every page costs the same. since: as Postgres writes an instant."""

    since: str = "infinity"
    id: int = LARGEST_ROW_ID + 1


START = Cursor()
# A company with the version of a list of its offers; None of an empty one.
State = tuple[Company, str | None]


@dataclass(frozen=True, slots=True)
class OfferList:
    """counted: how many are open from the first shown one on, at most as many as were to be counted. version: another
    one whenever anything of the list is another.
    """

    offers: tuple[OfferLine, ...]
    counted: int
    version: str | None

    @property
    def last_shown(self) -> int | None:
        """Behind which the next page begins; None when there is none."""
        return self.offers[-1].id if self.counted > len(self.offers) else None


def find_company(connection: Connection, company_id: int) -> Company | None:
    rows = query(connection, COMPANY, {"company": company_id})
    return Company(**rows[0]) if rows else None


def cursor_behind(connection: Connection, company_id: int, job_id: int) -> Cursor:
    """Behind an offer of the company, also one that has closed meanwhile; of one that is gone the list's start."""
    behind = f"select {SINCE}::text as since from jobs j where j.id = %(job)s and j.company_id = %(company)s"
    rows = query(connection, behind, {"job": job_id, "company": company_id})
    return Cursor(rows[0]["since"], job_id) if rows else START


def list_state(connection: Connection, company_id: int, cursor: Cursor, *, shown: int, counted: int) -> State | None:
    """The version of what `open_offers` would answer; None without such a company."""
    return _state(connection, LISTED, _page(company_id, cursor, shown=shown, counted=counted))


def feed_state(connection: Connection, company_id: int, most: int) -> State | None:
    """The version of what `newest_offers` would answer; None without such a company."""
    return _state(connection, SUMMARISED, _page(company_id, START, shown=most))


def open_offers(connection: Connection, company_id: int, cursor: Cursor, *, shown: int, counted: int) -> OfferList:
    """The first `shown` of the company's open offers behind the cursor, newest first. counted: more than `shown`."""
    return _list(connection, LISTED, _page(company_id, cursor, shown=shown, counted=counted))


def newest_offers(connection: Connection, company_id: int, most: int) -> OfferList:
    """With the beginning of their descriptions."""
    return _list(connection, SUMMARISED, _page(company_id, START, shown=most))


def find_offer(connection: Connection, company_id: int, job_id: int) -> Offer | bool:
    """The open offer; True for one of this company that is open no more; False for one that was never public here."""
    rows = query(connection, OFFER, {"company": company_id, "job": job_id})
    if not rows:
        return False
    row = rows[0]
    status, is_open = row.pop("status"), row.pop("is_open")
    return Offer(**row) if is_open else status in ONCE_PUBLIC


def _page(company_id: int, cursor: Cursor, **bounds: int) -> dict[str, int | str]:
    return {"company": company_id, "since": cursor.since, "id": cursor.id, **bounds}


def _state(connection: Connection, listed: str, parameters: dict[str, int | str]) -> State | None:
    for row in query(connection, STATE.format(listed=listed), parameters):
        version = row.pop("version")
        return Company(**row), version
    return None


def _list(connection: Connection, listed: str, parameters: dict[str, int | str]) -> OfferList:
    rows = query(connection, VERSIONED.format(listed=listed, version=VERSION), parameters)
    if not rows:
        return OfferList((), 0, None)
    return OfferList(tuple(map(_line, rows)), rows[0].get("counted", len(rows)), rows[0]["version"])


def _line(row: Row) -> OfferLine:
    return OfferLine(**{name: value for name, value in row.items() if name not in ("counted", "place", "version")})
