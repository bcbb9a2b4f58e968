"""Performing an effect: T1, the call, T2, T3, with no transaction open while the provider is asked."""

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from worker.kit.database import Database, transaction_with_retry
from worker.kit.errors import NotSent, RateLimited, Refused, Retryable, RunError, UnknownOutcome, gate_of
from worker.kit.outages import UNTIL_BACK
from worker.ledger import effect_rows, effects, record
from worker.ledger.apply import apply_failure, apply_outcome
from worker.ledger.failure import Failure, describe
from worker.ledger.gates import open_gate
from worker.ledger.outcomes import Done, Json, Recorded, Run, Snooze
from worker.ledger.plans import Effect, Plan
from worker.ledger.rates import push_back

# Seconds for locks and deadlocks. An outage is waited out: T1 has sent nothing, and what is known after the call must
# not be forgotten.
ASK = 5.0
INSIST = 45.0

T = TypeVar("T")


def waiting(database: Database, work: Callable[[Connection], T], *, seconds: float = INSIST) -> T:
    """Run `work` in a transaction, again until Postgres is back; `seconds` for other passing failures."""
    return transaction_with_retry(database, work, seconds=seconds, outage=UNTIL_BACK)


class Performer:
    """Carries effects through their three commits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def perform(self, run: Run, plan: Plan, *, urgent: bool = False) -> Failure | None:
        """One attempt at the effect; the failure that was recorded, if any. Raises LeaseLost, and what `prepare` does.

        urgent: somebody waits for the run.
        """
        began = time.monotonic()
        try:
            attempt = effects.Attempt(run, plan, plan.prepare(), urgent)
        except Exception as error:  # noqa: BLE001 - whatever it was, an answer on record is applied before it is raised
            return self._without_call(run, plan, error, began)
        step = waiting(self._database, lambda connection: self._intend(connection, attempt), seconds=ASK)
        match step:
            case effects.Answered(effect):
                return self._apply(run, plan, effect, began)
            case effects.Look():
                return self._look(attempt, step, began)
            case effects.Send():
                return self._send(attempt, step, began)
        return None

    def _without_call(self, run: Run, plan: Plan, error: Exception, began: float) -> Failure | None:
        """No call can be made now; what one has answered is applied all the same. Else raises what prevented it."""

        def work(connection: Connection) -> effects.Answered | Recorded | None:
            step = effects.answered(connection, run, plan)
            if step is not None and not isinstance(step, effects.Answered):
                apply_outcome(connection, run, step, ran=0.0)
            return step

        step = waiting(self._database, work, seconds=ASK)
        if step is None:
            raise error
        return self._apply(run, plan, step.effect, began) if isinstance(step, effects.Answered) else None

    def _intend(self, connection: Connection, attempt: effects.Attempt) -> effects.Step:
        step = effects.intend(connection, attempt)
        if not isinstance(step, effects.Answered | effects.Look | effects.Send):
            apply_outcome(connection, attempt.run, step, ran=0.0)
        return step

    def _send(self, attempt: effects.Attempt, step: effects.Send, began: float) -> Failure | None:
        run, plan = attempt.run, attempt.plan
        time.sleep(step.pause)
        try:
            reference = plan.call(step.effect, step.body, attempt.prepared, step.deadline)
        except (RunError, NotSent) as error:
            if step.probes and isinstance(error, Refused):
                self._accepted(plan)
            return self._after_error(run, plan, step.effect, error, began)
        noted = self._note(step.effect, reference)
        if step.probes:
            self._accepted(plan)
        return self._apply(run, plan, noted, began)

    def _accepted(self, plan: Plan) -> None:
        """The provider accepts our configuration again: everybody who waits for that may go on."""
        waiting(self._database, lambda connection: open_gate(connection, gate_of(plan.provider)))

    def _note(self, effect: Effect, reference: Json) -> Effect:
        return waiting(self._database, lambda connection: effect_rows.note_reference(connection, effect, reference))

    def _look(self, attempt: effects.Attempt, step: effects.Look, began: float) -> Failure | None:
        run, effect = attempt.run, step.effect
        try:
            found = step.plan.look_up(effect, attempt.prepared)
        except (Retryable, UnknownOutcome) as error:
            if not step.free:
                raise
            return self._look_later(run, step, error, began)
        if found is not None:
            return self._apply(run, step.plan, self._note(effect, found), began)

        def nothing(connection: Connection) -> None:
            record.lock(connection, [run])
            effect_rows.note_look(connection, effect)
            apply_outcome(connection, run, Snooze(1.0), ran=0.0)

        waiting(self._database, nothing)
        return None

    def _look_later(
        self, run: Run, step: effects.Look, error: Retryable | UnknownOutcome, began: float
    ) -> Failure | None:
        asked = error.after if isinstance(error, Retryable) else None
        seconds = max(step.pause, asked or 0.0)
        facts = describe(error, run.task)

        def work(connection: Connection) -> Failure:
            record.lock(connection, [run])
            ran = time.monotonic() - began
            record.requeue(connection, run, seconds, failure=facts, give_back=True, ran=ran)
            return facts

        return waiting(self._database, work)

    def _apply(self, run: Run, plan: Plan, effect: Effect, began: float) -> Failure | None:
        def third(connection: Connection) -> None:
            record.lock(connection, [run])
            first = effect_rows.mark_applied(connection, effect)
            answer: Recorded = plan.apply(connection, effect) if first else Done({"applied": "by another run"})
            apply_outcome(connection, run, answer, ran=time.monotonic() - began)

        waiting(self._database, third)
        return None

    def _after_error(
        self, run: Run, plan: Plan, effect: Effect, error: RunError | NotSent, began: float
    ) -> Failure | None:
        proven = effects.proves_nothing_sent(error, effect, plan.policy)

        def work(connection: Connection) -> Failure | None:
            record.lock(connection, [run])
            ran = time.monotonic() - began
            if isinstance(error, RateLimited):
                _push_back(connection, plan, error)
            if effect_rows.lock_answered(connection, effect):
                apply_outcome(connection, run, Snooze(0.0), ran=ran)
                return None
            if proven and isinstance(error, Refused):
                return self._refused(connection, run, plan, effect, error, ran)
            if proven and effect_rows.close(connection, run, effect, "cleared") and not effect.fixed:
                plan.cleared(connection, effect)
            return apply_failure(connection, run, _as_run_error(error), ran=ran)

        return waiting(self._database, work)

    def _refused(
        self, connection: Connection, run: Run, plan: Plan, effect: Effect, error: Refused, ran: float
    ) -> Failure | None:
        effect_rows.close(connection, run, effect, "refused")
        answer = plan.refused(connection, effect, error)
        if answer is None:
            return apply_failure(connection, run, error, ran=ran)
        apply_outcome(connection, run, answer, ran=ran)
        return None


def _push_back(connection: Connection, plan: Plan, error: RateLimited) -> None:
    for limit in plan.limits[-1:]:
        push_back(connection, limit, error.after)


def _as_run_error(error: RunError | NotSent) -> RunError:
    if isinstance(error, RunError):
        return error
    return Retryable("The send came too late and was given up before anything left; it is tried again.", after=0.5)
