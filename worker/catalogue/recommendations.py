"""Tasks of scores and recommendations."""

from datetime import datetime

from pydantic import Field

from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.localisation import Locale
from worker.kit.tasks import Payload, TaskDefinition

NIGHT = 20 * 3600


class ScoreApplication(Payload):
    """anew: what is stored is forgotten first."""

    application_id: int = Field(ge=1, le=LARGEST_ROW_ID)
    anew: bool = False


class ScoreJob(Payload):
    """Applications without a score. anew: all, whose scores are forgotten first. changed: those that have a score and
    are undecided, because the offer has changed.
    """

    job_id: int = Field(ge=1, le=LARGEST_ROW_ID)
    anew: bool = False
    changed: bool = False


class ScoreCandidate(Payload):
    candidate_id: int = Field(ge=1, le=LARGEST_ROW_ID)


class JudgePair(Payload):
    """A candidate and an offer, and the language in which the reader wants the reasons."""

    shown = frozenset({"locale"})

    candidate_id: int = Field(ge=1, le=LARGEST_ROW_ID)
    job_id: int = Field(ge=1, le=LARGEST_ROW_ID)
    locale: Locale


class PrepareInterview(JudgePair):
    """As JudgePair."""


class RunNight(Payload):
    """period: the schedule's nominal instant."""

    shown = frozenset({"period"})

    period: datetime


class ScoreShard(Payload):
    """Candidates with first_id <= id <= last_id."""

    first_id: int
    last_id: int


class JudgeNight(Payload):
    """No members."""


class JudgementBatch(Payload):
    batch_id: int = Field(ge=1, le=LARGEST_ROW_ID)


class Refresh(Payload):
    """No members."""


SCORE_APPLICATION = TaskDefinition(
    name="recommendations.score_application",
    payload=ScoreApplication,
    description="Score one application: by the formula at once, by Claude where it is set, paid for and answers.",
    queue="interactive",
    priority=4,
    max_attempts=3,
    timeout=120,
    expires_after=6 * 3600,
    ids_only=True,
)

SCORE_JOB = TaskDefinition(
    name="recommendations.score_job",
    payload=ScoreJob,
    description="Score the applications for one offer by the formula, and have Claude score each in a run of its own.",
    queue="interactive",
    timeout=120,
    expires_after=6 * 3600,
    ids_only=True,
)

SCORE_CANDIDATE = TaskDefinition(
    name="recommendations.score_candidate",
    payload=ScoreCandidate,
    description="Read one candidate's CV, find his best open offers, and score his applications again.",
    queue="default",
    timeout=300,
    expires_after=6 * 3600,
    ids_only=True,
)

JUDGE_PAIR = TaskDefinition(
    name="recommendations.judge_pair",
    payload=JudgePair,
    description="Have Claude score a candidate for an offer, or put its reasons into the reader's language.",
    queue="default",
    priority=6,
    max_attempts=3,
    timeout=120,
    expires_after=6 * 3600,
)

PREPARE_INTERVIEW = TaskDefinition(
    name="recommendations.prepare_interview",
    payload=PrepareInterview,
    description="Have Claude write questions that prepare a candidate for an interview about an offer.",
    queue="interactive",
    max_attempts=3,
    timeout=120,
    expires_after=3600,
)

RUN = TaskDefinition(
    name="recommendations.run",
    payload=RunNight,
    description="Every candidate's best offers and the scores that are behind: shards, counts, ends with them.",
    queue="default",
    priority=6,
    timeout=120,
    expires_after=NIGHT,
)

SCORE_SHARD = TaskDefinition(
    name="recommendations.score_shard",
    payload=ScoreShard,
    description="Compare a range of candidates with all open offers and store the best of each.",
    queue="bulk",
    priority=7,
    timeout=600,
    expires_after=NIGHT,
    ids_only=True,
)

JUDGE_NIGHT = TaskDefinition(
    name="recommendations.judge_night",
    payload=JudgeNight,
    description="Put the undecided applications that Claude has not scored into batches, one per company.",
    queue="default",
    priority=6,
    timeout=120,
    expires_after=NIGHT,
    ids_only=True,
)

SEND_JUDGEMENTS = TaskDefinition(
    name="recommendations.send_judgements",
    payload=JudgementBatch,
    description="Hand one batch of pairs over to Claude, once, within the company's budget.",
    queue="bulk",
    priority=7,
    timeout=120,
    expires_after=NIGHT,
    ids_only=True,
)

COLLECT_JUDGEMENTS = TaskDefinition(
    name="recommendations.collect_judgements",
    payload=JudgementBatch,
    description="Fetch what became of a batch, check it against the texts, and store the scores.",
    queue="bulk",
    priority=7,
    max_attempts=50,
    timeout=120,
    expires_after=2 * 24 * 3600,
    ids_only=True,
)

REFRESH = TaskDefinition(
    name="recommendations.refresh",
    payload=Refresh,
    description="Have the scores computed again of candidates and offers that have changed.",
    queue="upkeep",
    priority=4,
    expires_after=300,
    ids_only=True,
)

TASKS = (
    SCORE_APPLICATION,
    SCORE_JOB,
    SCORE_CANDIDATE,
    JUDGE_PAIR,
    PREPARE_INTERVIEW,
    RUN,
    SCORE_SHARD,
    JUDGE_NIGHT,
    SEND_JUDGEMENTS,
    COLLECT_JUDGEMENTS,
    REFRESH,
)
