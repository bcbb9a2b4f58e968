"""Running a broker message: claim, begin, handle, record. What a handler answers or raises decides the rest."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import Database, patiently
from worker.kit.errors import LeaseLost, PlatformError
from worker.ledger import claim, record, settle
from worker.ledger.context import Context
from worker.ledger.failure import Failure
from worker.ledger.outcomes import BoundTask, Done, Outcome, Perform, Run, Write
from worker.ledger.performer import INSIST, Performer
from worker.ledger.record import Success

# How old the answer to "is this run still wanted?" may be inside one message, in seconds.
LOOK_EVERY = 0.25
CLAIM_WITHIN = 10.0


class RunFailed(PlatformError):
    """A recorded failure, raised again so that Celery and Flower show it. The ledger has dealt with it."""


@dataclass(frozen=True, slots=True)
class Raised:
    """What a handler raised instead of answering."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Handled:
    """A run with what its handler did; `ran` is in seconds."""

    run: Run
    outcome: Outcome | Raised
    ran: float


class Executor:
    """Runs the tasks it knows, for one worker child at a time."""

    def __init__(self, database: Database, tasks: Mapping[str, BoundTask]) -> None:
        self._database = database
        self._tasks = tasks
        self._performer = Performer(database)

    def execute(self, task: str, ids: Sequence[UUID], *, worker: UUID, message: UUID | None) -> int:
        """Run what is still due among `ids`; returns how many were claimed.

        Raises RunFailed when an attempt failed, after recording it.
        """
        bound = self._tasks[task]
        runs = self._claim(bound, ids, worker, message)
        failures = self._settle_all(self._handle_all(bound, runs))
        if failures:
            raise RunFailed("; ".join(f"{failure.code}: {failure.message}" for failure in failures[:3]))
        return len(runs)

    def _claim(self, bound: BoundTask, ids: Sequence[UUID], worker: UUID, message: UUID | None) -> list[Run]:
        definition = bound.definition
        timeout = definition.timeout * len(ids)

        def work(connection: Connection) -> list[Run]:
            return claim.claim(connection, definition.name, ids, worker=worker, message=message, timeout=timeout)

        return patiently(self._database, work, seconds=CLAIM_WITHIN)

    def _handle_all(self, bound: BoundTask, runs: Sequence[Run]) -> list[Handled]:
        """Handle each run; before each, whether it is still wanted is known at most LOOK_EVERY seconds old."""
        handled: list[Handled] = []
        wanted = {run.id for run in runs}
        looked = time.monotonic()
        for position, run in enumerate(runs):
            if position and time.monotonic() - looked > LOOK_EVERY:
                wanted = self._still_wanted(runs[position:])
                looked = time.monotonic()
            if run.id in wanted:
                handled.append(self._handle(bound, run))
            else:
                self._give_back(run)
        return handled

    def _handle(self, bound: BoundTask, run: Run) -> Handled:
        began = time.monotonic()
        outcome: Outcome | Raised
        try:
            outcome = bound.handler(Context(self._database, run), bound.parse(run.payload))
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is recorded, never lost
            outcome = Raised(error)
        return Handled(run, outcome, time.monotonic() - began)

    def _still_wanted(self, runs: Sequence[Run]) -> set[UUID]:
        return patiently(self._database, lambda connection: claim.still_wanted(connection, runs), seconds=INSIST)

    def _give_back(self, run: Run) -> None:
        patiently(self._database, lambda connection: claim.give_back(connection, [run]), seconds=INSIST)

    def _settle_all(self, handled: Sequence[Handled]) -> list[Failure]:
        """Record successes together, the others alone; all alone when the common transaction fails."""
        together = [each for each in handled if isinstance(each.outcome, Done | Write)]
        alone = [each for each in handled if not isinstance(each.outcome, Done | Write)]
        if len(together) < 2 or not self._settle_together(together):
            alone = list(handled)
        return [failure for each in alone if (failure := self._settle(each)) is not None]

    def _settle_together(self, handled: Sequence[Handled]) -> bool:
        def work(connection: Connection) -> None:
            if any(isinstance(each.outcome, Write) for each in handled):
                record.lock(connection, [each.run for each in handled])
            successes = []
            for each in handled:
                answer = each.outcome.work(connection) if isinstance(each.outcome, Write) else each.outcome
                if isinstance(answer, Done):
                    successes.append(Success(each.run, answer.result, each.ran))
                else:
                    settle.outcome(connection, each.run, answer, ran=each.ran)  # type: ignore[arg-type]
            record.succeed(connection, successes)

        try:
            patiently(self._database, work, seconds=INSIST)
        except Exception:  # noqa: BLE001 - each run alone tells whose fault it is
            return False
        return True

    def _settle(self, handled: Handled) -> Failure | None:
        try:
            return self._answer(handled)
        except LeaseLost:
            return None
        except Exception as error:  # noqa: BLE001 - a fault while recording is the run's failure
            return self._fail(Handled(handled.run, Raised(error), handled.ran))

    def _answer(self, handled: Handled) -> Failure | None:
        match handled.outcome:
            case Raised():
                return self._fail(handled)
            case Perform(plan):
                return self._performer.perform(handled.run, plan)
        patiently(self._database, lambda connection: self._write(connection, handled), seconds=INSIST)
        return None

    def _write(self, connection: Connection, handled: Handled) -> None:
        answer = handled.outcome
        if isinstance(answer, Write):
            record.lock(connection, [handled.run])
            answer = answer.work(connection)
        settle.outcome(connection, handled.run, answer, ran=handled.ran)  # type: ignore[arg-type]

    def _fail(self, handled: Handled) -> Failure | None:
        raised = handled.outcome
        if not isinstance(raised, Raised):
            raise TypeError("only a raised error fails a run")

        def work(connection: Connection) -> Failure | None:
            return settle.failure(connection, handled.run, raised.error, ran=handled.ran)

        try:
            return patiently(self._database, work, seconds=INSIST)
        except LeaseLost:
            return None
