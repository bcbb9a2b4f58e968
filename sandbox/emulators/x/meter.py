"""What X counts: calls within a quarter of an hour, and prepaid credits, from which posts and reads are taken."""

import threading
import time
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Response
from sandbox.emulators.x.errors import no_credits, unavailable

METER_SWITCHES: Mapping[str, Any] = {
    "credits": None,  # US dollars that are left; None: no end
    "post_price": 0.015,
    "address_price": 0.200,  # of a post with an address
    "read_price": 0.005,  # of each post that is answered
    "window_seconds": 900,
    "window_calls": 100,  # of one operation for one person within the window
}


class Meter:
    """Safe for any number of threads."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._guard = threading.Lock()
        self._spent = 0.0
        self._calls: dict[tuple[str, str], list[float]] = {}

    @property
    def spent(self) -> float:
        return round(self._spent, 6)

    def refusal(self) -> Response | None:
        """Credits may go slightly below nothing, and then all is refused."""
        credits_left = self._switches["credits"]
        return no_credits() if credits_left is not None and self._spent >= float(credits_left) else None

    def spend(self, *, posts: int = 0, with_address: bool = False, reads: int = 0) -> None:
        price = self._switches["address_price" if with_address else "post_price"]
        with self._guard:
            self._spent += posts * float(price) + reads * float(self._switches["read_price"])

    def count(self, operation: str, person: str) -> dict[str, str] | Response:
        """The headers of the answer, or the refusal with them."""
        now, most = time.time(), int(self._switches["window_calls"])
        window = float(self._switches["window_seconds"])
        with self._guard:
            calls = [each for each in self._calls.get((operation, person), []) if each > now - window]
            refused = len(calls) >= most
            self._calls[operation, person] = calls if refused else [*calls, now]
        reset = int((calls[0] if calls else now) + window) + 1
        headers = self.headers(most - len(self._calls[operation, person]), reset)
        if not refused:
            return headers
        response = unavailable(429)
        response.headers |= headers
        return response

    def headers(self, remaining: int, reset: int) -> dict[str, str]:
        return {
            "x-rate-limit-limit": str(self._switches["window_calls"]),
            "x-rate-limit-remaining": str(remaining),
            "x-rate-limit-reset": str(reset),
        }
