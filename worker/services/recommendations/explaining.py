"""A score in the reader's words: for the employer who looks at an application, and for the candidate himself."""

from collections.abc import Iterator, Mapping
from typing import NotRequired, TypedDict

from worker.kit.localisation import Locale, message, translate
from worker.services.recommendations.scores import MOST_POINTS, Caveat, Part, Score

# Shares of a part's points from which it speaks for somebody, and below which against.
STRONG = 0.8
WEAK = 0.4
EXCELLENT, GOOD, PARTIAL = 75, 50, 30
MOST_NAMED = 6


class SkillsMatch(TypedDict):
    """percentage: of the asked skills, one decimal."""

    matched: list[str]
    missing: list[str]
    percentage: float


class Details(TypedDict):
    """`ai_score_details` of the contract. error: why there is nothing to compare."""

    score: float
    strengths: list[str]
    weaknesses: list[str]
    skills_match: SkillsMatch
    experience_match: str
    recommendation: str
    error: NotRequired[str]


class Match(TypedDict):
    """What a candidate is told of an offer."""

    match_reasons: list[str]
    missing_skills: list[str]


_CAVEATS: Mapping[Caveat, str] = {
    Caveat.EMPTY_PROFILE: message(
        "Le profil ne contient encore ni compétence, ni expérience, ni formation, ni titre : il n’y a rien à comparer."
    ),
    Caveat.OFFER_TOO_SHORT: message(
        "L’offre est trop courte pour être comparée : elle ne nomme ni compétence ni métier. Complétez son texte."
    ),
}
_CAVEATS_FOR_CANDIDATES: Mapping[Caveat, str] = {
    Caveat.EMPTY_PROFILE: message(
        "Complétez votre profil (titre, compétences, expériences, formation ou CV) pour recevoir des recommandations."
    ),
    Caveat.OFFER_TOO_SHORT: message("Cette offre est trop courte pour être comparée à votre profil."),
}

_STRENGTHS: Mapping[Part, str] = {
    Part.EXPERIENCE: message("L’expérience dans le domaine atteint, ou presque, ce que l’offre demande."),
    Part.EDUCATION: message("La formation correspond à ce que l’offre demande."),
    Part.TITLE_AND_SOFT_SKILLS: message("Le titre et les qualités personnelles correspondent à l’offre."),
    Part.LOCATION_AND_SALARY: message("Le lieu et le salaire conviennent."),
}
_WEAKNESSES: Mapping[Part, str] = {
    Part.EXPERIENCE: message("Il y a moins d’expérience dans le domaine que l’offre n’en demande."),
    Part.EDUCATION: message("Le niveau ou la spécialité de la formation s’écarte de ce que l’offre demande."),
    Part.TITLE_AND_SOFT_SKILLS: message("Le titre et les qualités personnelles ont peu en commun avec l’offre."),
    Part.LOCATION_AND_SALARY: message("Le lieu ou le salaire ne convient pas, ou ne peut pas être comparé."),
}
_UNKNOWN: Mapping[Part, str] = {
    Part.SKILLS: message("Le profil ne dit rien des compétences : aucun point pour cette partie."),
    Part.EXPERIENCE: message("Le profil ne dit rien de l’expérience : aucun point pour cette partie."),
    Part.EDUCATION: message("Le profil ne dit rien de la formation : aucun point pour cette partie."),
    Part.TITLE_AND_SOFT_SKILLS: message(
        "Le profil ne donne ni titre ni qualités personnelles : aucun point pour cette partie."
    ),
    Part.LOCATION_AND_SALARY: message(
        "Le profil ne donne ni lieu ni salaire souhaité : aucun point pour cette partie."
    ),
}
_REASONS: Mapping[Part, str] = {
    Part.EXPERIENCE: message("Votre expérience dans le domaine atteint, ou presque, ce que l’offre demande."),
    Part.EDUCATION: message("Votre formation correspond à ce que l’offre demande."),
    Part.TITLE_AND_SOFT_SKILLS: message("Votre titre et vos qualités personnelles correspondent à l’offre."),
    Part.LOCATION_AND_SALARY: message("Le lieu et le salaire vous conviennent."),
}


