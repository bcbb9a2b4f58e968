"""Waiting for a user's number of unread notifications to change: one question a second for all who wait here."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from worker.kit.logging import get_logger

log = get_logger(__name__)

LOOK_SECONDS = 1.0
MOST_OF_ONE_USER = 2

# How many are unread, of each of these users.
Look = Callable[[Sequence[int]], Mapping[int, int]]


class Watcher:
    """A place among those who wait. `seen`: the number that its user was told."""

    def __init__(self, user_id: int, seen: int) -> None:
        self.user_id = user_id
        self.seen = seen
        self.found: int | None = None
        self._event = threading.Event()

    def tell(self, count: int) -> None:
        if count != self.seen:
            self.found = count
            self._event.set()

    def stop(self) -> None:
        self._event.set()

    def wait(self, seconds: float) -> int | None:
        """Another number than the one seen, or None when the time has passed. No connection is held meanwhile."""
        self._event.wait(seconds)
        return self.found


class Badges:
    """Who waits for which user's number. `capacity`: how many requests may wait at once in this process.

    The thread that asks lives as long as somebody waits: numbers are counted by an index, whoever changed them.
    """

    def __init__(self, look: Look, *, capacity: int) -> None:
        self._look = look
        self._capacity = capacity
        self._guard = threading.Lock()
        self._watchers: set[Watcher] = set()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    @property
    def count(self) -> int:
        """How many requests wait now."""
        return len(self._watchers)

    @contextmanager
    def watcher(self, user_id: int, seen: int) -> Iterator[Watcher | None]:
        """A place, or None when too many wait already, or this user twice."""
        watcher = self._enter(user_id, seen)
        try:
            yield watcher
        finally:
            if watcher is not None:
                with self._guard:
                    self._watchers.discard(watcher)

    def _enter(self, user_id: int, seen: int) -> Watcher | None:
        with self._guard:
            own = Counter(each.user_id for each in self._watchers)[user_id]
            if self._closed.is_set() or len(self._watchers) >= self._capacity or own >= MOST_OF_ONE_USER:
                return None
            watcher = Watcher(user_id, seen)
            self._watchers.add(watcher)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="badges", daemon=True)
                self._thread.start()
            return watcher

    def close(self) -> None:
        self._closed.set()
        with self._guard:
            thread = self._thread
            for watcher in self._watchers:
                watcher.stop()
        if thread is not None:
            thread.join(timeout=LOOK_SECONDS + 5)

    def _run(self) -> None:
        while not self._closed.wait(LOOK_SECONDS):
            with self._guard:
                if not self._watchers:
                    self._thread = None
                    return
                asked = sorted({each.user_id for each in self._watchers})
            self._tell(self._counted(asked))

    def _counted(self, asked: Sequence[int]) -> Mapping[int, int]:
        """Nothing while Postgres is away: the next look tells."""
        try:
            return self._look(asked)
        except (psycopg.Error, SQLAlchemyError) as error:
            log.warning("badges.unknown", error=type(error).__name__)
            return {}

    def _tell(self, counted: Mapping[int, int]) -> None:
        with self._guard:
            for watcher in self._watchers:
                if watcher.user_id in counted:
                    watcher.tell(counted[watcher.user_id])
