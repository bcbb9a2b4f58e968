"""A pair's score in words: a language model's where it has put it into the reader's language, else the formula's."""

from collections.abc import Mapping, Sequence
from typing import Any

from worker.kit.localisation import known_locale
from worker.services.recommendations import explaining
from worker.services.recommendations.cvs import notes
from worker.services.recommendations.cvs.outcomes import CvOutcome, CvText
from worker.services.recommendations.scores import Caveat, Score
from worker.services.recommendations.storing import Kept

MOST_REASONS = 5


def details(kept: Kept, locale: str) -> dict[str, Any]:
    """The contract's Details for a recruiter and `model`; what is to be said of the CV is among the weaknesses."""
    reader = known_locale(locale)
    told = {**explaining.details(kept.score, reader), **kept.explanations.get(reader, {})}
    weaknesses = [*told["weaknesses"], *_of_the_cv(kept, locale)]
    return {**told, "score": kept.score.total, "weaknesses": weaknesses, "model": kept.score.model}


def reasons(kept: Kept, locale: str) -> list[str]:
    """Why an offer fits, for the candidate himself: what speaks for it, and never what a recruiter reads."""
    reader = known_locale(locale)
    judged: Sequence[str] = kept.explanations.get(reader, {}).get("strengths", ())
    return list(judged or explaining.match(kept.score, reader)["match_reasons"])[:MOST_REASONS]


def empty_profile(locale: str) -> str:
    """What a candidate may do who tells nothing of himself."""
    nothing = Score(0.0, {}, (), (), frozenset(), Caveat.EMPTY_PROFILE)
    return explaining.match(nothing, known_locale(locale))["match_reasons"][0]


def _of_the_cv(kept: Kept, locale: str) -> list[str]:
    known: Mapping[str, Any] = kept.cv or {"outcome": CvOutcome.READ}
    cv = CvText(None, CvOutcome(known["outcome"]), known.get("hidden_characters", 0))
    return notes.notes(cv, known_locale(locale))
