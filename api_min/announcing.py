"""Waking the dispatchers after a commit, without a NOTIFY per request."""

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.pq import ExecStatus

from worker.kit.logging import get_logger

log = get_logger(__name__)

QUIET_SECONDS = 0.005
RETRY_SECONDS = 1.0


class Announcer:
    """Sends NOTIFY on channel `task_runs`: at once when the last one is more than 5 ms old, else once at their end.

    A NOTIFY makes commits wait for each other, so a thread with a connection of its own sends them. One that is
    lost costs a quarter of a second: the dispatcher polls.
    """

    def __init__(self, connect: Callable[[], "psycopg.Connection[Any]"]) -> None:
        self._connect = connect
        self._due = threading.Event()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def announce(self) -> None:
        """Something due was committed. Returns at once."""
        if self._thread is None:
            self._start()
        self._due.set()

    def close(self) -> None:
        self._closed = True
        self._due.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _start(self) -> None:
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._closed:
            try:
                with self._connect() as connection:
                    self._send(connection)
            except psycopg.Error as error:
                log.warning("announcer.disconnected", error=type(error).__name__)
                self._due.set()
                time.sleep(RETRY_SECONDS)

    def _send(self, connection: "psycopg.Connection[Any]") -> None:
        while True:
            self._due.wait()
            if self._closed:
                return
            self._due.clear()
            _notify(connection)
            time.sleep(QUIET_SECONDS)


def _notify(connection: "psycopg.Connection[Any]") -> None:
    """Straight through libpq: a cursor would double what an announcement costs."""
    result = connection.pgconn.exec_(b"notify task_runs")
    if result.status != ExecStatus.COMMAND_OK:
        raise psycopg.OperationalError("the announcement was refused")
