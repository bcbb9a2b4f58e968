"""Questions that prepare a candidate for an interview about an offer: a language model's, or our own list's."""

from collections.abc import Iterable
from dataclasses import replace

from worker.contracts.scoring import QUESTIONS, Preparation, Question
from worker.kit.words import decoded, sentence
from worker.services.matching.offers import Offer
from worker.services.recommendations import question_bank, telling
from worker.services.recommendations.judging import Judging, NotJudged
from worker.services.recommendations.personal_data import NOBODY, Identity
from worker.services.recommendations.profiles import CandidateProfile

LONGEST_QUESTION = 300
LONGEST_TIP = 400
MOST_ADVICE = 6
LONGEST_TITLE = 200


def prepare(
    judging: Judging, profile: CandidateProfile, offer: Offer, locale: str, identity: Identity = NOBODY
) -> Preparation:
    """Always four technical questions, three about behaviour, three about motivation and two about the company.

    What could not be had of a language model is filled up from our own list; its `model` is `bank-1` where all is.
    """
    title = sentence(decoded(offer.title), LONGEST_TITLE)
    judge = judging.judge
    if judge is None:
        return question_bank.preparation(title, locale)
    found = judging.ask(judge.prepare_interview, judge.most, telling.request(profile, offer, locale, identity))
    if isinstance(found, NotJudged) or not found.questions:
        return question_bank.preparation(title, locale)
    advice = tuple(each for each in (sentence(text, LONGEST_TIP) for text in found.general_advice) if each)
    return replace(
        found,
        questions=_complete(found.questions, question_bank.questions(title, locale)),
        general_advice=advice[:MOST_ADVICE] or question_bank.advice(locale),
    )


def _complete(written: Iterable[Question], otherwise: Iterable[Question]) -> tuple[Question, ...]:
    """In the order of their kinds; the first of each, ours behind a model's."""
    cleaned = [
        replace(each, question=sentence(each.question, LONGEST_QUESTION), tip=sentence(each.tip, LONGEST_TIP))
        for each in written
    ]
    unique = list({each.question: each for each in (*cleaned, *otherwise) if each.question}.values())
    return tuple(
        each
        for category, count in QUESTIONS.items()
        for each in [asked for asked in unique if asked.category is category][:count]
    )
