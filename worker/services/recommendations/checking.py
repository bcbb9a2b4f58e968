"""A judge's answer held against the texts that it was told: what stands in none of them is not passed on.

matched    what stands in the candidate's texts. A skill claimed in vain is missing where the offer asks for it, and is
           dropped where it does not.
missing    what the offer asks for and the candidate's texts do not name.
reasons    those that name nothing but what the texts name; no strength names a skill that was claimed in vain.
score      0 to 100. It falls by 40 points times the share of skills claimed in vain among all skills that were named,
           and is never above 60 + 40 times the share of matched skills among those that the offer asks for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from worker.contracts.scoring import Judgement, JudgeRequest
from worker.kit.localisation import message, translate
from worker.kit.words import sentence
from worker.services.matching.normalise import fold
from worker.services.recommendations.evidence import Evidence
from worker.services.recommendations.naming import names_nothing_unknown
from worker.services.recommendations.scores import MOST_POINTS, Part

HIGHEST = 100.0
SKILL_POINTS = MOST_POINTS[Part.SKILLS]
MOST_REASONS = 5
MOST_SKILLS = 20
LONGEST_REASON = 300
LONGEST_SKILL = 80
LONGEST_ADVICE = 600

NO_EXPERIENCE_MATCH = message("L’expérience n’a pas pu être résumée à partir du profil.")
NO_RECOMMENDATION = message("À comparer avec l’offre avant de décider.")


def checked(judgement: Judgement, request: JudgeRequest) -> Judgement:
    """The same judgement, as far as the texts bear it."""
    own, asked = Evidence(request.candidate), Evidence(request.offer)
    claimed, missing = _skills(judgement.matched), _skills(judgement.missing)
    in_vain = tuple(skill for skill in claimed if not own.holds(skill))
    matched = tuple(skill for skill in claimed if skill not in in_vain)
    lacking = tuple(skill for skill in _skills((*missing, *in_vain)) if asked.holds(skill) and not own.holds(skill))
    named = len(_skills((*claimed, *missing)))
    score = judgement.score - (SKILL_POINTS * len(in_vain) / named if named else 0.0)
    told = _Told(Evidence(request.candidate, request.offer), in_vain, request.locale)
    return replace(
        judgement,
        score=_bounded(score, [skill for skill in matched if asked.holds(skill)], lacking),
        matched=matched[:MOST_SKILLS],
        missing=lacking[:MOST_SKILLS],
        strengths=told.reasons(judgement.strengths, credit=True),
        weaknesses=told.reasons(judgement.weaknesses, credit=False),
        experience_match=told.one(judgement.experience_match, NO_EXPERIENCE_MATCH),
        recommendation=told.one(judgement.recommendation, NO_RECOMMENDATION),
    )


def _bounded(score: float, matched: Sequence[str], missing: Sequence[str]) -> float:
    asked = len(matched) + len(missing)
    ceiling = HIGHEST - SKILL_POINTS * (len(missing) / asked if asked else 0.0)
    return round(min(max(score, 0.0), ceiling), 1)


class _Told:
    """Reasons against all that was told. in_vain: skills that nobody may be credited with."""

    def __init__(self, known: Evidence, in_vain: Sequence[str], locale: str) -> None:
        self._known = known
        self._claims = in_vain
        self._locale = locale

    def reasons(self, written: Iterable[str], *, credit: bool) -> tuple[str, ...]:
        kept = (_capitalised(each) for each in map(_line, written) if self._is_true(each, credit=credit))
        return tuple(dict.fromkeys(each for each in kept if each))[:MOST_REASONS]

    def one(self, written: str, otherwise: str) -> str:
        text = sentence(written, LONGEST_ADVICE)
        return _capitalised(text) if text and self._is_true(text, credit=True) else translate(self._locale, otherwise)

    def _is_true(self, reason: str, *, credit: bool) -> bool:
        if not names_nothing_unknown(reason, self._known):
            return False
        said = Evidence({"": reason})
        return not any(said.holds(claim) for claim in self._claims if credit or not self._known.holds(claim))


def _line(text: str) -> str:
    return sentence(text, LONGEST_REASON)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _skills(names: Iterable[str]) -> tuple[str, ...]:
    """Each once, the first spelling of it."""
    found: dict[str, str] = {}
    for name in names:
        cleaned = sentence(name, LONGEST_SKILL).strip(" .,;")
        if cleaned:
            found.setdefault(fold(cleaned), cleaned)
    return tuple(found.values())
