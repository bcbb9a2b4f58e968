"""Block variables: HTML of our own that takes the place of one placeholder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.enums import TemplateType
from worker.services.email.environment import environment


@dataclass(frozen=True, slots=True)
class Block:
    """HTML of our own layouts, put in unescaped, and the same as text."""

    html: str
    text: str


def jobs_list(offers: Sequence[Mapping[str, Any]], locale: str) -> Block:
    """`{jobs_list}`. An offer has title, company, facts, salary, posted (texts, may be empty) and url."""
    context = {"offers": offers, "locale": locale, "inset": "0"}
    html, text = (environment().get_template(f"jobs_list.{form}").render(context) for form in ("html", "txt"))
    return Block(html, text.strip())


def sample_blocks(kind: TemplateType, locale: str) -> dict[str, Block]:
    """The blocks of a type with believable offers, for previews and test mails."""
    return (
        {"jobs_list": jobs_list(_SAMPLES.get(locale, _SAMPLES["fr"]), locale)} if kind is TemplateType.JOB_ALERT else {}
    )


_SAMPLES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "fr": (
        {
            "title": "Comptable senior",
            "company": "Okoumé Conseil",
            "facts": "Libreville, Gabon · Hybride · Temps plein",
            "salary": "850 000 – 1 100 000 FCFA par mois",
            "posted": "12 janvier 2027",
            "url": "https://jobs.example.com/offres/1",
        },
        {
            "title": "Contrôleuse ou contrôleur de gestion",
            "company": "Port d’Owendo Services",
            "facts": "Owendo, Gabon · Temps plein",
            "salary": "",
            "posted": "11 janvier 2027",
            "url": "https://jobs.example.com/offres/2",
        },
    ),
    "en": (
        {
            "title": "Senior accountant",
            "company": "Okoumé Conseil",
            "facts": "Libreville, Gabon · Hybrid · Full-time",
            "salary": "850,000 – 1,100,000 FCFA per month",
            "posted": "January 12, 2027",
            "url": "https://jobs.example.com/offres/1",
        },
        {
            "title": "Management accountant",
            "company": "Port d’Owendo Services",
            "facts": "Owendo, Gabon · Full-time",
            "salary": "",
            "posted": "January 11, 2027",
            "url": "https://jobs.example.com/offres/2",
        },
    ),
}
