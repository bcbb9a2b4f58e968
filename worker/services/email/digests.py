"""The data of a digest: the offers that a message names, as they are when the mail is rendered."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from worker.kit.database import Row, query
from worker.kit.settings import Settings
from worker.services.email import formats

TEMPLATE = "job_alert"

OFFERS = """
select j.id, j.title, j.location, j.country, j.location_type::text as location_type, j.job_type::text as job_type,
       j.salary_min, j.salary_max, j.currency, coalesce(j.posted_at, j.created_at) as posted_at, c.name as company
  from jobs j left join companies c on c.id = j.company_id
 where j.id = any(%s) and lower(j.status::text) = 'published' and (j.expires_at is null or j.expires_at > now())
"""

NAMES = """
select id, coalesce(nullif(first_name, ''), name, '') as first_name from users where id = any(%s)
"""


def contexts(connection: Connection, rows: Sequence[Row], settings: Settings) -> dict[int, dict[str, Any] | None]:
    """A digest's context by message id; None when none of its offers is open any more."""
    offers = _by_id(connection, OFFERS, sorted({job for row in rows for job in row["context"]["job_ids"]}))
    names = _by_id(connection, NAMES, sorted({row["user_id"] for row in rows if row["user_id"] is not None}))
    return {row["id"]: _context(row, offers, names, settings) for row in rows}


def _by_id(connection: Connection, sql: str, ids: Sequence[int]) -> dict[int, Row]:
    return {row["id"]: row for row in query(connection, sql, (list(ids),))} if ids else {}


def _context(row: Row, offers: dict[int, Row], names: dict[int, Row], settings: Settings) -> dict[str, Any] | None:
    context = row["context"]
    locale = row["locale"] if row["locale"] in formats.KINDS else "fr"
    shown = [_offer(offers[job], locale, settings) for job in context["job_ids"] if job in offers]
    if not shown:
        return None
    person = names.get(row["user_id"]) or {}
    return {
        "first_name": person.get("first_name", ""),
        "alert_name": context["alert_name"],
        "frequency": formats.kind(context["frequency"], locale),
        "offers": shown,
        "more": context["more"],
        "total": len(shown) + context["more"],
        "manage_url": f"{settings.frontend_url.rstrip('/')}/dashboard/job-alerts",
        "all_url": f"{settings.frontend_url.rstrip('/')}/dashboard/jobs",
        "locale": locale,
    }


def _offer(row: Row, locale: str, settings: Settings) -> dict[str, Any]:
    facts = (
        row["location"] or "",
        formats.kind(row["location_type"], locale) if row["location_type"] != "on_site" else "",
        formats.kind(row["job_type"], locale),
        formats.money(row["salary_min"], row["salary_max"], row["currency"], locale),
    )
    return {
        "title": row["title"],
        "company": row["company"] or "",
        "facts": " · ".join(fact for fact in facts if fact),
        "posted": formats.day(row["posted_at"], locale),
        "url": settings.job_url(row["id"]),
    }
