"""Handlers of the tasks of scores and recommendations."""

from functools import partial

from worker.catalogue import recommendations as catalogue
from worker.ledger.handlers import Handlers, Outcome, RunContext
from worker.ledger.outcomes import Write
from worker.ledger.plans import Perform
from worker.services.recommendations import changes, interview_preparations, nightly, scoring, scoring_many
from worker.services.recommendations.judgement_batches import choosing, collecting
from worker.services.recommendations.judgement_batches.sending import BatchSending
from worker.services.recommendations.scoring import Tools
from worker.wiring import Wiring


def handlers(wiring: Wiring) -> Handlers:
    return {
        catalogue.SCORE_APPLICATION: partial(score_application, wiring),
        catalogue.SCORE_JOB: partial(score_job, wiring),
        catalogue.SCORE_CANDIDATE: partial(score_candidate, wiring),
        catalogue.JUDGE_PAIR: partial(judge_pair, wiring),
        catalogue.PREPARE_INTERVIEW: partial(prepare_interview, wiring),
        catalogue.RUN: run,
        catalogue.SCORE_SHARD: score_shard,
        catalogue.JUDGE_NIGHT: partial(judge_night, wiring),
        catalogue.SEND_JUDGEMENTS: partial(send_judgements, wiring),
        catalogue.COLLECT_JUDGEMENTS: partial(collect_judgements, wiring),
        catalogue.REFRESH: refresh,
    }


def score_application(wiring: Wiring, context: RunContext, payload: catalogue.ScoreApplication) -> Outcome:
    return scoring.score_application(context, payload, _tools(wiring))


def score_job(wiring: Wiring, context: RunContext, payload: catalogue.ScoreJob) -> Outcome:
    return scoring_many.score_job(context, payload, _tools(wiring))


def score_candidate(wiring: Wiring, context: RunContext, payload: catalogue.ScoreCandidate) -> Outcome:
    return scoring_many.score_candidate(context, payload, _tools(wiring))


def judge_pair(wiring: Wiring, context: RunContext, payload: catalogue.JudgePair) -> Outcome:
    return scoring.judge_pair(context, payload, _tools(wiring))


def prepare_interview(wiring: Wiring, context: RunContext, payload: catalogue.PrepareInterview) -> Outcome:
    return interview_preparations.prepare(context, payload, _tools(wiring))


def run(context: RunContext, payload: catalogue.RunNight) -> Outcome:  # noqa: ARG001 - as all handlers
    return nightly.step(context)


def score_shard(context: RunContext, payload: catalogue.ScoreShard) -> Outcome:
    return nightly.score_shard(context, payload)


def judge_night(wiring: Wiring, context: RunContext, payload: catalogue.JudgeNight) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(lambda connection: choosing.make_batches(connection, wiring.settings))


def send_judgements(wiring: Wiring, context: RunContext, payload: catalogue.JudgementBatch) -> Outcome:
    return Perform(BatchSending(payload.batch_id, wiring.batch_judge(), wiring.settings, context))


def collect_judgements(wiring: Wiring, context: RunContext, payload: catalogue.JudgementBatch) -> Outcome:
    return collecting.collect(context, payload.batch_id, wiring.batch_judge(), wiring.settings)


def refresh(context: RunContext, payload: catalogue.Refresh) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(changes.refresh)


def _tools(wiring: Wiring) -> Tools:
    return Tools(wiring.cv_files(), wiring.judge(), wiring.settings)
