"""A monkey that kills parts of a running stack, in an order that its seed fixes."""

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from sandbox.stack import Stack


class Monkey:
    """Does one fault every `least` to `most` seconds until it is stopped."""

    def __init__(self, stack: Stack, *, seed: int, least: float = 0.8, most: float = 1.8) -> None:
        self._stack = stack
        self._random = random.Random(seed)
        self._pauses = (least, most)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name="monkey")
        self.faults: Counter[str] = Counter()
        self._kinds: list[tuple[int, Callable[[], None]]] = [
            (10, self.kill_child),
            (3, self.kill_worker),
            (4, self.kill_dispatcher),
            (2, self.empty_redis),
            (2, self.restart_postgres),
        ]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _live(self) -> None:
        weights = [weight for weight, _ in self._kinds]
        while not self._stopping.wait(self._random.uniform(*self._pauses)):
            (_, fault) = self._random.choices(self._kinds, weights)[0]
            fault()
            self.faults[fault.__name__] += 1

    def _one_of(self, part: str) -> int:
        return self._random.randrange(self._stack.parts[part])

    def kill_child(self) -> None:
        children = self._stack.pids("worker", self._one_of("worker"))[1:]
        if children:
            with suppress(ProcessLookupError):
                os.kill(self._random.choice(children), signal.SIGKILL)

    def kill_worker(self) -> None:
        """The main process and its children, as a container that is killed."""
        for pid in self._stack.pids("worker", self._one_of("worker")):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill_dispatcher(self) -> None:
        self._stack.kill("dispatcher", self._one_of("dispatcher"))

    def empty_redis(self) -> None:
        self._stack.redis.restart(empty=True)

    def restart_postgres(self) -> None:
        self._stack.postgres.restart("immediate")
