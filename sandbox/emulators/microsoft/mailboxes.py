"""How many calls a mailbox has at one time."""

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator


class Mailboxes:
    """peak: the most that one of them ever had."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._calls: Counter[str] = Counter()
        self.peak = 0

    @contextlib.contextmanager
    def inside(self, mailbox: str) -> Iterator[int]:
        """How many calls are inside, this one too."""
        with self._guard:
            self._calls[mailbox] += 1
            now = self._calls[mailbox]
            self.peak = max(self.peak, now)
        try:
            yield now
        finally:
            with self._guard:
                self._calls[mailbox] -= 1
