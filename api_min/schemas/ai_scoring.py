"""Scores of applications and recommendations: requests and answers."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from api_min.errors import NO_APPLICATION
from api_min.schemas.ats import Absent, Loose, LooseQuery, row_id
from worker.kit.ids import LARGEST_ROW_ID

NO_JOB = "Offre introuvable"


class ScoreRequest(Loose):
    application_id: Annotated[int, BeforeValidator(row_id("body.application_id", NO_APPLICATION)), Field(ge=1)]


class ScoreJobRequest(Loose):
    job_id: Annotated[int, BeforeValidator(row_id("body.job_id", NO_JOB)), Field(ge=1)]


class PrepareRequest(ScoreJobRequest):
    """The offer that the interview is about."""


class RecomputeRequest(Loose):
    """A recruiter names one of both, a candidate none."""

    application_id: (
        Annotated[int, BeforeValidator(row_id("body.application_id", NO_APPLICATION)), Field(ge=1)] | Absent
    ) = None
    job_id: Annotated[int, BeforeValidator(row_id("body.job_id", NO_JOB)), Field(ge=1)] | Absent = None


class JobPath(BaseModel):
    job_id: Annotated[int, BeforeValidator(row_id("path.job_id", NO_JOB))]


class ScoredQuery(LooseQuery):
    page: int = Field(1, ge=1, le=LARGEST_ROW_ID)
    limit: int = Field(20, ge=1, le=100)
    sort_by_score: bool = True


class MatchQuery(LooseQuery):
    limit: int = Field(5, ge=1, le=20)


class SkillsMatch(BaseModel):
    """percentage: of the skills that the offer asks for."""

    matched: list[str]
    missing: list[str]
    percentage: float


class Details(BaseModel):
    """In the reader's language. error: why there is nothing to compare. model: who scored."""

    score: float
    strengths: list[str]
    weaknesses: list[str]
    skills_match: SkillsMatch
    experience_match: str
    recommendation: str
    error: str | None = None
    model: str | None = None


class ApplicationScore(BaseModel):
    """computed_at: when the score was computed; asking again changes it only once profile or offer have changed.

    pending: Claude has not answered yet, and its score will take the place of this one.
    """

    success: bool
    application_id: int
    ai_score: float
    ai_score_details: Details
    message: str
    model: str
    computed_at: datetime
    pending: bool


class JobScores(BaseModel):
    """failed_count: applications that could not be compared."""

    success: bool
    job_id: int
    scored_count: int
    failed_count: int
    message: str


class ScoredApplication(BaseModel):
    id: int
    job_id: int
    candidate_id: int
    candidate_name: str
    candidate_email: str
    status: str
    applied_at: datetime | None
    ai_score: float | None
    ai_score_details: dict[str, Any] | None
    ai_analyzed_at: datetime | None
    cv_url: str | None


class ScoredApplications(BaseModel):
    applications: list[ScoredApplication]
    total: int
    page: int
    limit: int
    total_pages: int


class Match(BaseModel):
    job_id: int
    job_title: str
    company_name: str
    location: str | None
    job_type: str | None
    salary_min: int | None
    salary_max: int | None
    currency: str
    match_score: float
    match_reasons: list[str]
    missing_skills: list[str]
    posted_at: datetime | None
    model: str


class Matches(BaseModel):
    """profile_is_empty: there is nothing to compare; `message` says what to do about it."""

    matches: list[Match]
    total_jobs_analyzed: int
    generated_at: datetime
    profile_is_empty: bool
    message: str | None


class Question(BaseModel):
    """category: technical, behavioral, motivation or company."""

    question: str
    tip: str
    category: str


class InterviewPreparation(BaseModel):
    """Four technical questions, three about behaviour, three about motivation, two about the company."""

    job_title: str
    company_name: str
    questions: list[Question]
    general_advice: list[str]
    generated_at: datetime
    model: str


class Recomputed(BaseModel):
    success: bool
    message: str
