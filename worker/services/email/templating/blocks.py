"""Block variables: HTML of our own that takes the place of one placeholder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.enums import TemplateType
from worker.kit.localisation import message, translate
from worker.services.email.templating.environment import fill


@dataclass(frozen=True, slots=True)
class Block:
    """HTML of our own layouts, put in unescaped, and the same as text."""

    html: str
    text: str


def jobs_list(offers: Sequence[Mapping[str, Any]], locale: str) -> Block:
    """`{jobs_list}`. An offer has title, company, facts, salary, posted (texts, may be empty) and url."""
    html, text = (fill(f"jobs_list.{form}", offers=offers, locale=locale, inset="0") for form in ("html", "txt"))
    return Block(html, text.strip())


@dataclass(frozen=True, slots=True)
class Detail:
    """A line of facts. label: with its colon. address: where the value leads, or empty; http and https only."""

    label: str
    value: str
    address: str = ""


def details(lines: Sequence[Detail], note: str = "") -> Block:
    """`{details}`: facts line by line; note: plain text below them, its lines parted by line feeds."""
    html, text = (fill(f"details.{form}", lines=lines, note=note) for form in ("html", "txt"))
    return Block(html, text.strip())


def sample_blocks(kind: TemplateType, locale: str) -> dict[str, Block]:
    """The blocks of a type with believable offers, for previews and test mails."""
    if kind is not TemplateType.JOB_ALERT:
        return {}
    offers = [{name: translate(locale, text) for name, text in offer.items()} for offer in _SAMPLES]
    return {"jobs_list": jobs_list(offers, locale)}


_SAMPLES: Sequence[Mapping[str, str]] = (
    {
        "title": message("Comptable senior"),
        "company": "Okoumé Conseil",
        "facts": message("Libreville, Gabon · Hybride · Temps plein"),
        "salary": message("850 000 – 1 100 000 FCFA par mois"),
        "posted": message("12 janvier 2027"),
        "url": "https://jobs.example.com/offres/1",
    },
    {
        "title": message("Contrôleuse ou contrôleur de gestion"),
        "company": "Port d’Owendo Services",
        "facts": message("Owendo, Gabon · Temps plein"),
        "salary": "",
        "posted": message("11 janvier 2027"),
        "url": "https://jobs.example.com/offres/2",
    },
)
