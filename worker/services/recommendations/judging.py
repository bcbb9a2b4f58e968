"""A language model's judgement of one candidate for one offer, as far as it can be had, paid for and borne out.

Everything that prevents one ends in a reason, never in a failed run: the deterministic score is there already.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from worker.contracts.scoring import MORE_ROOM, Judge, Judgement, JudgeRequest, Preparation
from worker.contracts.usage import Declined, Unusable, Usage
from worker.kit.errors import Misconfigured, RateLimited, Retryable, RunError
from worker.kit.logging import get_logger
from worker.kit.settings import Settings
from worker.ledger.handlers import RunContext
from worker.ledger.plans import Limit
from worker.ledger.reads import Admission
from worker.services.ai.budgets import USED_UP
from worker.services.ai.purse import NOTHING, Purse
from worker.services.matching.offers import Offer
from worker.services.recommendations import telling
from worker.services.recommendations.checking import checked
from worker.services.recommendations.personal_data import NOBODY, Identity
from worker.services.recommendations.profiles import CandidateProfile

PROVIDER = "anthropic"
LATER = 60.0

Answer = TypeVar("Answer", bound=Judgement | Preparation)

log = get_logger(__name__)


class Reason(StrEnum):
    """Why there is no judgement."""

    NO_KEY = "no_key"
    BUDGET = "budget"
    BUSY = "busy"
    NOT_ACCEPTED = "not_accepted"
    DECLINED = "declined"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class NotJudged:
    """again_after: seconds after which another try may help; None where it cannot, today."""

    reason: Reason
    again_after: float | None = None


@dataclass(frozen=True, slots=True)
class Judging:
    """One run's way to the judge. judge: None where no key is set. Calls nobody while a transaction is open."""

    context: RunContext
    settings: Settings
    judge: Judge | None

    def score(
        self, profile: CandidateProfile, offer: Offer, locale: str, identity: Identity = NOBODY
    ) -> Judgement | NotJudged:
        """Checked against the texts; its usage is that of every call. identity: never told, left out of the texts."""
        if self.judge is None:
            return NotJudged(Reason.NO_KEY)
        request = telling.request(profile, offer, locale, identity)
        found = self.ask(self.judge.score, self.judge.most, request)
        return found if isinstance(found, NotJudged) else checked(found, request)

    def ask(
        self, ask: Callable[[JudgeRequest], Answer], most: Callable[[JudgeRequest], Usage], request: JudgeRequest
    ) -> Answer | NotJudged:
        """Once, and once more with more room where the answer was cut."""
        first = self._ask(ask, most, request)
        if not (isinstance(first, Unusable) and first.cut):
            return self._told(first)
        second = self._ask(ask, most, replace(request, room=MORE_ROOM))
        if isinstance(second, RunError | NotJudged):
            return self._told(second)
        return replace(second, usage=second.usage + (first.usage or NOTHING))

    def _ask(
        self, ask: Callable[[JudgeRequest], Answer], most: Callable[[JudgeRequest], Usage], request: JudgeRequest
    ) -> Answer | RunError | NotJudged:
        admission = self._admission()
        try:
            wait = admission.enter()
        except Misconfigured:
            return NotJudged(Reason.NOT_ACCEPTED)
        if wait is not None:
            return NotJudged(Reason.BUSY, wait)
        try:
            answer = Purse(self.context, self.settings).pay(most(request), lambda: ask(request))
        except RunError as error:
            return error
        admission.passed()
        return answer

    def _told(self, found: Answer | RunError | NotJudged) -> Answer | NotJudged:
        if not isinstance(found, RunError):
            return found
        log.warning("judge.none", code=found.code, kind=type(found).__name__)
        match found:
            case Misconfigured():
                self._admission().not_accepted(found)
                return NotJudged(Reason.NOT_ACCEPTED)
            case RateLimited():
                self._admission().push_back(found)
                return NotJudged(Reason.BUSY, found.after)
        return _why(found)

    def _admission(self) -> Admission:
        return Admission(self.context, PROVIDER, (Limit(PROVIDER, self.settings.anthropic_rate),))


def _why(error: RunError) -> NotJudged:
    if isinstance(error, Declined):
        return NotJudged(Reason.DECLINED)
    if isinstance(error, Retryable) and not isinstance(error, Unusable):
        return NotJudged(Reason.BUSY, error.after or LATER)
    return NotJudged(Reason.BUDGET if error.code == USED_UP else Reason.UNUSABLE)
