"""Running a broker message: claim, begin, handle, record. What a handler answers or raises decides the rest."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import Database
from worker.kit.errors import LeaseLost, PlatformError
from worker.kit.logging import get_logger
from worker.kit.outages import UNTIL_BACK, is_away, retry_on_outage
from worker.ledger import claim, record, rescue
from worker.ledger.apply import apply_failure, apply_outcome
from worker.ledger.context import Context
from worker.ledger.failure import Failure
from worker.ledger.handlers import BoundTask, Outcome
from worker.ledger.outcomes import Cancel, Done, Park, Recorded, Run, Snooze, Write
from worker.ledger.performer import INSIST, Performer, waiting
from worker.ledger.plans import Perform
from worker.ledger.record import Success

# How old the answer to "is this run still wanted?" may be inside one message, in seconds.
LOOK_EVERY = 0.25
CLAIM_WITHIN = 10.0

log = get_logger(__name__)


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

    @property
    def plain(self) -> bool:
        """Whether only the run itself has to be recorded: no business rows, no parent."""
        return isinstance(self.outcome, Done) and self.run.parent_id is None


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
        failures = self._apply_all(self._handle_all(bound, runs))
        if failures:
            raise RunFailed("; ".join(f"{failure.code}: {failure.message}" for failure in failures[:3]))
        return len(runs)

    def _claim(self, bound: BoundTask, ids: Sequence[UUID], worker: UUID, message: UUID | None) -> list[Run]:
        name = bound.definition.name
        timeout = bound.definition.timeout * len(ids)
        tries = count()

        def take() -> list[Run]:
            before = claim.held(self._database, ids, worker=worker, message=message) if next(tries) else []
            fresh = claim.claim(self._database, name, ids, worker=worker, message=message, timeout=timeout)
            return before + fresh

        return retry_on_outage(take, seconds=CLAIM_WITHIN, outage=UNTIL_BACK)

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
        return waiting(self._database, lambda connection: claim.still_wanted(connection, runs))

    def _give_back(self, run: Run) -> None:
        waiting(self._database, lambda connection: claim.give_back(connection, [run]))

    def _apply_all(self, handled: Sequence[Handled]) -> list[Failure]:
        """Record successes together, the others alone; all alone when the common transaction fails."""
        plain = [each for each in handled if each.plain]
        written = [each for each in handled if isinstance(each.outcome, Write)]
        alone = [each for each in handled if not each.plain and not isinstance(each.outcome, Write)]
        if plain and not self._apply_plain(plain):
            alone += plain
        if len(written) < 2 or not self._apply_together(written):
            alone += written
        return [failure for each in alone if (failure := self._apply(each)) is not None]

    def _apply_plain(self, handled: Sequence[Handled]) -> bool:
        """Whether these results were recorded in one statement; one that cannot be stored spoils it for all."""
        successes = [
            Success(each.run, each.outcome.result, each.ran) for each in handled if isinstance(each.outcome, Done)
        ]
        try:
            retry_on_outage(
                lambda: record.succeed_at_once(self._database, successes), seconds=INSIST, outage=UNTIL_BACK
            )
        except Exception:  # noqa: BLE001 - each run alone tells whose fault it is
            return False
        return True

    def _apply_together(self, handled: Sequence[Handled]) -> bool:
        """Whether the works of all these runs, and their results, went through in one transaction."""

        def work(connection: Connection) -> None:
            record.lock(connection, [each.run for each in handled])
            successes = []
            for each in handled:
                answer = _plain_answer(connection, each.outcome)
                if isinstance(answer, Done):
                    successes.append(Success(each.run, answer.result, each.ran))
                else:
                    apply_outcome(connection, each.run, answer, ran=each.ran)
            record.succeed(connection, successes)

        try:
            waiting(self._database, work)
        except Exception:  # noqa: BLE001 - each run alone tells whose fault it is
            return False
        return True

    def _apply(self, handled: Handled) -> Failure | None:
        try:
            return self._answer(handled)
        except LeaseLost:
            return None
        except Exception as error:  # noqa: BLE001 - a fault while recording is the run's failure
            return self._fail(handled.run, error, handled.ran)

    def _answer(self, handled: Handled) -> Failure | None:
        if isinstance(handled.outcome, Raised):
            return self._fail(handled.run, handled.outcome.error, handled.ran)
        if isinstance(handled.outcome, Perform):
            urgent = self._tasks[handled.run.task].definition.urgent
            return self._performer.perform(handled.run, handled.outcome.plan, urgent=urgent)

        def work(connection: Connection) -> None:
            record.lock(connection, [handled.run])
            answer = _plain_answer(connection, handled.outcome)
            apply_outcome(connection, handled.run, answer, ran=handled.ran)

        waiting(self._database, work)
        return None

    def _fail(self, run: Run, error: Exception, ran: float) -> Failure | None:
        if is_away(error):
            log.warning("run.outage", run=str(run.id), task=run.task, error=type(error).__name__)

        def work(connection: Connection) -> Failure | None:
            if not is_away(error):
                return apply_failure(connection, run, error, ran=ran)
            record.lock(connection, [run])
            rescue.rescue_runs(connection, [{"id": run.id, "lease": run.lease, "worker_id": run.worker_id}])
            return None

        try:
            return waiting(self._database, work)
        except LeaseLost:
            return None


def _plain_answer(connection: Connection, outcome: Outcome | Raised) -> Recorded:
    """What is to be recorded, after the work of a Write was done through `connection`."""
    answer = outcome.work(connection) if isinstance(outcome, Write) else outcome
    if isinstance(answer, Done | Snooze | Cancel | Park):
        return answer
    raise TypeError("a Write answers Done, Snooze, Cancel or Park")
