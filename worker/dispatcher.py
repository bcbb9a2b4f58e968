"""`python -m worker.dispatcher`: due rows to the broker, the schedule's tick, rescue. Any number may run."""

import json
import signal
import time
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

import psycopg
from celery import Celery
from kombu.connection import Connection as BrokerConnection
from kombu.messaging import Producer

from celeryconfig import KEY_PREFIX, QUEUES, configuration
from worker.catalogue.everything import CATALOGUE
from worker.catalogue.schedule import BACKLOGS, SCHEDULES
from worker.kit.database import Database, Row, connect
from worker.kit.ids import new_id
from worker.kit.logging import configure_logging, get_logger
from worker.kit.outages import is_outage
from worker.kit.settings import Settings, load_settings
from worker.ledger import backlogs, dispatch, gates, rescue, run_message, schedules
from worker.ledger.pace import Pace
from worker.ledger.synchronise import synchronise_catalogue, synchronise_schedules

POLL = 0.25
CHORES_EVERY = 1.0
# One to work with, one to listen, one for a moment at the start.
CONNECTIONS = 3
LONGEST_PAUSE = 2.0
# Seconds in which the broker's client may try to connect: what needs no broker must not wait for it.
CONNECT_WITHIN = 1.0
# In a backlog a queue is filled again when this share of its window is free.
REFILL = 0.25
# What Celery's protocol 2 says of every message; the others are set per message.
PLAIN_HEADERS: Mapping[str, Any] = {
    "lang": "py",
    "shadow": None,
    "eta": None,
    "expires": None,
    "group": None,
    "group_index": None,
    "retries": 0,
    "parent_id": None,
    "kwargsrepr": "{}",
    "origin": "dispatcher",
    "ignore_result": True,
    "replaced_task_nesting": 0,
    "stamped_headers": None,
    "stamps": {},
}
RABBITMQ_MARKER = f"{KEY_PREFIX}known-since-start"
NO_CALLBACKS: Mapping[str, None] = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}

NOT_MIGRATED = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction)

log = get_logger(__name__)


