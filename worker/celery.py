"""The Celery app: `celery -A worker worker|beat|flower`. A message only names runs; the ledger does the work."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import Celery, signals
from celery.worker.consumer import Consumer

from celeryconfig import QUEUES, configuration
from tasks import bound_tasks
from worker.broker import PlatformTransport, is_lost
from worker.kit.ids import new_id
from worker.kit.logging import get_logger
from worker.kit.outages import is_outage
from worker.kit.settings import Settings, load_settings
from worker.ledger import inbox, run_message, send_task_intake
from worker.ledger.executor import RunFailed
from worker.ledger.handlers import BoundTask
from worker.process import Process
from worker.wiring import Wiring

LOOK_FOR_CHILDREN_EVERY = 0.5
FREE_EVERY = 1.0

# Flower sees a task's events this many seconds late at most, or this many of them together.
EVENTS_EVERY = 0.1
MOST_EVENTS = 500

log = get_logger(__name__)


def build_app(tasks: Sequence[BoundTask], settings: Settings) -> Celery:
    """A Celery app with one Celery task per handler, and `upkeep.tick`, the only one without a run."""
    app = Celery("intowork")
    app.config_from_object(configuration(settings.broker_url.plain))
    process = Process(settings, tasks, [name for name in QUEUES if name != "celery"])
    app.intowork = process
    if settings.broker_url.plain.startswith("redis"):
        app.conf.broker_transport = "worker.broker:PlatformTransport"
    for bound in tasks:
        _register(app, process, bound)
    app.task(name="upkeep.tick", shared=False, typing=False)(process.tick)
    _connect_signals(process)
    return app


def _register(app: Celery, process: Process, bound: BoundTask) -> None:
    name = bound.definition.name

    def run(self: Any, *args: Any, **kwargs: Any) -> None:
        message = run_message.message_id(self.request.id)
        if ids := run_message.named_ids(args, kwargs):
            process.run(name, message, ids)
        else:
            _receive(self, process, bound, args, kwargs)

    app.task(name=name, bind=True, throws=(RunFailed,), shared=False)(run)


def _receive(task: Any, process: Process, bound: BoundTask, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Turn a `send_task` message into a run; while Postgres is away the broker gets it back, under the same id.

    While both are away the message is held here.
    """
    while True:
        try:
            send_task_intake.receive(
                process.database, bound, args, kwargs, message=run_message.message_id(task.request.id)
            )
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("message.early", task=task.name, error=type(error).__name__)
        else:
            return
        try:
            task.app.send_task(task.name, args, kwargs, task_id=task.request.id, expires=task.request.expires)
        except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the message is still here
            log.warning("message.held", task=task.name, error=type(error).__name__)
        else:
            return


def _connect_signals(process: Process) -> None:
    def on_task_failure(
        task_id: str, exception: BaseException, args: Sequence[Any], kwargs: Mapping[str, Any], **_: Any
    ) -> None:
        if isinstance(exception, WorkerLostError | TimeLimitExceeded):
            message, ids = run_message.message_id(task_id), run_message.named_ids(args, kwargs)
            process.child_lost(message, ids, type(exception).__name__)

    for signal, receiver in (
        (signals.setup_logging, process.on_logging),
        (signals.worker_init, process.on_main_forks),
        (signals.worker_ready, process.on_main_ready),
        (signals.worker_process_init, process.on_child_started),
        (signals.worker_process_shutdown, process.on_end),
        (signals.worker_shutting_down, process.on_main_leaving),
        (signals.worker_shutdown, process.on_main_left),
        (signals.task_failure, on_task_failure),
    ):
        # Signals belong to the operating system's process, which serves one app: the one that was built last.
        signal.disconnect(dispatch_uid=receiver.__name__)
        signal.connect(receiver, weak=False, dispatch_uid=receiver.__name__)


class PlatformConsumer(Consumer):  # type: ignore[misc]  # Celery publishes no types
    """Task events leave in groups; messages that no task can take are recorded in the inbox and dropped.

    The bodies of such messages reach no log.
    """

    _events_planned = False

    def on_send_event_buffered(self) -> None:
        """Three events per message, each published alone, would cost more than half of the main process' time."""
        if self.hub and self.event_dispatcher and not self._events_planned:
            self._events_planned = True
            self.event_dispatcher.buffer_limit = MOST_EVENTS
            self.hub.call_later(EVENTS_EVERY, self._send_events)

    def _send_events(self) -> None:
        self._events_planned = False
        self._flush_events()

    def connect(self) -> Any:
        connection = super().connect()
        if isinstance(connection.transport, PlatformTransport):
            connection.transport.on_refused = self._note_refused
        return connection

    def stop(self) -> None:
        self._flush_events()
        super().stop()

    def register_with_event_loop(self, hub: Any) -> None:
        """A child's end often wakes the pool before the child can be waited for; Celery looks again after 5 s only."""
        super().register_with_event_loop(hub)
        hub.call_repeatedly(LOOK_FOR_CHILDREN_EVERY, self.pool.maintain_pool)
        hub.call_repeatedly(FREE_EVERY, self.app.intowork.free_lost)

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Any], None]:
        """Celery expects a few kinds of wrong messages; any other would end the whole worker."""
        handle = super().create_task_handler(*args, **kwargs)

        def on_task_received(message: Any) -> None:
            try:
                handle(message)
            except Exception as error:
                if is_lost(error, self):
                    raise
                self._drop(message, f"The message has the wrong shape ({type(error).__name__}).")

        return on_task_received

    def on_decode_error(self, message: Any, exc: BaseException) -> None:
        self._drop(message, f"The message could not be decoded ({type(exc).__name__}).")

    def on_unknown_message(self, body: Any, message: Any) -> None:  # noqa: ARG002 - Celery's signature
        self._drop(message, "The message is not one of Celery's.")

    def on_unknown_task(self, body: Any, message: Any, exc: BaseException) -> None:  # noqa: ARG002 - as above
        self._drop(message, "No worker knows this task; GET /api/tasks/catalogue lists the tasks that exist.")

    def on_invalid_task(self, body: Any, message: Any, exc: BaseException) -> None:  # noqa: ARG002 - as above
        self._drop(message, "The message's arguments have the wrong shape.")

    def _drop(self, message: Any, reason: str) -> None:
        headers = message.headers if isinstance(message.headers, dict) else {}
        body = message.body if isinstance(message.body, bytes | str) else b""
        self._note(
            str(headers.get("id") or message.delivery_tag)[:200],
            {"reason": reason, "task": str(headers.get("task", ""))[:200], "bytes": len(body)},
        )
        message.ack_log_error(log, self.connection_errors)

    def _note_refused(self, queue: str, reason: str) -> None:
        self._note(str(new_id()), {"reason": reason, "task": "", "queue": queue})

    def _note(self, identifier: str, facts: dict[str, Any]) -> None:
        """Write down what was dropped; nothing of what it held."""
        process: Process = self.app.intowork
        try:
            with process.briefly() as connection:
                inbox.record(connection, "broker", identifier, facts)
        except Exception as error:  # noqa: BLE001 - a poisoned message must never stop the consumer
            log.warning("message.unrecorded", error=type(error).__name__)
        log.warning("message.dropped", **facts)


def platform_app() -> Celery:
    """The app of this platform, from the environment."""
    settings = load_settings()
    return build_app(bound_tasks(Wiring(settings)), settings)


app = platform_app()
