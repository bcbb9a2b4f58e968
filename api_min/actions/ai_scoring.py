"""Scores of applications for recruiters of the company, recommendations for the candidate himself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from api_min.actions import profiles
from api_min.actions.runs import AskedRun, run_and_wait
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import NO_APPLICATION, ApiError, existing
from api_min.limits import check_ai_limit, may_ask_ai
from worker.catalogue.recommendations import (
    JUDGE_PAIR,
    PREPARE_INTERVIEW,
    SCORE_APPLICATION,
    SCORE_CANDIDATE,
    SCORE_JOB,
    JudgePair,
    PrepareInterview,
    ScoreApplication,
    ScoreCandidate,
    ScoreJob,
)
from worker.kit.localisation import Locale
from worker.ledger.answers import Key
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.services.recommendations import applications, interview_preparations, matches, readers, scored, words
from worker.services.recommendations.applications import Application
from worker.services.recommendations.cvs.outcomes import CvOutcome
from worker.services.recommendations.interview_preparations import Prepared
from worker.services.recommendations.matches import Matches
from worker.services.recommendations.storing import Kept

NO_JOB = "Offre introuvable"
NOT_YOUR_APPLICATION = "Vous n’avez pas accès à cette candidature."
NO_EMPLOYER = "Profil employeur introuvable"
NO_CANDIDATE = "Profil candidat introuvable"


@dataclass(frozen=True, slots=True)
class Scored:
    """pending: a language model's score may yet take its place."""

    application_id: int
    kept: Kept
    locale: Locale
    pending: bool

    @property
    def details(self) -> dict[str, Any]:
        return words.details(self.kept, self.locale)


@dataclass(frozen=True, slots=True)
class ScoredList:
    page: scored.ScoredPage
    locale: Locale


@dataclass(frozen=True, slots=True)
class Recommended:
    found: Matches
    locale: Locale


def score_application(caller: Caller, application_id: int, seconds: float | None, *, key: Key | None) -> Scored:
    """The stored score while candidate and offer are as they were, else a new one: within `seconds` a language model's,
    else the formula's. Raises ApiError 403, 404, 409 for an offer that says too little, and 429.
    """
    return _scored(caller, application_id, seconds, key, anew=False)


def _scored(caller: Caller, application_id: int, seconds: float | None, key: Key | None, *, anew: bool) -> Scored:
    with context().database.transaction() as connection:
        application = _own_application(connection, caller, application_id)
        found = None if anew else _standing(connection, caller, application)
    if found is not None and not found.pending:
        return found

    def prepare() -> NewRun:
        check_ai_limit(caller.name)
        payload = ScoreApplication(application_id=application_id, anew=anew)
        return NewRun(SCORE_APPLICATION.name, payload.model_dump(mode="json"), company_id=application.company_id)

    asked = run_and_wait(caller, prepare, seconds, key=key)
    with context().database.transaction() as connection:
        application = _own_application(connection, caller, application_id)
        return _assessed(connection, caller, application, pending=not asked.ended)


def _assessed(connection: Connection, caller: Caller, application: Application, *, pending: bool) -> Scored:
    """What is stored by now; what the formula says, which is stored here, where nothing is."""
    locale = readers.locale_of(connection, caller.user_id)
    kept = existing(applications.score(connection, [application], locale).get(application.id), NO_APPLICATION)
    if not applications.is_valid(kept):
        raise ApiError(409, words.details(kept, locale)["error"])
    return Scored(application.id, kept, locale, pending=pending and not _is_settled(kept, locale))


def _standing(connection: Connection, caller: Caller, application: Application) -> Scored | None:
    """The score as it stands, where there is one of what both sides are now."""
    locale = readers.locale_of(connection, caller.user_id)
    kept = applications.standing(connection, application)
    return None if kept is None else Scored(application.id, kept, locale, pending=not _is_settled(kept, locale))


def _is_settled(kept: Kept, locale: Locale) -> bool:
    """Whether asking again would change nothing."""
    if kept.score.caveat is not None:
        return True
    if kept.is_judged or not _judges():
        return (kept.cv or {}).get("outcome") != CvOutcome.PENDING and (
            not kept.is_judged or locale in kept.explanations
        )
    return False


def score_job(caller: Caller, job_id: int, seconds: float | None, *, key: Key | None, anew: bool = False) -> AskedRun:
    """Score the applications for an offer that have no score; `anew`: all. The run tells how many.

    Raises ApiError 404 and 429.
    """

    def prepare() -> NewRun:
        with context().database.transaction() as connection:
            company_id = _own_job(connection, caller, job_id)
        check_ai_limit(caller.name)
        payload = ScoreJob(job_id=job_id, anew=anew)
        return NewRun(SCORE_JOB.name, payload.model_dump(mode="json"), company_id=company_id)

    return run_and_wait(caller, prepare, seconds, key=key)


def list_scored(caller: Caller, job_id: int, *, by_score: bool, limit: int, offset: int) -> ScoredList:
    """Raises ApiError 404."""
    with context().database.transaction() as connection:
        company_id = _own_job(connection, caller, job_id)
        locale = readers.locale_of(connection, caller.user_id)
        page = scored.find(connection, job_id, locale, by_score=by_score, limit=limit, offset=offset)
        _have_worded(connection, page.unworded, locale, company_id)
    return ScoredList(page, locale)


