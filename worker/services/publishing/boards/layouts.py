"""The two shapes of XML that boards read: Indeed's and Careerjet's.

Both are complete lists: an offer that is missing is closed for the board.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from worker.kit.logging import get_logger
from worker.services.publishing.boards import texts
from worker.services.publishing.boards.offers import BoardOffer
from worker.services.publishing.careers.addresses import offer_path
from worker.services.publishing.careers.rows import Company
from worker.services.publishing.careers.sharing import mark_of, marked
from worker.services.publishing.careers.structured_data import web_address
from worker.services.publishing.xml_text import HEAD, element

PUBLISHER = "IntoWork"
JOB_TYPES: Mapping[str, str] = {
    "full_time": "fulltime",
    "part_time": "parttime",
    "contract": "contract",
    "temporary": "temporary",
    "internship": "internship",
}
REMOTE_TYPES: Mapping[str, str] = {"remote": "Fully remote", "hybrid": "Hybrid remote"}
CONTRACTS: Mapping[str, str] = {"contract": "Contract", "temporary": "Temporary", "internship": "Training"}
HOURS: Mapping[str, str] = {"full_time": "Full-time", "part_time": "Part-time"}

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Feed:
    """What every offer of a feed shares. platform_url: where career pages are. made_at: aware."""

    company: Company
    platform_url: str
    made_at: datetime

    def address(self, offer: BoardOffer) -> str:
        """The offer's public page, with the posting's mark."""
        path = offer_path(self.company.id, self.company.name, offer.id, offer.title)
        return marked(f"{self.platform_url.rstrip('/')}{path}", mark_of(offer.posting_id))


@dataclass(frozen=True, slots=True)
class Layout:
    """head, job, tail: the document's pieces. name: also of its file. version rises when what is written changes."""

    name: str
    version: int
    head: Callable[[Feed], str]
    job: Callable[[Feed, BoardOffer], Iterator[str]]
    tail: str

    def write(self, feed: Feed, offer: BoardOffer) -> str:
        """One offer; empty, and told in the log, for one that cannot be written: it must not take the others along."""
        try:
            return f"<job>{''.join(self.job(feed, offer))}</job>\n"
        except Exception as error:  # noqa: BLE001 - whatever a row holds, the other offers stay on the board
            log.warning("feed.offer_left_out", job=offer.id, layout=self.name, error=type(error).__name__)
            return ""


def _indeed_head(feed: Feed) -> str:
    members = {
        "publisher": PUBLISHER,
        "publisherurl": feed.platform_url,
        "lastBuildDate": texts.instant(feed.made_at),
    }
    return f"{HEAD}<source>\n{''.join(_elements(members))}\n"


def _indeed(feed: Feed, offer: BoardOffer) -> Iterator[str]:
    city, region = texts.place(offer, feed.company)
    number = str(offer.id)
    yield from _elements(
        {
            "title": texts.line(offer.title),
            "date": texts.posted(offer),
            "referencenumber": number,
            "requisitionid": number,
            "url": feed.address(offer),
            "company": texts.line(feed.company.name),
            "city": city,
            "state": region,
            "country": texts.country(offer, feed.company),
            "description": texts.description(offer),
        }
    )
    yield from _known(
        {
            "sourcename": texts.line(feed.company.name),
            "salary": texts.salary(offer),
            "education": texts.words(offer.profil_formation),
            "jobtype": JOB_TYPES.get(offer.job_type or "", ""),
            "experience": texts.words(offer.profil_experience),
            "remotetype": REMOTE_TYPES.get(offer.location_type or "", ""),
            "expirationdate": texts.instant(offer.expires_at),
            "lastactivitydate": texts.instant(offer.updated_at),
        }
    )


def _careerjet_head(_feed: Feed) -> str:
    return f"{HEAD}<jobs>\n"


def _careerjet(feed: Feed, offer: BoardOffer) -> Iterator[str]:
    address = feed.address(offer)
    yield from _elements({"title": texts.line(offer.title), "url": address})
    yield f"<location>{''.join(_location(feed, offer))}</location>"
    yield from _elements({"company": texts.line(feed.company.name)})
    yield from _known({"company_url": web_address(feed.company.website_url) or ""})
    yield from _elements({"description": texts.description(offer)})
    yield from _known(
        {
            "contract_type": CONTRACTS.get(offer.job_type or "", ""),
            "working_hours": HOURS.get(offer.job_type or "", ""),
            "salary": texts.salary(offer),
        }
    )
    yield from _elements({"job_reference": str(offer.id), "apply_url": address})


def _location(feed: Feed, offer: BoardOffer) -> Iterator[str]:
    city, region = texts.place(offer, feed.company)
    code = texts.country(offer, feed.company)
    name = texts.country_name(code, texts.locale_of(offer))
    yield from _known({"city": city, "region": region, "country": name})


def _elements(members: Mapping[str, str]) -> Iterator[str]:
    return (element(name, value) for name, value in members.items())


def _known(members: Mapping[str, str]) -> Iterator[str]:
    """Those that have a value."""
    return (element(name, value) for name, value in members.items() if value)


INDEED = Layout("indeed", 1, _indeed_head, _indeed, "</source>\n")
CAREERJET = Layout("careerjet", 1, _careerjet_head, _careerjet, "</jobs>\n")
LAYOUTS: Mapping[str, Layout] = {layout.name: layout for layout in (INDEED, CAREERJET)}