def details(score: Score, locale: Locale) -> Details:
    """For the employer of the offer."""
    found: Details = {
        "score": score.total,
        "strengths": list(_strengths(score, locale, message("Compétences trouvées dans le profil : %(skills)s."))),
        "weaknesses": list(_weaknesses(score, locale)),
        "skills_match": {
            "matched": list(score.matched),
            "missing": list(score.missing),
            "percentage": percentage(score),
        },
        "experience_match": _experience(score, locale),
        "recommendation": _recommendation(score, locale),
    }
    if score.caveat:
        found["error"] = translate(locale, _CAVEATS[score.caveat])
    return found


def match(score: Score, locale: Locale) -> Match:
    """For the candidate: reasons that speak for the offer; of a score with a caveat, what to do about it."""
    if score.caveat:
        return {"match_reasons": [translate(locale, _CAVEATS_FOR_CANDIDATES[score.caveat])], "missing_skills": []}
    reasons = []
    if score.matched:
        reasons.append(
            translate(locale, message("Vous avez ces compétences : %(skills)s."), skills=_some(score.matched))
        )
    reasons += [translate(locale, text) for part, text in _REASONS.items() if _share(score, part) >= STRONG]
    return {"match_reasons": reasons, "missing_skills": list(score.missing)}


def percentage(score: Score) -> float:
    """How many of the asked skills are there; 0 where none is asked for."""
    asked = len(score.matched) + len(score.missing)
    return round(100 * len(score.matched) / asked, 1) if asked else 0.0


def _strengths(score: Score, locale: Locale, named: str) -> Iterator[str]:
    if score.matched:
        yield translate(locale, named, skills=_some(score.matched))
    for part, text in _STRENGTHS.items():
        if _share(score, part) >= STRONG:
            yield translate(locale, text)


def _weaknesses(score: Score, locale: Locale) -> Iterator[str]:
    if score.caveat:
        return
    if score.missing:
        named = message("Compétences demandées que le profil ne montre pas : %(skills)s.")
        yield translate(locale, named, skills=_some(score.missing))
    for part, text in _WEAKNESSES.items():
        if part not in score.unknown and _share(score, part) < WEAK:
            yield translate(locale, text)
    for part, text in _UNKNOWN.items():
        if part in score.unknown:
            yield translate(locale, text)


def _experience(score: Score, locale: Locale) -> str:
    if score.caveat:
        return translate(locale, _CAVEATS[score.caveat])
    if Part.EXPERIENCE in score.unknown:
        return translate(locale, _UNKNOWN[Part.EXPERIENCE])
    if _share(score, Part.EXPERIENCE) >= STRONG:
        return translate(locale, _STRENGTHS[Part.EXPERIENCE])
    if _share(score, Part.EXPERIENCE) >= WEAK:
        return translate(locale, message("Une partie de l’expérience demandée est là."))
    return translate(locale, _WEAKNESSES[Part.EXPERIENCE])


def _recommendation(score: Score, locale: Locale) -> str:
    if score.caveat:
        return translate(locale, _CAVEATS[score.caveat])
    if score.total >= EXCELLENT:
        return translate(locale, message("Très bonne correspondance : un entretien est recommandé."))
    if score.total >= GOOD:
        return translate(locale, message("Bonne correspondance : le profil mérite une lecture attentive."))
    if score.total >= PARTIAL:
        return translate(locale, message("Correspondance partielle : vérifiez les points qui manquent."))
    return translate(locale, message("Peu de points communs entre ce profil et cette offre."))


def _share(score: Score, part: Part) -> float:
    return score.points[part] / MOST_POINTS[part]


def _some(names: tuple[str, ...]) -> str:
    """The first names, and a sign that there are more."""
    return ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
