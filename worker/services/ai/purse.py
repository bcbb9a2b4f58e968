"""Paying a language model's answers from the day's budgets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from worker.contracts.usage import Declined, Unusable, Usage
from worker.kit.errors import Misconfigured, RateLimited, Refused, RunError, Unreachable
from worker.kit.settings import Settings
from worker.ledger.handlers import RunContext
from worker.services.ai import budgets
from worker.services.ai.budgets import Reservation

NOTHING = Usage(0, 0)
BUSY = "provider.busy"


class Paid(Protocol):
    @property
    def usage(self) -> Usage: ...


Answer = TypeVar("Answer", bound=Paid)


@dataclass(frozen=True, slots=True)
class Purse:
    """The budgets of the run's company, and of all.

    A call is paid before it is made; whoever dies meanwhile leaves the most that it can cost behind, which is never
    given back.
    """

    context: RunContext
    settings: Settings

    def pay(self, most: Usage, ask: Callable[[], Answer]) -> Answer:
        """What `ask` answers, or its RunError; Permanent (`ai.budget_used_up`) when the day's budgets do not suffice:
        nothing is asked then.
        """
        held = self._reserve(most)
        try:
            answer = ask()
        except RunError as error:
            cost = _cost(error)
            if cost is not None:
                self._correct(held, cost)
            raise
        self._correct(held, answer.usage)
        return answer

    def _reserve(self, most: Usage) -> Reservation:
        context, settings = self.context, self.settings
        return context.transaction(
            lambda connection: budgets.reserve(connection, context.run.company_id, most, settings)
        )

    def _correct(self, held: Reservation, usage: Usage) -> None:
        self.context.transaction(lambda connection: budgets.correct(connection, held, usage, self.settings))


def _cost(error: RunError) -> Usage | None:
    """What an answer that is none costs; None where nobody knows."""
    if isinstance(error, Unusable | Declined):
        return error.usage
    free = isinstance(error, Misconfigured | RateLimited | Refused | Unreachable) or error.code == BUSY
    return NOTHING if free else None
