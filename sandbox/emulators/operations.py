"""A provider's calls by name: counted, slowed down, and broken on demand."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Handler, Request, Response, html_response

FAULTS: Mapping[str, Any] = {
    "only": None,  # the operations that meet faults: a name, a pattern such as "events.*", or a list; None: all
    "drop_before": 0.0,  # nothing is done, the connection breaks
    "drop_after": 0.0,  # it is done, the connection breaks
    "hang_after": 0.0,  # it is done, nothing is said for hang_seconds, then the connection breaks
    "hang_seconds": 30.0,
    "error_5xx": 0.0,  # nothing is done
    "error_5xx_after": 0.0,  # it is done
    "error_status": 503,  # of both
    "html_503": 0.0,  # nothing is done; a proxy's page is the answer
    "rate_limit": 0.0,  # 429
    "retry_after": None,  # seconds in the 429's header; None: no header
    "slow_seconds": 0.0,  # before anything is done
    "slow_p": 1.0,  # share of requests that are slow, when slow_seconds is set
}

_PROXY_PAGE = "<!doctype html><title>503 Service Temporarily Unavailable</title>"

Failure = Callable[[int], Response]


class Operations:
    """Safe for any number of threads. The switches must know `FAULTS`."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._guard = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._statuses: dict[str, Counter[str]] = {}

    def run(self, operation: str, request: Request, work: Handler, failure: Failure) -> Response:
        """One call, with its faults. failure: the provider's body of a 429 or 5xx."""
        with self._guard:
            self._calls[operation] += 1
        response = self._before(operation, failure) or self._after(operation, work(request), failure)
        status = "dropped" if response.dropped else str(int(response.status))
        with self._guard:
            self._statuses.setdefault(operation, Counter())[status] += 1
        return response

    def counts(self) -> dict[str, int]:
        """Calls that arrived, whatever became of them."""
        with self._guard:
            return dict(self._calls)

    def statuses(self) -> dict[str, dict[str, int]]:
        """Answers given, by operation; `dropped` for broken connections."""
        with self._guard:
            return {operation: dict(counter) for operation, counter in self._statuses.items()}

    def meets(self, operation: str) -> bool:
        """Whether `only` lets faults happen to it."""
        only = self._switches["only"]
        patterns = [only] if isinstance(only, str) else only
        return patterns is None or any(fnmatchcase(operation, pattern) for pattern in patterns)

    def hits(self, operation: str, switch: str) -> bool:
        return self.meets(operation) and self._switches.hits(switch)

    def _before(self, operation: str, failure: Failure) -> Response | None:
        if self._switches["slow_seconds"] and self.hits(operation, "slow_p"):
            time.sleep(float(self._switches["slow_seconds"]))
        if self.hits(operation, "drop_before"):
            return Response(dropped=True, note="drop_before")
        if self.hits(operation, "rate_limit"):
            return self._too_many(failure)
        if self.hits(operation, "html_503"):
            return _noted(html_response(_PROXY_PAGE, 503), "html_503")
        if self.hits(operation, "error_5xx"):
            return failure(int(self._switches["error_status"]))
        return None

    def _after(self, operation: str, response: Response, failure: Failure) -> Response:
        """A refusal arrives: only what was done can be lost on the way."""
        if response.status >= 400 or response.dropped:
            return response
        if self.hits(operation, "drop_after"):
            return Response(dropped=True, note="drop_after")
        if self.hits(operation, "hang_after"):
            time.sleep(float(self._switches["hang_seconds"]))
            return Response(dropped=True, note="hang_after")
        if self.hits(operation, "error_5xx_after"):
            return _noted(failure(int(self._switches["error_status"])), "error_5xx_after")
        return response

    def _too_many(self, failure: Failure) -> Response:
        response = failure(429)
        if self._switches["retry_after"] is not None:
            response.headers["Retry-After"] = str(self._switches["retry_after"])
        return response


def _noted(response: Response, note: str) -> Response:
    response.note = note
    return response
