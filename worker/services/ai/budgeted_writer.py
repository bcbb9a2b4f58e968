"""A writer that is paid for from the day's budgets."""

from dataclasses import dataclass

from worker.contracts.drafting import DraftRequest, Proposal, Writer
from worker.contracts.usage import Usage
from worker.services.ai.purse import Purse


@dataclass(frozen=True, slots=True)
class BudgetedWriter:
    """Asks `writer` within the budgets of the run's company (worker.contracts.drafting.Writer)."""

    writer: Writer
    purse: Purse

    def most(self, request: DraftRequest) -> Usage:
        return self.writer.most(request)

    def propose(self, request: DraftRequest) -> Proposal:
        """Also raises what `Purse.pay` does."""
        return self.purse.pay(self.writer.most(request), lambda: self.writer.propose(request))
