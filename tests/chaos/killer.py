"""Workers that are killed each second, in turn with all their children and one child alone."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from sandbox.stack import Stack

EVERY = 1.0


@dataclass
class Killer:
    """weather: called after each kill with how many there were, to change what the providers do."""

    stack: Stack
    weather: Callable[[Stack, int], None]
    kills: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._live, name="killer")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _live(self) -> None:
        while not self._stopping.wait(EVERY):
            pids = self.stack.pids("worker", self.kills // 2 % self.stack.parts["worker"])
            for pid in pids if self.kills % 4 == 0 else pids[1:2]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.kills += 1
            self.weather(self.stack, self.kills)
