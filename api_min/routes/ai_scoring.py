"""Scores of applications, and what is recommended to a candidate."""

from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import ai_scoring
from api_min.actions.ai_scoring import Recommended, Scored
from api_min.actions.runs import AskedRun
from api_min.answers import json_response, run_response
from api_min.auth import access, caller
from api_min.idempotency import given_key
from api_min.request_parsing import applied_wait
from api_min.schemas.ai_scoring import (
    ApplicationScore,
    InterviewPreparation,
    JobPath,
    JobScores,
    Matches,
    MatchQuery,
    PrepareRequest,
    Recomputed,
    RecomputeRequest,
    ScoredApplications,
    ScoredQuery,
    ScoreJobRequest,
    ScoreRequest,
)
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from worker.services.recommendations import words
from worker.services.recommendations.matches import Match

WRITING = (*WITH_BODY, 404, 409)

api = APIBlueprint("ai_scoring", __name__, url_prefix="/api/ai-scoring", abp_security=[{"bearer": []}])


@api.post("/score-application", summary="Score an application", responses={200: ApplicationScore, **problems(*WRITING)})
@access(roles=("employer",))
def score_application(body: ScoreRequest) -> Response:
    """Complete at once: the formula's score where Claude has not answered in time, whose score takes its place later.
    409 for an offer that says too little to be compared.
    """
    return _score(ai_scoring.score_application(caller(), body.application_id, applied_wait(), key=given_key()))


@api.post(
    "/score-job-applications",
    summary="Score an offer's applications",
    responses={200: JobScores, 202: JobScores, **problems(*WRITING)},
)
@access(roles=("employer",))
def score_job_applications(body: ScoreJobRequest) -> Response:
    """Those without a score. 202 with those that were scored so far when not all are in time."""
    return _job(body.job_id, ai_scoring.score_job(caller(), body.job_id, applied_wait(), key=given_key()))


@api.get(
    "/scored-applications/<job_id>",
    summary="An offer's applications with their scores",
    responses={200: ScoredApplications, **problems(*GUARDED, 404, 422)},
)
@access(roles=("employer",))
def list_scored(path: JobPath, query: ScoredQuery) -> Response:
    """The best first and those without a score last; without `sort_by_score` the newest first."""
    offset = (query.page - 1) * query.limit
    found = ai_scoring.list_scored(
        caller(), path.job_id, by_score=query.sort_by_score, limit=query.limit, offset=offset
    )
    return json_response(
        {
            "applications": found.page.rows,
            "total": found.page.total,
            "page": query.page,
            "limit": query.limit,
            "total_pages": -(-found.page.total // query.limit),
        }
    )


@api.get(
    "/candidate/job-matches",
    summary="Recommended to the candidate",
    responses={200: Matches, **problems(*GUARDED, 404, 422)},
)
@access(roles=("candidate",))
def match_jobs(query: MatchQuery) -> Response:
    """Open offers, the best first, with reasons in the reader's language."""
    return _matches(ai_scoring.match_jobs(caller(), query.limit))


@api.post(
    "/interview-prep",
    summary="Questions that prepare for an interview",
    responses={200: InterviewPreparation, **problems(*WRITING)},
)
@access(roles=("candidate",))
def prepare_interview(body: PrepareRequest) -> Response:
    """Complete at once: our own questions where Claude has not answered in time, whose are there next time."""
    found = ai_scoring.prepare_interview(caller(), body.job_id, applied_wait(), key=given_key())
    return json_response(
        {
            "job_title": found.job_title,
            "company_name": found.company_name,
            **found.content,
            "generated_at": found.generated_at,
            "model": found.model,
        }
    )


@api.post(
    "/recompute",
    summary="Compute scores again",
    responses={200: Recomputed, 202: Recomputed, **problems(*WRITING)},
)
@access(roles=("employer", "candidate"))
def recompute(body: RecomputeRequest) -> Response:
    """An application's or an offer's for a recruiter, the recommendations for a candidate."""
    found = ai_scoring.recompute(
        caller(), applied_wait(), application_id=body.application_id, job_id=body.job_id, key=given_key()
    )
    if isinstance(found, Scored):
        return _score(found)
    if body.job_id is not None and caller().role != "candidate":
        return _job(body.job_id, found)
    return run_response(found, {"success": True, "message": "Vos recommandations sont recalculées."})


def _score(scored: Scored) -> Response:
    return json_response(
        {
            "success": True,
            "application_id": scored.application_id,
            "ai_score": scored.kept.score.total,
            "ai_score_details": scored.details,
            "message": "Candidature analysée avec succès",
            "model": scored.kept.score.model,
            "computed_at": scored.kept.computed_at,
            "pending": scored.pending,
        }
    )


def _job(job_id: int, asked: AskedRun) -> Response:
    counts = ai_scoring.counts(asked)
    return run_response(
        asked,
        {
            "success": True,
            "job_id": job_id,
            "scored_count": counts["scored"],
            "failed_count": counts["failed"],
            "message": f"{counts['scored']} candidatures analysées",
        },
    )


def _matches(recommended: Recommended) -> Response:
    found = recommended.found
    return json_response(
        {
            "matches": [_match(each, recommended.locale) for each in found.matches],
            "total_jobs_analyzed": found.looked_at,
            "generated_at": found.generated_at,
            "profile_is_empty": found.is_empty,
            "message": words.empty_profile(recommended.locale) if found.is_empty else None,
        }
    )


def _match(match: Match, locale: str) -> dict[str, Any]:
    offer = match.offer
    return {
        "job_id": offer["id"],
        "job_title": offer["title"],
        **{name: offer[name] for name in ("company_name", "location", "job_type", "salary_min", "salary_max")},
        "currency": offer["currency"] or "XAF",
        "match_score": match.kept.score.total,
        "match_reasons": words.reasons(match.kept, locale),
        "missing_skills": list(match.kept.score.missing),
        "posted_at": offer["posted_at"],
        "model": match.kept.score.model,
    }
