"""`python -m worker.dispatcher`: due rows to the broker, the schedule's tick, rescue. Any number may run."""

import signal
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any

import psycopg
from celery import Celery
from celery.utils import uuid

from celeryconfig import configuration
from worker.catalogue.everything import CATALOGUE
from worker.catalogue.schedule import SCHEDULES
from worker.kit.database import Database, Row, is_outage
from worker.kit.logging import configure_logging, get_logger
from worker.kit.settings import Settings, load_settings
from worker.ledger import dispatch, rescue, schedules
from worker.ledger.door import hint
from worker.ledger.synchronise import synchronise_catalogue, synchronise_schedules

POLL = 0.25
CHORES_EVERY = 1.0
LONGEST_PAUSE = 2.0

log = get_logger(__name__)


class Dispatcher:
    """One dispatcher: publishes by name, knows no handler, holds nothing that matters."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = Database(settings.database_url, name="intowork-dispatcher", pool_size=1)
        self._celery = Celery("intowork-dispatcher", set_as_current=False)
        self._celery.config_from_object(configuration(settings.broker_url))
        self._stopping = False
        self._chores_due = 0.0

    def stop(self) -> None:
        self._stopping = True

    def run(self) -> None:
        """Work until stopped; an outage of Postgres or of the broker is waited out."""
        pause = POLL
        while not self._stopping:
            try:
                with self._database.direct() as listener:
                    listener.execute("listen task_runs")
                    self._work(listener)
                    pause = POLL
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("dispatcher.database_lost", error=type(error).__name__)
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        self._database.close()

    def _work(self, listener: "psycopg.Connection[Row]") -> None:
        while not self._stopping:
            if not self.dispatch_once():
                for _ in listener.notifies(timeout=POLL, stop_after=1):
                    pass
            if time.monotonic() >= self._chores_due:
                self._chores_due = time.monotonic() + CHORES_EVERY
                self.chores()

    def dispatch_once(self) -> int:
        """One pass: mark and commit, then publish. Returns how many messages were published."""
        with self._database.transaction() as connection:
            messages = dispatch.pick(connection)
        return self._publish(messages) if messages else 0

    def _publish(self, messages: Sequence[dispatch.Message]) -> int:
        sent = 0
        try:
            with self._celery.producer_pool.acquire(block=True, timeout=5) as producer:
                for message in messages:
                    self._send(producer, message)
                    sent += 1
        except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the rows stay due
            log.warning("dispatcher.broker_lost", error=type(error).__name__)
            with self._database.transaction() as connection:
                dispatch.unpublished(connection, messages[sent:])
            time.sleep(POLL)
        return sent

    def _send(self, producer: Any, message: dispatch.Message) -> None:
        args, kwargs = hint(message.ids)
        self._celery.send_task(
            message.task,
            args,
            kwargs,
            task_id=uuid(),
            queue=message.queue,
            time_limit=message.timeout,
            producer=producer,
            argsrepr=f"{len(message.ids)} runs",
            retry=False,
        )

    def chores(self) -> None:
        """Rescue, the schedule's tick, and what /readyz reads."""
        identity = self._broker_identity()
        with self._database.transaction() as connection:
            if identity:
                dispatch.note_broker(connection, identity)
            dispatch.note_alive(connection, broker_reachable=identity is not None)
        rescue.rescue(self._database, lease=self._settings.lease_seconds)
        schedules.tick(self._database)

    def _broker_identity(self) -> str | None:
        """Which broker process answers (Redis' run id), or None when none does."""
        try:
            with self._celery.pool.acquire(block=True, timeout=2) as connection:
                client = getattr(connection.default_channel, "client", None)
                if client is None:
                    return "amqp"
                return str(client.info("server")["run_id"])
        except Exception:  # noqa: BLE001 - any failure means that the broker is away
            return None

    def synchronise(self) -> None:
        """Write this release's catalogue and schedule."""
        with self._database.transaction() as connection:
            synchronise_catalogue(connection, CATALOGUE)
            synchronise_schedules(connection, SCHEDULES, self._settings.platform_timezone)


def main() -> None:
    settings = load_settings()
    configure_logging(settings.log_level)
    dispatcher = Dispatcher(settings)

    def leave(_signal: int, _frame: FrameType | None) -> None:
        dispatcher.stop()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    dispatcher.synchronise()
    dispatcher.run()


if __name__ == "__main__":
    main()
