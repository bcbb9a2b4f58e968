"""Sitemaps (sitemaps.org): one per company, in parts, and an index of them all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from sqlalchemy import Connection

from worker.kit.database import query
from worker.services.publishing.careers.addresses import company_path, offer_path
from worker.services.publishing.careers.rows import LONGEST_LINE, OPEN_OF_MANY, SINCE, Company
from worker.services.publishing.careers.structured_data import known

# The protocol allows 50,000 addresses; smaller parts are made and read sooner.
MOST_ADDRESSES = 10_000
MOST_SITEMAPS = 50_000
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
CHANGED = "greatest(j.updated_at, j.posted_at, j.created_at)"

COMPANIES = f"""
select c.id, left(c.name, {LONGEST_LINE}) as name, found.offers, found.changed
  from (select j.company_id, count(*) as offers,
               max({CHANGED}) filter (where isfinite({CHANGED})) as changed
          from jobs j where {OPEN_OF_MANY} group by j.company_id order by j.company_id limit {MOST_SITEMAPS}) found
  join companies c on c.id = found.company_id
 order by c.id
"""
OFFERS = f"""
select j.id, left(j.title, {LONGEST_LINE}) as title, {CHANGED} as changed
  from jobs j where j.company_id = %(company)s and {OPEN_OF_MANY}
 order by {SINCE} desc, j.id desc
 limit {MOST_ADDRESSES} offset %(before)s
"""


@dataclass(frozen=True, slots=True)
class Address:
    path: str
    changed: datetime | None


def all_sitemaps(connection: Connection) -> Sequence[Address]:
    """One per company with open offers and part, for at most MOST_SITEMAPS of them."""
    found = [
        Address(
            f"{company_path(row['id'], row['name'])}/sitemap.xml{f'?part={part}' if part > 1 else ''}", row["changed"]
        )
        for row in query(connection, COMPANIES)
        for part in range(1, -(-row["offers"] // MOST_ADDRESSES) + 1)
    ]
    return found[:MOST_SITEMAPS]


def sitemap(connection: Connection, company: Company, part: int) -> Sequence[Address]:
    """A part of the company's open offers; the first one begins with its page, when there are any."""
    rows = query(connection, OFFERS, {"company": company.id, "before": (part - 1) * MOST_ADDRESSES})
    offers = [
        Address(offer_path(company.id, company.name, row["id"], row["title"]), known(row["changed"])) for row in rows
    ]
    changes = [each.changed for each in offers if each.changed]
    own = [Address(company_path(company.id, company.name), max(changes, default=None))] if offers and part == 1 else []
    return [*own, *offers]


def written(name: str, item: str, base: str, found: Iterable[Address]) -> str:
    """name: `urlset` of `url`, or `sitemapindex` of `sitemap`. base: before each path."""
    lines = [f"<{item}><loc>{escape(base + each.path)}</loc>{_changed(each)}</{item}>" for each in found]
    body = "\n".join(lines)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{NAMESPACE}">\n{body}\n</{name}>\n'


def _changed(address: Address) -> str:
    return (
        f"<lastmod>{address.changed.astimezone(UTC).isoformat(timespec='seconds')}</lastmod>" if address.changed else ""
    )
