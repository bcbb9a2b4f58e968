"""Waiting for runs to end: one LISTEN connection per process serves every waiting request."""

import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

import psycopg

from worker.kit.logging import get_logger
from worker.ledger.sql import ENDED_CHANNEL

log = get_logger(__name__)

POLL_SECONDS = 1.0
RETRY_SECONDS = 0.5

T = TypeVar("T")


class Ticket:
    """A place among the waiters. Take it before the run is committed, so that no end is missed."""

    def __init__(self, completions: "Completions", run_id: UUID) -> None:
        self._completions = completions
        self._event = threading.Event()
        self.run_id = run_id

    def follow(self, run_id: UUID) -> None:
        """Wait for another run instead: the key was taken."""
        self._completions.move(self, run_id)

    def wake(self) -> None:
        self._event.set()

    def wait(self, look: Callable[[], T | None], *, until: float) -> T | None:
        """What `look` gives once it gives something, or None when the monotonic instant `until` has passed.

        `look` is called at the start (the run may have ended already), after every end that was announced, after
        every new connection and at the end of the time. It must give back its database connection before it returns.
        """
        while True:
            self._event.clear()
            found = look()
            if found is not None:
                return found
            if not self._event.wait(max(until - time.monotonic(), 0.0)):
                return look()


class Completions:
    """Who waits for which run. `capacity`: how many requests may wait at once in this process."""

    def __init__(self, connect: Callable[[], "psycopg.Connection[Any]"], *, capacity: int) -> None:
        self._connect = connect
        self._capacity = capacity
        self._guard = threading.Lock()
        self._waiting: dict[str, set[Ticket]] = defaultdict(set)
        self._count = 0
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def count(self) -> int:
        """How many requests wait now."""
        return self._count

    @contextmanager
    def ticket(self, run_id: UUID) -> Iterator[Ticket | None]:
        """A ticket for a run, or None when too many requests wait already."""
        ticket = self._enter(run_id)
        try:
            yield ticket
        finally:
            if ticket is not None:
                self._leave(ticket)

    def _enter(self, run_id: UUID) -> Ticket | None:
        with self._guard:
            if self._count >= self._capacity:
                return None
            self._count += 1
            ticket = Ticket(self, run_id)
            self._waiting[str(run_id)].add(ticket)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="completions", daemon=True)
                self._thread.start()
            return ticket

    def _leave(self, ticket: Ticket) -> None:
        with self._guard:
            self._count -= 1
            self._remove(ticket)

    def _remove(self, ticket: Ticket) -> None:
        key = str(ticket.run_id)
        self._waiting[key].discard(ticket)
        if not self._waiting[key]:
            del self._waiting[key]

    def move(self, ticket: Ticket, run_id: UUID) -> None:
        with self._guard:
            self._remove(ticket)
            ticket.run_id = run_id
            self._waiting[str(run_id)].add(ticket)

    def close(self) -> None:
        self._closed = True
        if self._thread is not None:
            self._thread.join(timeout=POLL_SECONDS + 1)

    def _run(self) -> None:
        while not self._closed:
            try:
                with self._connect() as connection:
                    self._listen(connection)
            except psycopg.Error as error:
                log.warning("completions.disconnected", error=type(error).__name__)
                time.sleep(RETRY_SECONDS)

    def _listen(self, connection: "psycopg.Connection[Any]") -> None:
        connection.execute(f"listen {ENDED_CHANNEL}".encode())
        self._wake(None)
        while not self._closed:
            for notice in connection.notifies(timeout=POLL_SECONDS):
                self._wake(notice.payload)

    def _wake(self, payload: str | None) -> None:
        """Wake those who wait for the run named in `payload`, or everybody."""
        with self._guard:
            woken = self._waiting.values() if payload is None else [self._waiting.get(payload, set())]
            for ticket in itertools.chain.from_iterable(woken):
                ticket.wake()
