"""Calls per day, which begin anew at 00:00 UTC. Source: LinkedIn, "API rate limiting"."""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.linkedin.errors import Refused, daily_limit
from sandbox.emulators.linkedin.rights import Holder
from sandbox.emulators.switches import Switches

DAILY_SWITCHES: Mapping[str, Any] = {
    "daily_per_application": None,  # calls; more are 429 until midnight UTC
    "daily_per_member": None,
}
_DAY = 86_400


class DailyLimits:
    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._guard = threading.Lock()
        self._day = 0
        self._calls: Counter[tuple[str, str]] = Counter()

    def count(self, holder: Holder) -> None:
        """Raises Refused for a call beyond a limit."""
        whose = {"APPLICATION": holder.client, "MEMBER": f"{holder.client} {holder.member.email}"}
        today = int(time.time()) // _DAY
        with self._guard:
            if today != self._day:
                self._day, self._calls = today, Counter()
            for kind, name in whose.items():
                limit = self._switches[f"daily_per_{kind.lower()}"]
                if limit is not None and self._calls[kind, name] >= int(limit):
                    raise Refused(daily_limit(kind))
            self._calls.update(whose.items())
