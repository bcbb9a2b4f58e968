"""Scoring one pair: by the formula at once, by a language model where one is set, paid for and answers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from worker.catalogue.recommendations import JudgePair, ScoreApplication
from worker.contracts.cv_files import CvFiles
from worker.contracts.scoring import Judge, Judgement
from worker.kit.localisation import Locale
from worker.kit.settings import Settings
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Cancel, Done, Json, Recorded, Snooze, Write
from worker.services.recommendations import applications, comparing, identities, loading, readers, storing
from worker.services.recommendations.applications import Application
from worker.services.recommendations.cvs.refreshing import fetch_and_extract
from worker.services.recommendations.judging import Judging, NotJudged
from worker.services.recommendations.storing import Kept, Pair

# Somebody else asks: his answer will be ours.
WAIT = 1.0


@dataclass(frozen=True, slots=True)
class Tools:
    """judge: None where no key is set."""

    files: CvFiles
    judge: Judge | None
    settings: Settings


def score_application(context: RunContext, payload: ScoreApplication, tools: Tools) -> Outcome:
    """The application is scored by the formula before a language model is asked."""
    application = context.transaction(lambda connection: applications.find(connection, payload.application_id))
    if application is None:
        return Cancel(f"Application {payload.application_id} is gone.")
    locale = context.transaction(lambda connection: readers.locale_of_asker(connection, context.run.id))
    if context.run.progress is None:
        fetch_and_extract(context, tools.files, application.candidate_id)
        context.step(lambda connection: _score(connection, application, locale, anew=payload.anew))
    return _judge(context, application.pair, locale, tools)


def judge_pair(context: RunContext, payload: JudgePair, tools: Tools) -> Outcome:
    return _judge(context, (payload.candidate_id, payload.job_id), payload.locale, tools)


def _score(connection: Connection, application: Application, locale: Locale, *, anew: bool) -> tuple[None, Json]:
    applications.score(connection, [application], locale, anew=anew)
    return None, {"state": "scored"}


def _judge(context: RunContext, pair: Pair, locale: Locale, tools: Tools) -> Outcome:
    kept = context.transaction(lambda connection: comparing.assess_now(connection, [pair])).get(pair)
    if kept is None or kept.score.caveat is not None or locale in kept.explanations:
        return Write(lambda connection: _done(connection, pair, locale))
    if tools.judge is None:
        return Done({"judged": False, "reason": "no_key"})
    if not context.transaction(lambda connection: _claimed(connection, kept)):
        return Snooze(WAIT)
    return _ask(context, kept, locale, Judging(context, tools.settings, tools.judge))


def _claimed(connection: Connection, kept: Kept) -> bool:
    storing.keep(connection, [kept])
    return storing.claim(connection, kept)


def _ask(context: RunContext, kept: Kept, locale: Locale, judging: Judging) -> Outcome:
    candidate_id, job_id = kept.pair

    def sides(connection: Connection) -> tuple[Any, ...]:
        known, offers = comparing.candidates(connection, [candidate_id]), loading.offers(connection, [job_id])
        return known.get(candidate_id), offers.get(job_id), identities.of_candidate(connection, candidate_id)

    candidate, offer, identity = context.transaction(sides)
    found = judging.score(candidate.profile, offer.prepared.offer, locale, identity)
    if isinstance(found, NotJudged):
        context.transaction(lambda connection: storing.release(connection, kept.pair))
        if found.again_after is not None:
            return Snooze(found.again_after)
        return Done({"judged": False, "reason": found.reason.value})
    return Write(lambda connection: store(connection, kept, found, locale))


def store(connection: Connection, kept: Kept, found: Judgement, locale: Locale) -> Recorded:
    """Put a language model's judgement in the place of what is kept of the pair, and into its applications."""
    applications.hold_pairs(connection, [kept.pair])
    judged = replace(kept, score=_scored(kept, found), explanations={locale: _words(found)})
    if kept.is_judged:
        storing.explain(connection, replace(judged, score=kept.score))
    else:
        storing.judge(connection, judged)
    storing.release(connection, kept.pair)
    return _done(connection, kept.pair, locale)


def _done(connection: Connection, pair: Pair, locale: Locale) -> Recorded:
    """What is stored of a pair is written into its applications."""
    kept = storing.of_pairs(connection, [pair]).get(pair)
    if kept is None:
        return Done({"judged": False})
    applications.write(connection, {each.id: kept for each in applications.of_pair(connection, pair)}, locale)
    return Done({"judged": kept.is_judged, "score": kept.score.total})


def _scored(kept: Kept, found: Judgement) -> Any:
    return replace(kept.score, total=found.score, matched=found.matched, missing=found.missing, model=found.model)


def _words(found: Judgement) -> Mapping[str, Any]:
    return {
        "strengths": list(found.strengths),
        "weaknesses": list(found.weaknesses),
        "experience_match": found.experience_match,
        "recommendation": found.recommendation,
    }
