"""What one worker process holds, whatever carries its messages: its place in the ledger, and its connections."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from worker.kit import connections
from worker.kit.database import Database, raw
from worker.kit.logging import configure_logging, get_logger
from worker.kit.outages import is_outage
from worker.kit.settings import Settings
from worker.ledger import rescue, schedules
from worker.ledger.executor import Executor
from worker.ledger.handlers import BoundTask
from worker.ledger.prepared import PreparedDatabase
from worker.ledger.workers import WorkerSession, mark_draining

CONNECTIONS = 3

log = get_logger(__name__)


class Process:
    """What one worker process holds: its place in the ledger and its connections, made when first needed."""

    def __init__(self, settings: Settings, tasks: Sequence[BoundTask], queues: Sequence[str]) -> None:
        self.settings = settings
        self.queues = queues
        self.tasks = {bound.definition.name: bound for bound in tasks}
        self.database = PreparedDatabase(settings.database_url.plain, name="intowork-worker")
        self.executor = Executor(self.database, self.tasks)
        self.session: WorkerSession | None = None
        self.main_id: UUID | None = None
        self.lost: deque[tuple[UUID, Sequence[UUID], str]] = deque()

    @contextmanager
    def briefly(self) -> Iterator[Connection]:
        """A transaction of the main process, on a connection that does not outlive it.

        A child that is forked later would inherit the socket, and its end would close it for both.
        """
        database = Database(self.settings.database_url.plain, name="intowork-worker-main", pool_size=1)
        try:
            with database.transaction() as connection:
                yield connection
        finally:
            database.close()

    def tick(self) -> None:
        """Beat's only entry. Dispatchers tick as well; either alone is enough."""
        schedules.tick(self.database)

    def on_logging(self, **_: Any) -> None:
        configure_logging(self.settings.log_level)

    def on_main_forks(self, **_: Any) -> None:
        """Fix the main process' identity before children are forked; its heartbeat starts after the fork."""
        self.session = self._new_session(self.queues, parent=None)
        self.main_id = self.session.id

    def on_main_ready(self, **_: Any) -> None:
        if self.session:
            self.session.start()
        self.look_for_room()

    def look_for_room(self) -> None:
        """The main process and each child may hold one connection for the heartbeat and two for work."""
        wanted = CONNECTIONS * (1 + self.settings.worker_concurrency)
        try:
            with self.briefly() as connection:
                connections.warn_when_scarce(raw(connection), wanted)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("connections.uncounted", error=type(error).__name__)

    def on_child_started(self, **_: Any) -> None:
        self.session = self._new_session([], parent=self.main_id)
        self.session.start()

    def on_main_leaving(self, **_: Any) -> None:
        """SIGTERM: runs that the children claimed but did not begin go back."""
        if self.main_id:
            mark_draining(self.settings.direct_url.plain, self.main_id)

    def on_main_left(self, **_: Any) -> None:
        """What this worker had taken and not begun is published again; without Postgres, when it is due."""
        try:
            with self.briefly() as connection:
                rescue.redispatch(connection)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("worker.left_during_outage", error=type(error).__name__)
        finally:
            self.on_end()

    def child_lost(self, message: UUID, ids: Sequence[UUID], cause: str) -> None:
        """The parent saw a child die: its runs are free at once, and so are those it had not claimed yet."""
        self.lost.append((message, ids, cause))
        self.free_lost()

    def free_lost(self) -> None:
        """Free the runs of children that died. In an outage they stay on the list; the next call tries again."""
        while self.lost:
            message, ids, cause = self.lost.popleft()
            try:
                with self.briefly() as connection:
                    freed = rescue.rescue_message(connection, message, ids)
            except Exception as error:
                if not is_outage(error):
                    raise
                self.lost.appendleft((message, ids, cause))
                return
            log.warning("child.lost", message=str(message), freed=freed, cause=cause)

    def on_end(self, **_: Any) -> None:
        if self.session:
            self.session.stop()
        self.database.close()

    def _new_session(self, queues: Sequence[str], parent: UUID | None) -> WorkerSession:
        return WorkerSession(
            self.settings.direct_url.plain,
            tasks=list(self.tasks),
            queues=queues,
            lease=self.settings.lease_seconds,
            parent_id=parent,
        )

    def run(self, task: str, message: UUID, ids: Sequence[UUID]) -> None:
        """Execute the runs that the message names; without a registration in time it is dropped and comes again."""
        worker = self.session.current_id() if self.session else None
        if worker is None:
            log.warning("message.dropped", task=task, reason="not registered")
            return
        self.executor.execute(task, ids, worker=worker, message=message)
