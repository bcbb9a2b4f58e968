"""Career pages for everybody: what a company offers now, one offer, and counting who came by which mark."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from api_min.context import context
from api_min.errors import ApiError, existing
from api_min.limits import check_limit
from worker.kit.logging import get_logger
from worker.kit.settings import Settings
from worker.services.publishing.careers import clicks, rows, sitemaps
from worker.services.publishing.careers.addresses import number_of
from worker.services.publishing.careers.rows import START, Company, Cursor, Offer, OfferLine, OfferList
from worker.services.publishing.careers.sitemaps import Address

log = get_logger(__name__)

NO_PAGE = "There is nothing at this address."
SHOWN = 30
# Beyond this number a page says "more than".
COUNTED = 100
SUGGESTED = 5
MOST_PARTS = 1000
# A reader comes once; whoever wants to raise a figure comes more often.
CLICKS = "30 per minute"
# Pictures, and files that name thousands of addresses: programs that ask for them keep them.
DEAR = "120 per minute"


@dataclass(frozen=True, slots=True)
class CompanyState:
    """What a list of a company is made of. version: of its offers; cursor: where it begins."""

    company: Company
    version: str | None
    cursor: Cursor = START


@dataclass(frozen=True, slots=True)
class CompanyPage:
    state: CompanyState
    listed: OfferList

    @property
    def company(self) -> Company:
        return self.state.company

    @property
    def first(self) -> bool:
        """Whether the list begins with the newest offer."""
        return self.state.cursor == START


@dataclass(frozen=True, slots=True)
class OfferPage:
    """offer: None once it is closed, expired or withdrawn; then `others` are some that are open."""

    company: Company
    offer: Offer | None
    others: Sequence[OfferLine] = ()


@dataclass(frozen=True, slots=True)
class FeedPage:
    state: CompanyState
    offers: Sequence[OfferLine]


def settings() -> Settings:
    return context().settings


def base() -> str:
    """What stands before a path in an absolute address."""
    return context().settings.platform_url.rstrip("/")


def company_state(part: str, behind: str | None = None) -> CompanyState:
    """part: of the address, `12-acme`. behind: the offer after which the list goes on. Raises ApiError 404."""
    company_id = _number(part)
    with context().database.transaction() as connection:
        cursor = _cursor(connection, company_id, behind)
        found = rows.list_state(connection, company_id, cursor, shown=SHOWN, counted=COUNTED)
    return CompanyState(*existing(found, NO_PAGE), cursor)


def company_page(part: str, behind: str | None = None) -> CompanyPage:
    """As `company_state`, with the offers."""
    with context().database.transaction() as connection:
        company = _company(connection, part)
        cursor = _cursor(connection, company.id, behind)
        listed = rows.open_offers(connection, company.id, cursor, shown=SHOWN, counted=COUNTED)
    return CompanyPage(CompanyState(company, listed.version, cursor), listed)


def _company(connection: Connection, part: str) -> Company:
    return existing(rows.find_company(connection, _number(part)), NO_PAGE)


def _cursor(connection: Connection, company_id: int, behind: str | None) -> Cursor:
    job_id = number_of(behind or "")
    return rows.cursor_behind(connection, company_id, job_id) if job_id else START


def offer_page(part: str, offer_part: str) -> OfferPage:
    """Raises ApiError 404 for what was never public at this company."""
    company_id, job_id = _number(part), _number(offer_part)
    with context().database.transaction() as connection:
        offer = rows.find_offer(connection, company_id, job_id)
        if offer is False:
            raise ApiError(404, NO_PAGE)
        company = _company(connection, part)
        if isinstance(offer, Offer):
            return OfferPage(company, offer)
        listed = rows.open_offers(connection, company_id, START, shown=SUGGESTED, counted=SUGGESTED)
        return OfferPage(company, None, listed.offers)


def feed_state(part: str, most: int) -> CompanyState:
    """Raises ApiError 404."""
    company_id = _number(part)
    with context().database.transaction() as connection:
        return CompanyState(*existing(rows.feed_state(connection, company_id, most), NO_PAGE))


def feed(part: str, most: int) -> FeedPage:
    """As `feed_state`, with the offers."""
    with context().database.transaction() as connection:
        company = _company(connection, part)
        listed = rows.newest_offers(connection, company.id, most)
    return FeedPage(CompanyState(company, listed.version), listed.offers)


def sitemap(part: str, number: int, address: str | None) -> Sequence[Address]:
    """number: of the sitemap's part, from 1. Raises ApiError 404 for a company or part without open offers, and 429."""
    if not 0 < number <= MOST_PARTS:
        raise ApiError(404, NO_PAGE)
    check_dear(address)
    with context().database.transaction() as connection:
        company = _company(connection, part)
        found = sitemaps.sitemap(connection, company, number)
    if not found:
        raise ApiError(404, NO_PAGE)
    return found


def all_sitemaps(address: str | None) -> Sequence[Address]:
    """Raises ApiError 429."""
    check_dear(address)
    with context().database.transaction() as connection:
        return sitemaps.all_sitemaps(connection)


def check_dear(address: str | None) -> None:
    """Count what costs more than a page by the network address that asks. Raises ApiError 429."""
    check_limit(DEAR, "career files", str(address))


def count_click(job_id: int, mark: str, agent: str, address: str | None) -> None:
    """Count a reader who came by a mark. A figure never keeps a page from anybody: what goes wrong is noted."""
    if clicks.is_program(agent):
        return
    try:
        check_limit(CLICKS, "career clicks", str(address))
        with context().database.transaction() as connection:
            clicks.count(connection, job_id, mark, context().settings.platform_timezone)
    except ApiError:
        return
    except (psycopg.Error, SQLAlchemyError) as error:
        log.warning("careers.click_lost", error=type(error).__name__)


def _number(part: str) -> int:
    return existing(number_of(part), NO_PAGE)
