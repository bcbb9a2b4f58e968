"""What a network says about where an account may post: asked when a recruiter chooses, and kept with the account."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.enums import PostingChannel
from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.contracts.channels import ChannelOff, Target
from worker.kit.errors import RateLimited
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Done, Snooze
from worker.ledger.reads import Admission
from worker.services.publishing import targets
from worker.services.publishing.accounts import Connected
from worker.services.publishing.targets import PERSONAL, Account


@dataclass(frozen=True, slots=True)
class TargetReader:
    context: RunContext
    channel: PostingChannel
    connected: Connected

    def answer(self, account: Account) -> Outcome:
        """A run's result: pages first, then the member's own profile where the grant allows posts there."""
        try:
            found = self.targets(account)
        except RateLimited as error:
            return Snooze(error.after)
        except ScopeMissing as error:
            return Done({"targets": _own(account), "reason": str(error)})
        pages = [{"id": target.id, "name": target.name} for target in found if not target.personal]
        return Done({"targets": [*pages, *_own(account)], "reason": None})

    def targets(self, account: Account) -> Sequence[Target]:
        """Raises as `Network.targets`, and RateLimited while no slot is free."""
        token = self.connected.fresh()
        admission = Admission(self.context, self.connected.rules.provider, self.connected.limits)
        if (wait := admission.enter()) is not None:
            raise RateLimited("The network is asked again in a moment.", after=wait)
        try:
            found = self.connected.network.targets(token.value)
        except AccessRefused as error:
            raise self.connected.source.refused(token) from error
        except ChannelOff as error:
            self.connected.switch_off(self.context, error)
            raise
        admission.passed()
        self.context.transaction(lambda connection: targets.remember(connection, self.channel, account.id, found))
        return found


def _own(account: Account) -> list[dict[str, str]]:
    return [{"id": PERSONAL, "name": account.label}] if account.personal_target else []
