"""A writer that is paid for from the day's budgets."""

from dataclasses import dataclass

from worker.contracts.drafting import DraftRequest, Proposal, Usage, Writer
from worker.kit.errors import RateLimited, Refused, RunError, Unreachable
from worker.kit.settings import Settings
from worker.ledger.handlers import RunContext
from worker.services.ai import budgets
from worker.services.ai.budgets import Reservation

NOTHING = Usage(0, 0)
FREE = frozenset({"provider.configuration", "provider.busy"})


@dataclass(frozen=True, slots=True)
class BudgetedWriter:
    """Asks `writer` within the budgets of the run's company (worker.contracts.drafting.Writer)."""

    writer: Writer
    context: RunContext
    settings: Settings

    def most(self, request: DraftRequest) -> Usage:
        return self.writer.most(request)

    def propose(self, request: DraftRequest) -> Proposal:
        """Also raises Permanent (`ai.budget_used_up`) when the day's budgets do not suffice; nothing is asked then."""
        held = self._reserve(self.writer.most(request))
        try:
            proposal = self.writer.propose(request)
        except RunError as error:
            if _is_free(error):
                self._correct(held, NOTHING)
            raise
        self._correct(held, proposal.usage)
        return proposal

    def _reserve(self, most: Usage) -> Reservation:
        context, settings = self.context, self.settings
        return context.transaction(
            lambda connection: budgets.reserve(connection, context.run.company_id, most, settings)
        )

    def _correct(self, held: Reservation, usage: Usage) -> None:
        context, settings = self.context, self.settings
        context.transaction(lambda connection: budgets.correct(connection, held, usage, settings))


def _is_free(error: RunError) -> bool:
    """Whether nothing was written that has to be paid for."""
    return isinstance(error, (RateLimited, Refused, Unreachable)) or error.code in FREE