class Dispatcher:
    """One dispatcher: publishes by name, knows no handler, holds nothing that matters."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Whatever is lost with Postgres is due, late or not ticked again: no commit has to wait for the disk.
        self._database = Database(
            settings.database_url.plain, name="intowork-dispatcher", pool_size=1, durable=False, announced=CONNECTIONS
        )
        self._celery = Celery("intowork-dispatcher", set_as_current=False)
        self._celery.config_from_object(_impatient(configuration(settings.broker_url.plain)))
        self._synchronised = False
        self._stopping = False
        self._chores_due = 0.0
        self._watch = rescue.Watch()
        self._waiting: Mapping[str, int] = {}
        self._pace = Pace()

    def stop(self) -> None:
        self._stopping = True

    def run(self) -> None:
        """Work until stopped; an outage of Postgres or of the broker is waited out."""
        pause = POLL
        while not self._stopping:
            try:
                with connect(self._settings.direct_url.plain, name="intowork-dispatcher-listen") as listener:
                    listener.execute("listen task_runs")
                    if not self._synchronised:
                        self.synchronise()
                    pause = POLL
                    self._work(listener)
            except Exception as error:
                if not is_outage(error) and not self._too_early(error):
                    raise
                log.warning("dispatcher.database_lost", error=type(error).__name__)
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        self._database.close()

    def _too_early(self, error: Exception) -> bool:
        """Whether this release's tables are still missing: the migrations run at the same time."""
        return not self._synchronised and isinstance(error, NOT_MIGRATED)

    def _work(self, listener: "psycopg.Connection[Row]") -> None:
        while not self._stopping:
            self.dispatch_once()
            for _ in listener.notifies(timeout=self._pace.look_again or POLL, stop_after=1):
                pass
            if time.monotonic() >= self._chores_due:
                self._chores_due = time.monotonic() + CHORES_EVERY
                self.chores()

    def dispatch_once(self) -> int:
        """One pass: mark and commit, then publish. Returns how many messages were published."""
        with self._database.transaction() as connection:
            messages = dispatch.pick(connection, pace=self._pace, least=REFILL, waiting=self._waiting)
        return self._publish(messages) if messages else 0

    def _publish(self, messages: Sequence[dispatch.Message]) -> int:
        """All or nothing as far as anyone can know: after a failure every row is due again, some come twice."""
        try:
            with self._celery.producer_pool.acquire(block=True, timeout=5) as producer, producer.batch():
                for message in messages:
                    self._send(producer, message)
        except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the rows stay due
            log.warning("dispatcher.broker_lost", error=type(error).__name__)
            with self._database.transaction() as connection:
                dispatch.unpublished(connection, messages)
            time.sleep(POLL)
            return 0
        return len(messages)

    def _send(self, producer: Producer, message: dispatch.Message) -> None:
        """Celery's own way to make a message costs more than claiming and recording a run."""
        args, kwargs = run_message.arguments(message.ids)
        identifier = str(new_id())
        producer.publish(
            json.dumps([args, kwargs, NO_CALLBACKS]),
            exchange="",
            routing_key=message.queue,
            declare=[self._celery.amqp.queues[message.queue]],
            content_type="application/json",
            content_encoding="utf-8",
            headers={
                **PLAIN_HEADERS,
                "task": message.task,
                "id": identifier,
                "root_id": identifier,
                "timelimit": [message.timeout, None],
                "argsrepr": f"{len(message.ids)} runs",
            },
            correlation_id=identifier,
            reply_to="",
        )

    def chores(self) -> None:
        """Rescue, the schedule's tick, tables that are work, closed gates, and what /readyz reads."""
        identity = self._broker_identity()
        with self._database.transaction() as connection:
            if identity:
                dispatch.note_broker(connection, identity)
            dispatch.note_alive(connection, broker_reachable=identity is not None)
            backlogs.enqueue_for_pending_rows(connection, BACKLOGS)
        rescue.alone(self._database, gates.send_probes)
        rescue.rescue(self._database, lease=self._settings.lease_seconds, watch=self._watch)
        schedules.tick(self._database)

    def _broker_identity(self) -> str | None:
        """Which broker process answers, "" when RabbitMQ is still the one it was, or None when none does.

        Redis also tells how many messages wait.
        """
        try:
            with self._celery.pool.acquire(block=True, timeout=2) as connection:
                client = getattr(connection.default_channel, "client", None)
                if client is None:
                    return _rabbitmq_identity(connection)
                self._waiting = {name: client.llen(name) for name in QUEUES}
                return str(client.info("server")["run_id"])
        except Exception:  # noqa: BLE001 - any failure means that the broker is away
            return None

    def synchronise(self) -> None:
        """Write this release's catalogue and schedule; nobody would do it again, so this waits for the disk."""
        database = Database(self._settings.database_url.plain, name="intowork-dispatcher-start", pool_size=1)
        try:
            with database.transaction() as connection:
                synchronise_catalogue(connection, CATALOGUE)
                synchronise_schedules(connection, SCHEDULES, self._settings.platform_timezone)
        finally:
            database.close()
        self._synchronised = True


def _impatient(configured: dict[str, Any]) -> dict[str, Any]:
    """Celery's configuration without the client's own retries: the next pass is the retry."""
    options = {**configured["broker_transport_options"], "max_retries": 0, "connect_retries_timeout": CONNECT_WITHIN}
    return {**configured, "broker_transport_options": options}


def _rabbitmq_identity(connection: BrokerConnection) -> str:
    """A new name after each start of RabbitMQ, told to the first who asks; "" to the others.

    RabbitMQ does not say when it started, but it forgets an exchange that is not durable.
    """
    channel = connection.channel()
    try:
        channel.exchange_declare(RABBITMQ_MARKER, "direct", passive=True)
    except connection.channel_errors:
        connection.default_channel.exchange_declare(RABBITMQ_MARKER, "direct", durable=False, auto_delete=False)
        return str(new_id())
    channel.close()
    return ""


def main() -> None:
    settings = load_settings()
    configure_logging(settings.log_level)
    dispatcher = Dispatcher(settings)

    def leave(_signal: int, _frame: FrameType | None) -> None:
        dispatcher.stop()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    dispatcher.run()


if __name__ == "__main__":
    main()
