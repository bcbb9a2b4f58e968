"""Offers as they are published: the main web app's rows, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from worker.kit.database import query
from worker.kit.localisation import Locale
from worker.services.email.wording import formats
from worker.services.matching.plain_text import plain_text

LONGEST_LINE = 200
# Of what employers typed into one field; more is never read.
LONGEST_TEXT = 20_000

# Of a row `j` of jobs, whichever channel asks; its first half stands in an index, in the same words.
IS_OPEN = "lower(j.status::text) = 'published' and (j.expires_at is null or j.expires_at > now())"
SELECT = f"""
select j.id, j.company_id, j.title, j.location, j.country, j.location_type::text as location_type,
       j.job_type::text as job_type, j.language, j.image_url, c.name as company_name, e.user_id as author_id,
       left(j.mission_principale, {LONGEST_TEXT}) as mission, left(j.description, {LONGEST_TEXT}) as description,
       {IS_OPEN} as is_open
  from jobs j join companies c on c.id = j.company_id left join employers e on e.id = j.employer_id
"""


@dataclass(frozen=True, slots=True)
class PublishableOffer:
    """Texts are plain, single lines but for `summary`, and may be empty. job_type, location_type: labels of the
    vocabulary. language: what it is written in. is_open: published and not expired, now.
    """

    id: int
    company_id: int
    title: str
    company_name: str
    location: str
    country: str
    location_type: str
    job_type: str
    language: Locale
    summary: str
    image_url: str
    is_open: bool


def find(connection: Connection, job_id: int) -> PublishableOffer | None:
    rows = query(connection, f"{SELECT} where j.id = %s", (job_id,))
    return _offer(rows[0]) if rows else None


def _offer(row: Mapping[str, Any]) -> PublishableOffer:
    english = (row["language"] or "").strip().lower().startswith("en")
    return PublishableOffer(
        id=row["id"],
        company_id=row["company_id"],
        title=_line(row["title"]),
        company_name=_line(row["company_name"]),
        location=_line(row["location"]),
        country=_line(row["country"]),
        location_type=(row["location_type"] or "").lower(),
        job_type=(row["job_type"] or "").lower(),
        language="en" if english else "fr",
        summary=summary_of(row["mission"], row["description"]),
        image_url=(row["image_url"] or "").strip(),
        is_open=row["is_open"],
    )


def summary_of(mission: str | None, description: str | None) -> str:
    """What the offer says of its main mission, else its description, without markup."""
    return next(filter(None, (" ".join(plain_text(text).split()) for text in (mission, description) if text)), "")


def _line(text: str | None) -> str:
    return formats.stored(text, LONGEST_LINE)
