"""Collecting what became of a batch: its judgements are checked against the texts and stored, its true cost replaces
the most that it could cost.
"""

from collections.abc import Mapping

from sqlalchemy import Connection

from worker.contracts.judging_batches import BatchAnswer, BatchJudge
from worker.contracts.usage import Usage
from worker.kit.errors import Refused
from worker.kit.localisation import known_locale
from worker.kit.settings import Settings
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Done, Recorded, Snooze, Write
from worker.services.ai import budgets
from worker.services.ai.purse import NOTHING
from worker.services.recommendations import applications, scoring
from worker.services.recommendations.checking import checked
from worker.services.recommendations.judgement_batches import questions, rows
from worker.services.recommendations.judgement_batches.rows import COLLECTED, GIVEN_UP, SENT, Batch

# Most batches end within the hour, all within a day.
POLL = 300.0


def collect(context: RunContext, batch_id: int, judge: BatchJudge, settings: Settings) -> Outcome:
    """Looks once; comes back while the batch is under way."""
    batch = context.transaction(lambda connection: rows.find(connection, batch_id))
    if batch is None or batch.state != SENT or batch.provider_id is None:
        return Done({"state": batch.state if batch else "gone"})
    try:
        answers = judge.collect(batch.provider_id)
    except Refused:
        return Write(lambda connection: _give_up(connection, batch_id))
    if answers is None and not batch.is_overdue:
        return Snooze(POLL)
    if answers is None:
        return Write(lambda connection: _give_up(connection, batch_id))
    return Write(lambda connection: _store(connection, batch_id, answers, settings))


def _give_up(connection: Connection, batch_id: int) -> Recorded:
    """What it could cost stays spent: nobody knows what it did."""
    rows.end(connection, batch_id, GIVEN_UP)
    return Done({"state": GIVEN_UP})


def _store(connection: Connection, batch_id: int, answers: Mapping[str, BatchAnswer], settings: Settings) -> Recorded:
    batch = rows.find(connection, batch_id, lock=True)
    if batch is None or batch.state != SENT:
        return Done({"state": batch.state if batch else "gone"})
    judged = _judge(connection, batch, answers)
    used = _used(answers)
    if batch.reservation is not None and used is not None:
        budgets.correct(connection, batch.reservation, used, settings)
    rows.end(connection, batch_id, COLLECTED)
    return Done({"state": COLLECTED, "pairs": len(batch.pairs), "judged": judged})


def _judge(connection: Connection, batch: Batch, answers: Mapping[str, BatchAnswer]) -> int:
    """How many scores were stored. A pair of which something has changed meanwhile keeps the one it has.

    All are checked, which takes seconds, before the first row of an application is held.
    """
    current = questions.unchanged(connection, batch.pairs)
    asked = questions.requests(connection, list(current))
    found = {}
    for place, pair in enumerate(batch.pairs):
        answer = answers.get(batch.name(place))
        if pair in asked and answer is not None and answer.judgement is not None:
            found[pair] = checked(answer.judgement, asked[pair])
    applications.hold_pairs(connection, [(pair.candidate_id, pair.job_id) for pair in found])
    for pair, judgement in found.items():
        scoring.store(connection, current[pair], judgement, known_locale(pair.locale))
    return len(found)


def _used(answers: Mapping[str, BatchAnswer]) -> Usage | None:
    """None where an answer does not say what it cost."""
    total = NOTHING
    for each in answers.values():
        if each.usage is None:
            return None
        total += each.usage
    return total
