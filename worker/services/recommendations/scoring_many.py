"""Scoring all applications for an offer, or all that concerns one candidate: by the formula in steps, the rest in runs
of their own.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy import Connection

from worker.catalogue.recommendations import SCORE_APPLICATION, ScoreApplication, ScoreCandidate, ScoreJob
from worker.kit.database import query
from worker.kit.localisation import DEFAULT_LOCALE
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Done, Json, Recorded, Write
from worker.services.recommendations import applications, readers, recommending, storing
from worker.services.recommendations.applications import Application
from worker.services.recommendations.cvs.outcomes import CvOutcome
from worker.services.recommendations.cvs.refreshing import fetch_and_extract
from worker.services.recommendations.open_offers import open_offer_cache
from worker.services.recommendations.scoring import Tools
from worker.services.recommendations.storing import Kept

AT_ONCE = 100
TODAY = "select current_date as day"


def score_job(context: RunContext, payload: ScoreJob, tools: Tools) -> Outcome:
    """The applications for an offer that the payload names.

    Its progress is its result so far, and the last application that was dealt with.
    """
    locale = context.transaction(lambda connection: readers.locale_of_asker(connection, context.run.id))
    done: Json = context.run.progress or {"after": 0, "scored": 0, "failed": 0}
    more = True
    while more:
        more, done = context.step(partial(_step, payload=payload, done=done, locale=locale, tools=tools))
    return Done({"scored": done["scored"], "failed": done["failed"]})


def _step(
    connection: Connection, payload: ScoreJob, done: Json, locale: str, tools: Tools
) -> tuple[tuple[bool, Json], Json]:
    found = applications.of_offer(
        connection,
        payload.job_id,
        after=done["after"],
        limit=AT_ONCE,
        with_score=None if payload.anew else payload.changed,
        only_undecided=payload.changed,
    )
    judged = judged_before(connection, found) if payload.changed else found
    scores = applications.score(connection, found, locale, anew=payload.anew)
    scored = sum(applications.is_valid(kept) for kept in scores.values())
    enqueue_judging(connection, judged, scores, is_judging=tools.judge is not None, once=payload.changed)
    progress = {
        "after": found[-1].id if found else done["after"],
        "scored": done["scored"] + scored,
        "failed": done["failed"] + len(found) - scored,
    }
    return (len(found) == AT_ONCE, progress), progress


def enqueue_judging(
    connection: Connection,
    found: Sequence[Application],
    scores: Mapping[int, Kept],
    *,
    is_judging: bool,
    once: bool = False,
) -> None:
    """A run for each application that a language model may score, or whose CV was not read yet.

    once: a day, whoever changes what as often as he likes; what he changes after that is judged at night.
    """
    [today] = query(connection, TODAY)
    runs = [
        NewRun(
            SCORE_APPLICATION.name,
            ScoreApplication(application_id=each.id).model_dump(mode="json"),
            company_id=each.company_id,
            priority=6,
            unique_key=f"judge_again:{each.id}:{today['day']}" if once else None,
        )
        for each in found
        if each.id in scores and _is_worth_more(scores[each.id], is_judging=is_judging)
    ]
    enqueue_all(connection, runs)


def _is_worth_more(kept: Kept, *, is_judging: bool) -> bool:
    if kept.cv is not None and kept.cv["outcome"] == CvOutcome.PENDING:
        return True
    return is_judging and kept.score.caveat is None and not kept.is_judged


def score_candidate(context: RunContext, payload: ScoreCandidate, tools: Tools) -> Outcome:
    """Read the CV, find the best offers, and score the applications that have a score or are undecided.

    Those that a language model had scored are left to it once more.
    """
    fetch_and_extract(context, tools.files, payload.candidate_id)
    offers = context.transaction(open_offer_cache.current)

    def work(connection: Connection) -> Recorded:
        candidates = [payload.candidate_id]
        before = applications.scored(connection, candidates)
        applications.hold(connection, [*before, *applications.undecided(connection, candidates)])
        judged = judged_before(connection, before)
        found = recommending.recommend(connection, candidates, offers)
        undecided = recommending.score_undecided(connection, found, offers)
        scores = applications.score(connection, before, DEFAULT_LOCALE)
        enqueue_judging(connection, judged, scores, is_judging=tools.judge is not None, once=True)
        return Done({"recommended": found.pairs, "applications": undecided})

    return Write(work)


def judged_before(connection: Connection, found: Sequence[Application]) -> list[Application]:
    """Those whose stored score is a language model's."""
    stored = storing.of_pairs(connection, [each.pair for each in found])
    return [each for each in found if each.pair in stored and stored[each.pair].is_judged]
