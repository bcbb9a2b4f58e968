"""Calls at a provider that change nothing: under the same limits and gates as effects, and recorded nowhere."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from worker.kit.errors import Misconfigured, RateLimited, gate_of
from worker.ledger.gates import close_gate, kept_out, open_closed_gate
from worker.ledger.handlers import RunContext
from worker.ledger.plans import Limit
from worker.ledger.rates import SlotRequest, kept_wait, look, push_back, reserve

SLEEP_AT_MOST = 2.0


@dataclass(frozen=True, slots=True)
class Admission:
    """One run's way to a provider. limits: all hold at once, the narrowest last; one at least."""

    context: RunContext
    provider: str
    limits: Sequence[Limit]

    def enter(self) -> float | None:
        """Wait for a slot and take it: None. Else the seconds after which the run comes back for one.

        Raises Misconfigured while the provider does not accept our configuration and another run tries whether it does.
        """
        reason, pause, wait = self.context.transaction(self._ask)
        if reason is not None:
            raise Misconfigured(reason, provider=self.provider)
        if pause is None:
            return wait
        time.sleep(pause)
        return None

    def _ask(self, connection: Connection) -> tuple[str | None, float | None, float]:
        run = self.context.run
        reason = kept_out(connection, run, self.provider)
        if reason is not None:
            return reason, None, 0.0
        status = look(connection, SlotRequest(run.id, self.limits, urgent=False))
        pause = reserve(connection, status, sleep_at_most=SLEEP_AT_MOST)
        return None, pause, kept_wait(connection, run.id)

    def passed(self) -> None:
        """The provider served us: whoever waits for that may go on."""
        self.context.transaction(lambda connection: open_closed_gate(connection, gate_of(self.provider)))

    def not_accepted(self, error: Misconfigured) -> None:
        """The provider does not accept our configuration, and the run does without: the gate closes."""
        self.context.transaction(lambda connection: close_gate(connection, self.context.run, error.gate, str(error)))

    def push_back(self, error: RateLimited) -> None:
        """The provider said that a limit is reached: nobody calls under the narrowest one until then."""
        self.context.transaction(lambda connection: push_back(connection, self.limits[-1], error.after))
