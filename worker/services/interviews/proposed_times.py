"""Starts that a provider itself proposes for those whose calendars were read.

They are a wish, not an answer that anybody waits for: whatever a provider says instead, nothing is missing, no calendar
is unknown, and no account is lost by it. No transaction may be open while it is asked.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.contracts.calendars import MOST_INVITED, PROPOSAL_SECONDS, MeetingWish
from worker.contracts.providers import AUTHORISED, PROPOSALS
from worker.kit.errors import RunError
from worker.kit.logging import get_logger
from worker.services.integrations.credentials import Credential
from worker.services.interviews.busy_times import BusyTimes, BusyTimesReader, Calendar
from worker.services.interviews.suggestions import Slot

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Proposer:
    """An account that may ask, and the addresses it asks about beside its owner's."""

    account: Credential
    invited: tuple[str, ...]

    def starts(
        self, reader: BusyTimesReader, length: timedelta, within: Sequence[Slot], until: float
    ) -> tuple[datetime, ...]:
        """until: time.monotonic; nothing is asked that could take longer."""
        if not within or time.monotonic() + PROPOSAL_SECONDS > until:
            return ()
        wish = MeetingWish(self.invited, length, tuple((each.start, each.end) for each in within))
        provider = AUTHORISED[self.account.provider]
        try:
            # A token that is refused here alone is no lost account: it is neither replaced nor reported.
            token = reader.source(provider).fresh(self.account.id)
            told = reader.calendar(provider).proposals(token.value, wish)
        except RunError as error:
            log.info("interviews.no_proposals", credential=self.account.id, reason=error.code)
            return ()
        if not told.starts:
            log.info("interviews.no_proposals", credential=self.account.id, reason=told.none_because)
        return told.starts


def proposer(calendars: Sequence[Calendar], busy: BusyTimes) -> Proposer | None:
    """The first that may ask, about everybody of whom its provider can know: who was found in calendars of others, or
    connected a work account there.
    """
    unknown = {each.calendar for each in busy.unknown}
    known = [each for each in calendars if each.key not in unknown]
    for own in known:
        if own.account is not None and _may_ask(own.account):
            account = own.account
            others = [each for each in known if each.key != own.key and _is_there(each, account)]
            invited = dict.fromkeys(each.name for each in others if "@" in each.name)
            return Proposer(account, tuple(invited)) if len(invited) <= MOST_INVITED else None
    return None


def _may_ask(account: Credential) -> bool:
    return account.account_kind == "work" and bool(account.scopes & PROPOSALS)


def _is_there(calendar: Calendar, asking: Credential) -> bool:
    known = calendar.account
    return known is None or (known.provider is asking.provider and known.account_kind == "work")
