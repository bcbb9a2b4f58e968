"""Candidates and offers for the tests of recommendations."""

from typing import Any

from worker.services.matching.offers import Offer, PreparedOffer, prepare
from worker.services.recommendations.profiles import CandidateProfile, Education, Experience, Skill, SkillKind


def skill(name: str, level: int = 3, kind: SkillKind = SkillKind.TECHNICAL) -> Skill:
    return Skill(name, level, kind)


def skills(*names: str) -> tuple[Skill, ...]:
    return tuple(map(skill, names))


def candidate(**fields: Any) -> CandidateProfile:
    """A Python developer of Libreville with four years of work and a master's degree."""
    usual: dict[str, Any] = {
        "id": 1,
        "title": "Développeuse Python",
        "skills": (*skills("Python", "Django", "Git"), skill("Travail en équipe", kind=SkillKind.SOFT)),
        "experiences": (Experience("Développeuse Python", "Services web en Django", 48),),
        "educations": (Education("Master en génie logiciel", None),),
        "location": "Libreville, Gabon",
        "salary_min": 700_000,
    }
    return CandidateProfile(**usual | fields)


def offer(**fields: Any) -> PreparedOffer:
    """An offer that asks for all that, and for PostgreSQL and English besides."""
    usual: dict[str, Any] = {
        "id": 1,
        "title": "Développeur Python (H/F)",
        "profil_competences": "Python, Django, Git, PostgreSQL. La maîtrise de l’anglais est un atout.",
        "profil_experience": "Trois à cinq ans d’expérience dans un poste comparable.",
        "profil_formation": "Licence en génie logiciel ou équivalent.",
        "profil_posture": "Rigueur et esprit d’équipe.",
        "location": "Libreville",
        "country": "GA",
        "salary_min": 600_000,
        "salary_max": 900_000,
        "currency": "XAF",
        "language": "fr",
        "location_type": "on_site",
        "job_type": "full_time",
    }
    return prepare(Offer(**usual | fields))


def bare_offer(**fields: Any) -> PreparedOffer:
    """An offer with nothing but what is given."""
    usual: dict[str, Any] = {"id": 1, "title": "Offre", "language": "fr"}
    return prepare(Offer(**usual | fields))
