"""From what a handler answered or raised to the state of its run."""

from pydantic import ValidationError
from sqlalchemy import Connection

from worker.kit.errors import Doubtful, LeaseLost, Misconfigured, NeedsReconnect, Permanent, RateLimited, Retryable
from worker.ledger import record, retry
from worker.ledger.failure import Failure, describe
from worker.ledger.gates import close_gate, park, park_stopped, park_unless_opened
from worker.ledger.outcomes import Cancel, Done, Park, Recorded, Run, Snooze
from worker.ledger.record import Success


def apply_outcome(connection: Connection, run: Run, answer: Recorded, *, ran: float) -> None:
    """Record an answer in the caller's transaction."""
    match answer:
        case Done(result):
            record.succeed(connection, [Success(run, result, ran)])
        case Snooze(seconds, progress):
            if progress is not None:
                record.store_progress(connection, run, progress)
            record.requeue(connection, run, seconds, give_back=True)
        case Cancel(reason):
            record.finish(connection, run, "cancelled", Failure("run.cancelled", reason, 409), ran=ran)
        case Park(gate, version, reason):
            park(connection, run, gate, version, Failure("run.parked", reason, 400))


def apply_failure(connection: Connection, run: Run, error: BaseException, *, ran: float) -> Failure | None:
    """Record a failure in the caller's transaction; None when the run is no longer ours."""
    if isinstance(error, LeaseLost):
        return None
    facts = describe(error, run.task)
    match error:
        case RateLimited():
            record.requeue(connection, run, error.after, failure=facts, give_back=True, ran=ran)
        case NeedsReconnect():
            park_unless_opened(connection, run, error.gate, facts)
        case Misconfigured():
            _misconfigured(connection, run, error, facts, ran=ran)
        case Permanent() | Doubtful() | ValidationError():
            record.finish(connection, run, "failed", facts, ran=ran)
        case _:
            _again_or_over(connection, run, error, facts, ran=ran)
    return facts


def _misconfigured(connection: Connection, run: Run, error: Misconfigured, facts: Failure, *, ran: float) -> None:
    close_gate(connection, run, error.gate, facts.message)
    if error.waits:
        park_stopped(connection, run, error.gate, facts)
    else:
        record.finish(connection, run, "failed", facts, ran=ran)


def _again_or_over(connection: Connection, run: Run, error: BaseException, facts: Failure, *, ran: float) -> None:
    if run.attempt >= run.max_attempts:
        record.finish(connection, run, "failed", facts, ran=ran)
        return
    asked = error.after if isinstance(error, Retryable) else None
    seconds = retry.delay(run.attempt) if asked is None else asked
    record.requeue(connection, run, seconds, failure=facts, ran=ran)