def match_jobs(caller: Caller, limit: int) -> Recommended:
    """The candidate's own. Raises ApiError 404."""
    with context().database.transaction() as connection:
        candidate = _candidate(connection, caller)
        locale = readers.locale_of(connection, caller.user_id)
        found = matches.find(connection, candidate.id, limit=limit)
        unworded = [each.kept for each in found.matches if locale not in each.kept.explanations]
        if _judges() and may_ask_ai(caller.name, len(unworded)):
            _have_worded(connection, unworded, locale, 0)
    return Recommended(found, locale)


def prepare_interview(caller: Caller, job_id: int, seconds: float | None, *, key: Key | None) -> Prepared:
    """What a language model has written, or writes within `seconds`; else our own questions. Raises ApiError 404
    and 429.
    """
    with context().database.transaction() as connection:
        candidate = _candidate(connection, caller)
        locale = readers.locale_of(connection, caller.user_id)
        found = _prepared(connection, candidate.id, job_id, locale)
    if found.is_written or not _judges():
        return found

    def prepare() -> NewRun:
        check_ai_limit(caller.name)
        payload = PrepareInterview(candidate_id=candidate.id, job_id=job_id, locale=locale)
        return NewRun(PREPARE_INTERVIEW.name, payload.model_dump(mode="json"))

    run_and_wait(caller, prepare, seconds, key=key)
    with context().database.transaction() as connection:
        return _prepared(connection, candidate.id, job_id, locale)


def _prepared(connection: Connection, candidate_id: int, job_id: int, locale: Locale) -> Prepared:
    return existing(interview_preparations.find(connection, candidate_id, job_id, locale), NO_JOB)


def recompute(
    caller: Caller,
    seconds: float | None,
    *,
    application_id: int | None = None,
    job_id: int | None = None,
    key: Key | None,
) -> AskedRun | Scored:
    """Compute again, whether anything has changed or not: an application or an offer's, or the candidate's own.

    Raises ApiError 404, 403, 422 and 429.
    """
    if caller.role == "candidate":
        return _recommend_again(caller, seconds, key)
    if application_id is not None and job_id is None:
        return _scored(caller, application_id, seconds, key, anew=True)
    if job_id is not None and application_id is None:
        return score_job(caller, job_id, seconds, key=key, anew=True)
    raise ApiError(422, "Indiquez soit application_id, soit job_id.")


def _recommend_again(caller: Caller, seconds: float | None, key: Key | None) -> AskedRun:
    def prepare() -> NewRun:
        with context().database.transaction() as connection:
            candidate = _candidate(connection, caller)
        check_ai_limit(caller.name)
        return NewRun(SCORE_CANDIDATE.name, ScoreCandidate(candidate_id=candidate.id).model_dump(mode="json"))

    return run_and_wait(caller, prepare, seconds, key=key)


def _have_worded(connection: Connection, unworded: list[Kept], locale: Locale, company_id: int) -> None:
    """A run for each pair that a language model has not scored or worded for this reader, once while it is as it is."""
    runs = [
        NewRun(
            JUDGE_PAIR.name,
            JudgePair(candidate_id=each.candidate_id, job_id=each.job_id, locale=locale).model_dump(mode="json"),
            company_id=company_id,
            unique_key=f"judge:{each.candidate_id}:{each.job_id}:{each.fingerprint}:{locale}",
        )
        for each in unworded
        if locale not in each.explanations
    ]
    if _judges():
        enqueue_all(connection, runs)


def _judges() -> bool:
    """Whether a language model is asked at all."""
    secret = context().settings.anthropic_api_key
    return secret is not None and bool(secret.get_secret_value().strip())


def _own_application(connection: Connection, caller: Caller, application_id: int) -> Application:
    company_id = _company(connection, caller)
    found = existing(applications.find(connection, application_id), NO_APPLICATION)
    if found.company_id != company_id:
        raise ApiError(403, NOT_YOUR_APPLICATION)
    return found


def _own_job(connection: Connection, caller: Caller, job_id: int) -> int:
    company_id = _company(connection, caller)
    if scored.company_of(connection, job_id) != company_id:
        raise ApiError(404, NO_JOB)
    return company_id


def _company(connection: Connection, caller: Caller) -> int:
    """0, which owns nothing, for a recruiter without a company."""
    try:
        return profiles.employer(connection, caller).readable_company
    except ApiError as error:
        raise ApiError(error.status, NO_EMPLOYER) from None


def _candidate(connection: Connection, caller: Caller) -> profiles.Candidate:
    try:
        return profiles.candidate(connection, caller)
    except ApiError as error:
        raise ApiError(error.status, NO_CANDIDATE) from None


def counts(asked: AskedRun) -> Mapping[str, int]:
    """What a run of `score_job` has done so far."""
    told = asked.run.result or asked.run.progress or {}
    return {name: int(told.get(name, 0)) for name in ("scored", "failed")}
