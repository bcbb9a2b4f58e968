"""Being alive: a worker's row, its advisory lock and its heartbeat, on a connection of their own."""

import os
import socket
import threading
from collections.abc import Sequence
from uuid import UUID

import psycopg

from worker.kit.database import Row, connect
from worker.kit.ids import new_id
from worker.kit.locks import lock_number
from worker.kit.logging import get_logger

HEARTBEAT = 2.0

log = get_logger(__name__)


class LockTaken(Exception):
    """Another session holds this worker's lock: it was declared dead meanwhile."""


class WorkerSession:
    """Registers one process (a worker's main process or one child) and keeps it registered.

    The heartbeat renews `workers.expires_at` and nothing else. When the row is gone or the lock cannot be
    retaken, somebody declared this process dead: it registers anew under a new id, and whatever it still runs
    is fenced off by its old lease.
    """

    def __init__(
        self,
        url: str,
        *,
        tasks: Sequence[str],
        queues: Sequence[str],
        lease: int,
        parent_id: UUID | None = None,
    ) -> None:
        self._url = url
        self._tasks = sorted(tasks)
        self._queues = sorted(queues)
        self._lease = lease
        self._parent_id = parent_id
        self._id = new_id()
        self._registered = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name="heartbeat", daemon=True)

    @property
    def id(self) -> UUID:
        """The id under which this process is, or will be, registered."""
        return self._id

    def start(self) -> None:
        self._thread.start()

    def current_id(self, timeout: float = 30.0) -> UUID | None:
        """The registered id, or None when Postgres did not answer within `timeout` seconds."""
        return self._id if self._registered.wait(timeout) else None

    def stop(self) -> None:
        """End the heartbeat and take the row away."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                with connect(self._url, name="intowork-heartbeat") as connection:
                    self._beat(connection)
            except LockTaken:
                self._register_anew()
            except psycopg.Error as error:
                log.warning("heartbeat.lost", error=type(error).__name__)
                self._stopping.wait(0.5)

    def _beat(self, connection: "psycopg.Connection[Row]") -> None:
        self._take_lock(connection)
        if not self._registered.is_set():
            self._register(connection)
            self._registered.set()
        while True:
            renewed = connection.execute(
                "update workers set expires_at = now() + make_interval(secs => %s) where id = %s",
                (self._lease, self._id),
            )
            if not renewed.rowcount:
                raise LockTaken
            if self._stopping.wait(HEARTBEAT):
                connection.execute("delete from workers where id = %s", (self._id,))
                return

    def _take_lock(self, connection: "psycopg.Connection[Row]") -> None:
        taken = connection.execute("select pg_try_advisory_lock(%s) as ok", (lock_number(self._id),)).fetchone()
        if not (taken and taken["ok"]):
            raise LockTaken

    def _register(self, connection: "psycopg.Connection[Row]") -> None:
        connection.execute(
            """
            insert into workers (id, parent_id, host, pid, tasks, queues, lock_number, expires_at)
            values (%s, %s, %s, %s, %s, %s, %s, now() + make_interval(secs => %s))
            on conflict (id) do nothing
            """,
            (
                self._id,
                self._parent_id,
                socket.gethostname(),
                os.getpid(),
                self._tasks,
                self._queues,
                lock_number(self._id),
                self._lease,
            ),
        )

    def _register_anew(self) -> None:
        log.warning("heartbeat.declared_dead", worker=str(self._id))
        self._registered.clear()
        self._id = new_id()


def mark_draining(url: str, main_id: UUID) -> None:
    """Tell the children of a worker that it is leaving: what they claimed and did not begin goes back."""
    with connect(url, name="intowork-drain") as connection:
        connection.execute("update workers set draining = true where parent_id = %s", (main_id,))
