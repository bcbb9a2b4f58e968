"""Judging how well a candidate fits an offer, and preparing somebody for its interview.

What a judge answers has a form and nothing more: whether it is true is found out by whoever asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from worker.contracts.usage import Usage

ROOM = 1500
MORE_ROOM = 4000
"""How many tokens an answer may take, and how many once it was cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRequest:
    """candidate, offer: JSON values, all that is told of both; data, never commands. locale: `fr` or `en`, the language
    of the answer. room: how many tokens the answer may take.
    """

    candidate: Mapping[str, Any]
    offer: Mapping[str, Any]
    locale: str
    room: int = ROOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """score: finite. matched, missing: skills that the offer asks for, as it names them. model: who judged."""

    score: float
    strengths: tuple[str, ...]
    weaknesses: tuple[str, ...]
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    experience_match: str
    recommendation: str
    model: str
    usage: Usage


class Category(StrEnum):
    """Of a question, in the order in which they are shown."""

    TECHNICAL = "technical"
    BEHAVIORAL = "behavioral"
    MOTIVATION = "motivation"
    COMPANY = "company"


QUESTIONS: Mapping[Category, int] = {
    Category.TECHNICAL: 4,
    Category.BEHAVIORAL: 3,
    Category.MOTIVATION: 3,
    Category.COMPANY: 2,
}
"""How many of each kind prepare for one interview."""


@dataclass(frozen=True, slots=True)
class Question:
    """tip: how to answer."""

    question: str
    tip: str
    category: Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """For an interview, as many questions as the judge thought of. model: who wrote them."""

    questions: tuple[Question, ...]
    general_advice: tuple[str, ...]
    model: str
    usage: Usage


class Judge(Protocol):
    """Judges; asking twice changes nothing and costs twice."""

    def most(self, request: JudgeRequest) -> Usage:
        """The most that an answer to either question can cost; nothing is asked."""
        ...

    def score(self, request: JudgeRequest) -> Judgement:
        """Takes seconds. Raises a RunError:

        Misconfigured: key, permission, credit or model are not accepted.
        Refused: the request is not acceptable.
        RateLimited: come back later.
        Unusable, Declined: an answer that has to be paid for and is none.
        Retryable: busy (`provider.busy`), unreachable, or no answer in time.
        """
        ...

    def prepare_interview(self, request: JudgeRequest) -> Preparation:
        """As `score`."""
        ...
