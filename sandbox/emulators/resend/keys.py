"""Idempotency keys, kept 24 hours: the same bytes get the first answer again, other bytes a conflict."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from sandbox.emulators.web import Request, Response

KEPT_SECONDS = 24 * 3600.0


class KeyState(Enum):
    NEW = auto()
    RUNNING = auto()
    DONE = auto()
    OTHER_BYTES = auto()


@dataclass(slots=True)
class _Use:
    content: tuple[str, str]
    since: float
    answer: Response | None = None


class Keys:
    """clock: seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._uses: dict[str, _Use] = {}

    def begin(self, key: str, request: Request) -> tuple[KeyState, Response | None]:
        """NEW reserves the key: `finish` or `release` must follow."""
        content = (request.path, request.digest)
        now = self._clock()
        with self._guard:
            self._forget_before(now - KEPT_SECONDS)
            use = self._uses.get(key)
            if use is None:
                self._uses[key] = _Use(content, now)
                return KeyState.NEW, None
        if use.content != content:
            return KeyState.OTHER_BYTES, None
        return (KeyState.DONE, use.answer) if use.answer else (KeyState.RUNNING, None)

    def finish(self, key: str, answer: Response) -> None:
        with self._guard:
            if key in self._uses:
                self._uses[key].answer = answer

    def release(self, key: str) -> None:
        """Nothing was executed: the key is free again."""
        with self._guard:
            self._uses.pop(key, None)

    def _forget_before(self, oldest: float) -> None:
        """Keys are in the order of their first use."""
        while self._uses:
            key = next(iter(self._uses))
            if self._uses[key].since >= oldest:
                return
            del self._uses[key]
