"""How often each operation was called, and how many calls a mailbox had at one time."""

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator


class Counters:
    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._open: Counter[str] = Counter()
        self._peak = 0

    def count(self, operation: str) -> None:
        """Calls count as they arrive, whatever becomes of them."""
        with self._guard:
            self._calls[operation] += 1

    @contextlib.contextmanager
    def inside(self, mailbox: str) -> Iterator[int]:
        """How many calls are inside, this one too."""
        with self._guard:
            self._open[mailbox] += 1
            now = self._open[mailbox]
            self._peak = max(self._peak, now)
        try:
            yield now
        finally:
            with self._guard:
                self._open[mailbox] -= 1

    def all(self) -> dict[str, int]:
        """`mailbox.peak` is the largest number of calls that one mailbox ever had at one time."""
        with self._guard:
            return {**self._calls, "mailbox.peak": self._peak}
