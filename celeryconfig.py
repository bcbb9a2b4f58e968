"""Celery's configuration: the broker only wakes, so every reliability knob of Celery is off on purpose."""

from collections.abc import Iterable
from ssl import CERT_NONE
from typing import Any
from urllib.parse import urlsplit

from kombu.entity import Queue
from kombu.utils.scheduling import round_robin_cycle
from typing_extensions import override

# `celery` takes plain `send_task` calls.
QUEUES = ("operations", "interactive", "default", "bulk", "upkeep", "celery")
# What operators ask for goes before everything that it may have to stop; few may write there.
FIRST = "operations"
# Served before the others, but not more than so many messages in a row while they wait.
SECOND = "interactive"
MOST_IN_A_ROW = 3
KEY_PREFIX = "intowork:"
TICK_SECONDS = 10.0


class Turns(round_robin_cycle):
    """The order in which one worker's consumer asks its queues; kombu makes it by its name.

    FIRST, then SECOND unless it had its share, then the others, of which the one served last stands at the end.
    """

    def __init__(self, it: Iterable[str] | None = None) -> None:
        super().__init__(list(it or ()))
        self._in_a_row = 0

    @override
    def consume(self, n: int) -> list[str]:
        second = 2 if self._in_a_row >= MOST_IN_A_ROW else 0
        ranks = {FIRST: -1, SECOND: second}
        return sorted(self.items[:n], key=lambda name: ranks.get(name, 1))

    @override
    def rotate(self, last_used: str) -> str:
        self._in_a_row = self._in_a_row + 1 if last_used == SECOND else 0
        super().rotate(last_used)
        return last_used


def configuration(broker_url: str) -> dict[str, Any]:
    """The settings of every Celery process (worker, beat, flower, dispatcher) on this broker."""
    return {
        "broker_url": broker_url,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": _transport(broker_url),
        "broker_use_ssl": _encryption(broker_url),
        "task_queues": [Queue(name, routing_key=name) for name in QUEUES],
        "task_default_queue": "celery",
        # A message only wakes: acknowledged at once, never redelivered, never stored.
        "task_acks_late": False,
        "task_reject_on_worker_lost": False,
        "task_ignore_result": True,
        "result_backend": None,
        "task_store_errors_even_if_ignored": False,
        "worker_prefetch_multiplier": 1,
        "task_publish_retry_policy": {
            "max_retries": 2,
            "interval_start": 0,
            "interval_step": 0.2,
            "interval_max": 0.5,
        },
        "worker_soft_shutdown_timeout": 10,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        # Flower lives on events; the ledger itself knows when a run was enqueued.
        "worker_send_task_events": True,
        "task_send_sent_event": False,
        "worker_hijack_root_logger": False,
        "worker_proc_alive_timeout": 30.0,
        "timezone": "UTC",
        "enable_utc": True,
        "beat_schedule": {
            "tick": {
                "task": "upkeep.tick",
                "schedule": TICK_SECONDS,
                "options": {"queue": "upkeep", "expires": 30},
            }
        },
        "worker_consumer": "worker.celery:PlatformConsumer",
    }


def _encryption(broker_url: str) -> dict[str, Any] | None:
    """For kombu, which encrypts `rediss://` by its transport's name alone. As there, the certificate is checked when
    the address says so (`?ssl_cert_reqs=required`).
    """
    address = urlsplit(broker_url)
    return {"ssl_cert_reqs": CERT_NONE} if address.scheme == "rediss" and "ssl_" not in address.query else None


def _transport(broker_url: str) -> dict[str, Any]:
    # Without a socket timeout a half-open connection hangs the worker for ever.
    if not broker_url.startswith(("redis", "sentinel", "unix")):
        return {"read_timeout": 10, "write_timeout": 10}
    return {
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "visibility_timeout": 3600,
        # Bookkeeping of unacknowledged messages would cost half of the work per message and buy nothing.
        "ack_emulation": False,
        "global_keyprefix": KEY_PREFIX,
        "queue_order_strategy": "celeryconfig:Turns",
    }
