"""Job offers as matching reads them."""

from dataclasses import dataclass
from datetime import datetime

from worker.kit.words import decoded
from worker.services.matching.criteria import label
from worker.services.matching.currencies import offered_currency
from worker.services.matching.normalise import LANGUAGES, sequence
from worker.services.matching.places import Name, area_names, offered_country, offered_words
from worker.services.matching.plain_text import plain_text
from worker.services.matching.stemming import Language

PUBLISHED = "published"
REMOTE = "remote"

SEARCHED_FIELDS = (
    "title",
    "description",
    "requirements",
    "responsibilities",
    "mission_principale",
    "profil_formation",
    "profil_experience",
    "profil_competences",
    "profil_posture",
    "profil_autre",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A row of `jobs` with its number (`visible_no`, None before it was first published).

    Salaries are monthly; `posted_at` is COALESCE(posted_at, created_at); `country` an ISO alpha-2 code,
    `language` fr, en, pt or ar. All fields but the title may hold HTML.
    """

    id: int
    title: str
    number: int | None = None
    company_id: int | None = None
    description: str | None = None
    requirements: str | None = None
    responsibilities: str | None = None
    mission_principale: str | None = None
    profil_formation: str | None = None
    profil_experience: str | None = None
    profil_competences: str | None = None
    profil_posture: str | None = None
    profil_autre: str | None = None
    location: str | None = None
    zone: str | None = None
    country: str | None = None
    location_type: str | None = None
    job_type: str | None = None
    salary_min: int | None = None
    salary_max: int | None = None
    currency: str | None = None
    language: str | None = None
    status: str = PUBLISHED
    posted_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FieldText:
    """One field's tokens in one language, as `normalise.sequence` writes them."""

    field: str
    language: Language
    sequence: str


@dataclass(frozen=True, slots=True)
class PreparedOffer:
    """An offer with everything that matching compares, normalised once.

    `salary_min` and `salary_max` are None where open; `area` holds the names of its country and zone, `country` the
    ISO code when it is known.
    """

    offer: Offer
    texts: tuple[FieldText, ...]
    location: Name
    area: frozenset[Name]
    country: str | None
    job_type: str
    location_type: str
    salary_min: int | None
    salary_max: int | None
    currency: str


def prepare(offer: Offer) -> PreparedOffer:
    country = offered_country(offer.country, offer.location)
    location_type = label(offer.location_type or "")
    return PreparedOffer(
        offer=offer,
        texts=tuple(_texts(offer)),
        location=offered_words(offer.location or "", remote=location_type == REMOTE),
        area=area_names(offer.country, offer.zone, country),
        country=country,
        job_type=label(offer.job_type or ""),
        location_type=location_type,
        salary_min=offer.salary_min or None,
        salary_max=offer.salary_max or None,
        currency=offered_currency(offer.currency, country),
    )


def newest_first(prepared: PreparedOffer) -> tuple[int, float, int]:
    """Sort key: highest number first, offers without number last; then the later posted, then the higher id."""
    offer = prepared.offer
    posted = offer.posted_at.timestamp() if offer.posted_at else float("-inf")
    return (-offer.number if offer.number is not None else 1, -posted, -offer.id)


def _texts(offer: Offer) -> list[FieldText]:
    """Each field in the offer's language; in French and in English when that is neither."""
    language = (offer.language or "").strip().lower()[:2]
    languages = [known for known in LANGUAGES if known == language] or LANGUAGES
    texts = []
    for field in SEARCHED_FIELDS:
        written: str | None = getattr(offer, field)
        if written:
            text = decoded(written) if field == "title" else plain_text(written)
            texts += [FieldText(field, form, found) for form in languages if (found := sequence(text, form))]
    return texts
