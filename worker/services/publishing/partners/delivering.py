"""A posting on the channel `custom`, handed to whatever partner it names."""

from worker.ledger.handlers import Outcome
from worker.ledger.plans import Perform
from worker.services.publishing.keys import Operation
from worker.services.publishing.partners import accounts
from worker.services.publishing.partners.board_plan import BoardPlan
from worker.services.publishing.partners.desk import Desk
from worker.services.publishing.partners.webhook_plan import WebhookPlan
from worker.services.publishing.rows import Posting


def publication(at: Desk, posting: Posting) -> Outcome:
    return _perform(at, posting, "publish")


def withdrawal(at: Desk, posting: Posting, *, expired: bool) -> Outcome:
    return _perform(at, posting, "withdraw", expired=expired)


def _perform(at: Desk, posting: Posting, operation: Operation, *, expired: bool = False) -> Outcome:
    """A partner that is gone is found out, and told of, by the plan."""
    number = posting.account_id
    known = at.apart(lambda connection: accounts.find(connection, number)) if number else None
    if known is not None and known.kind == "myjobmag":
        return Perform(BoardPlan(posting.id, number, operation, at, expired))
    return Perform(WebhookPlan(posting.id, number, operation, at, expired))
