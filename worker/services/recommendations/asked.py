"""What an offer asks for, read once and compared with every candidate."""

import re
from dataclasses import dataclass

from worker.kit.words import decoded
from worker.services.matching.offers import SEARCHED_FIELDS, Offer, PreparedOffer
from worker.services.recommendations.asked_skills import asked_skills
from worker.services.recommendations.degrees import asked_level, asked_subjects
from worker.services.recommendations.durations import asked_months
from worker.services.recommendations.texts import Term, literal, plain_words, term
from worker.services.recommendations.vocabulary.everything import Skill

INTERNSHIP = "internship"
MOST_TITLE_WORDS = 8
FEWEST_WORDS = 5

_WRITTEN = re.compile(r"[^\s,;/()\[\]]+")
# Of a title these name no work.
_NO_WORK = frozenset(
    {
        *("h", "f", "x", "hf", "fh", "m", "w", "d", "poste", "postes", "offre", "offres", "emploi", "job", "jobs"),
        *("recrute", "recherche", "urgent", "cdi", "cdd", "stage", "stages", "stagiaire", "internship", "intern"),
        *("junior", "senior", "confirme", "confirmee", "debutant", "debutante", "experimente", "temps", "plein"),
        *("partiel", "full", "time", "part", "nous", "recrutons", "hiring", "candidat", "candidate", "candidats"),
        *("alternance", "vacancy", "pourvoir", "remote", "teletravail", "n", "no", "ref", "reference", "appel"),
        *("candidature", "candidatures"),
    }
)  # fmt: skip
# These say what somebody does, not in which field.
_ANY_FIELD = frozenset(
    {
        *("chef", "cheffe", "responsable", "assistant", "assistante", "agent", "agente", "charge", "chargee"),
        *("manager", "directeur", "directrice", "technicien", "technicienne", "ingenieur", "ingenieure"),
        *("conseiller", "conseillere", "gestionnaire", "coordinateur", "coordinatrice", "attache", "attachee"),
        *("adjoint", "adjointe", "specialiste", "officer", "engineer", "technician", "specialist", "director"),
        *("head", "lead", "coordinator", "administrator", "consultant", "consultante", "analyste", "analyst"),
        *("expert", "experte", "administrateur", "administratrice", "general", "generale", "superviseur"),
        *("supervisor", "operateur", "operatrice", "operator", "employe", "employee", "cadre", "conducteur"),
        *("conductrice", "projet", "projets", "project", "equipe", "team", "service", "services"),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """title: the words of the title, field: those of them that tell the field of work.

    months: of experience. level: years of study after the baccalauréat, None where no degree is asked for;
    subjects: what is to have been studied. is_too_short: there is too little to compare.
    """

    offer: PreparedOffer
    skills: tuple[Skill, ...]
    soft_skills: tuple[Skill, ...]
    title: tuple[Term, ...]
    field: tuple[Term, ...]
    months: int
    level: int | None
    subjects: tuple[Term, ...]
    is_too_short: bool

    @property
    def work_skills(self) -> tuple[Skill, ...]:
        """The skills that tell something of the work: a language is asked for everywhere."""
        return tuple(skill for skill in self.skills if not skill.is_language)


def read_offer(prepared: PreparedOffer) -> Asked:
    """prepared: with all texts of its offer."""
    offer = prepared.offer
    skills, soft_skills = asked_skills(offer)
    title = _title_words(offer)
    level = asked_level(offer.profil_formation, offer.requirements)
    return Asked(
        offer=prepared,
        skills=skills or tuple(Skill(written, term(word), ()) for word, written in title.items()),
        soft_skills=soft_skills,
        title=tuple(map(term, title)),
        field=tuple(term(word) for word in title if word not in _ANY_FIELD) or tuple(map(term, title)),
        months=asked_months(offer.profil_experience, offer.requirements, internship=prepared.job_type == INTERNSHIP),
        level=level,
        subjects=asked_subjects(offer.profil_formation, offer.requirements),
        is_too_short=not skills and (not title or _usable_words(offer) < FEWEST_WORDS),
    )


def _title_words(offer: Offer) -> dict[str, str]:
    """The words, one of those that differ in number or gender, each with the way the title writes it."""
    found: dict[Term, str] = {}
    for word in plain_words(offer.title):
        if word not in _NO_WORK and not word.isdigit():
            found.setdefault(literal(word), word)
    written = {literal(each): each for each in reversed(_WRITTEN.findall(decoded(offer.title)))}
    return {word: written.get(form, word) for form, word in list(found.items())[:MOST_TITLE_WORDS]}


def _usable_words(offer: Offer) -> int:
    texts: list[str | None] = [getattr(offer, field) for field in SEARCHED_FIELDS]
    return len({word for each in texts if each for word in plain_words(each)} - _NO_WORK)
