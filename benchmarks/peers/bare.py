"""Bare Celery with one task that does nothing, at its defaults or tuned as the platform's is."""

from typing import Any

from celery import Celery

from celeryconfig import configuration


def queue_of(kind: str) -> str:
    """A queue of each kind's own: all peers may run on one broker."""
    return f"peer-{kind}"


def build(kind: str, broker_url: str, results_url: str) -> Celery:
    """kind: `defaults` (no results), `transport` (the same with the platform's transport options) or `results`."""
    options: dict[str, Any] = {"broker_url": broker_url, "worker_send_task_events": True}
    options["task_default_queue"] = queue_of(kind)
    if kind == "results":
        options["result_backend"] = results_url
    else:
        options["task_ignore_result"] = True
    if kind == "transport":
        options["broker_transport_options"] = configuration(broker_url)["broker_transport_options"]
    built = Celery("peer")
    built.config_from_object(options)
    built.task(name="peer.nothing")(nothing)
    return built


def nothing(number: int) -> dict[str, bool]:  # noqa: ARG001 - a task's argument
    return {"ok": True}
