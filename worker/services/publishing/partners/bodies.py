"""An offer in a partner's words: the events that a receiver gets, and what a job board is handed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from worker.contracts.partners import Advert
from worker.kit.database import query
from worker.services.matching.plain_text import plain_text
from worker.services.publishing.boards import offers, texts
from worker.services.publishing.boards.offers import BoardOffer
from worker.services.publishing.careers.rows import Company

Event = Literal["offer.published", "offer.closed"]
LONGEST_ABOUT = 2_000
# How long an offer without an end may be applied for at a board, which wants to know.
USUAL_DAYS = 60

MOMENT = f"""
select now() as now,
       coalesce(nullif(j.expires_at, 'infinity'), now() + interval '{USUAL_DAYS} days')::date as deadline,
       left(c.description, {LONGEST_ABOUT}) as about, left(c.logo_url, {LONGEST_ABOUT}) as logo
  from jobs j join companies c on c.id = j.company_id where j.id = %s
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a body is made of. link: the offer's public page with the posting's mark. now: of the transaction."""

    offer: BoardOffer
    company: Company
    link: str
    now: datetime
    moment: Mapping[str, Any]


def read(connection: Connection, posting_id: int, company_id: int, link: str) -> Told | None:
    """None where the offer is gone."""
    offer = offers.of_posting(connection, posting_id)
    if offer is None:
        return None
    [moment] = query(connection, MOMENT, (offer.id,))
    return Told(offer, offers.company(connection, company_id), link, moment["now"], moment)


def published(told: Told) -> bytes:
    """`offer.published`: what docs/webhooks.md lists."""
    offer, company = told.offer, told.company
    description = texts.description(offer)
    data = {
        **_identity(told),
        "description": {"html": description, "text": plain_text(description)},
        "location": texts.line(offer.location) or None,
        "country": texts.country(offer, company) or None,
        "location_type": offer.location_type,
        "remote": offer.location_type == "remote",
        "job_type": offer.job_type,
        "salary": _salary(offer),
        "language": texts.locale_of(offer),
        "apply_url": told.link,
        "published_at": texts.posted(offer) or None,
        "expires_at": texts.instant(offer.expires_at) or None,
    }
    return _event("offer.published", told.now, data)


def closed(told: Told, external_id: str | None, *, expired: bool) -> bytes:
    """`offer.closed`. external_id: what the receiver called the offer when it took it."""
    data = {**_identity(told), "external_id": external_id, "reason": "expired" if expired else "withdrawn"}
    return _event("offer.closed", told.now, data)


def removed(posting_id: int | None, external_id: str, at: datetime) -> bytes:
    """`offer.closed` of a posting that was deleted: its number, and what the receiver called it."""
    data = {"posting_id": posting_id, "external_id": external_id or None, "reason": "withdrawn"}
    return _event("offer.closed", at, data)


def advert(told: Told) -> Advert:
    offer, company = told.offer, told.company
    return Advert(
        title=texts.line(offer.title),
        text=plain_text(texts.description(offer)),
        apply_url=told.link,
        deadline=told.moment["deadline"],
        company_name=texts.line(company.name),
        company_about=plain_text(told.moment["about"] or ""),
        company_website=texts.line(company.website_url),
        company_logo=texts.line(told.moment["logo"]),
    )


def _identity(told: Told) -> dict[str, Any]:
    return {
        "posting_id": told.offer.posting_id,
        "job_id": told.offer.id,
        "title": texts.line(told.offer.title),
        "company": texts.line(told.company.name),
    }


def _salary(offer: BoardOffer) -> dict[str, Any] | None:
    """Per month."""
    if offer.salary_min is None and offer.salary_max is None:
        return None
    return {"min": offer.salary_min, "max": offer.salary_max, "currency": offer.currency, "period": "month"}


def _event(kind: Event, now: datetime, data: Mapping[str, Any]) -> bytes:
    event = {"type": kind, "timestamp": texts.instant(now), "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
