"""Claude judges: one question, one answer of an agreed form."""

import json
import math
from collections.abc import Mapping
from typing import Any

import anthropic

from worker.contracts.scoring import Category, Judgement, JudgeRequest, Preparation, Question
from worker.contracts.usage import Declined, Unusable, Usage
from worker.providers.anthropic import judging_payloads
from worker.providers.anthropic.api import AnthropicApi, usage_of


class AnthropicJudge(AnthropicApi):
    """A `Judge`."""

    def most(self, request: JudgeRequest) -> Usage:
        return judging_payloads.most(request)

    def score(self, request: JudgeRequest) -> Judgement:
        return judgement(self.ask(judging_payloads.score(request)), self.model)

    def prepare_interview(self, request: JudgeRequest) -> Preparation:
        answer, usage = _answer(self.ask(judging_payloads.preparation(request)))
        questions = answer.get("questions")
        found = [_question(each) for each in questions] if isinstance(questions, list) else []
        return Preparation(
            questions=tuple(each for each in found if each is not None),
            general_advice=_texts(answer.get("general_advice")),
            model=self.model,
            usage=usage,
        )


def judgement(message: anthropic.types.Message, model: str) -> Judgement:
    """What a message says about a pair. Raises Unusable and Declined, with what they cost."""
    answer, usage = _answer(message)
    score = answer.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float) or not _is_finite(score):
        raise Unusable("its score is no number", usage=usage)
    return Judgement(
        score=float(score),
        strengths=_texts(answer.get("strengths")),
        weaknesses=_texts(answer.get("weaknesses")),
        matched=_texts(answer.get("matched")),
        missing=_texts(answer.get("missing")),
        experience_match=_text(answer.get("experience_match")),
        recommendation=_text(answer.get("recommendation")),
        model=model,
        usage=usage,
    )


def _answer(message: anthropic.types.Message) -> tuple[Mapping[str, Any], Usage]:
    usage = usage_of(message)
    reason = getattr(message, "stop_reason", None)
    if reason == "refusal":
        raise Declined("Claude does not want to judge this pair.", usage=usage)
    if reason in {"max_tokens", "model_context_window_exceeded"}:
        raise Unusable("it was cut off", usage=usage, cut=reason == "max_tokens")
    try:
        answer = json.loads(_written(message))
    except (ValueError, RecursionError):
        raise Unusable("it is no JSON", usage=usage) from None
    if not isinstance(answer, dict):
        raise Unusable("it does not have the agreed form", usage=usage)
    return answer, usage


def _written(message: anthropic.types.Message) -> str:
    blocks = getattr(message, "content", None)
    texts = [getattr(block, "text", None) for block in blocks] if isinstance(blocks, list) else []
    return "".join(text for text in texts if isinstance(text, str))


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _question(value: Any) -> Question | None:
    if not isinstance(value, dict) or value.get("category") not in {each.value for each in Category}:
        return None
    question, tip = _text(value.get("question")), _text(value.get("tip"))
    return Question(question, tip, Category(value["category"])) if question and tip else None


def _texts(value: Any) -> tuple[str, ...]:
    texts = [_text(each) for each in value] if isinstance(value, list) else []
    return tuple(text for text in texts if text)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
