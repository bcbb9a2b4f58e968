"""Prometheus figures: this process's requests, and the queues as the database tells them."""

import time
from collections.abc import Iterable

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from api_min.context import context
from worker.ledger.health import ClosedGate, QueueView, closed_gates, queue_statistics

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
GAUGES = {
    "depth": "Runs that are due and not started.",
    "scheduled": "Runs whose time has not come.",
    "running": "Runs that are being executed.",
    "oldest_waiting_seconds": "How long the oldest due run has waited.",
    "throughput_per_second": "Runs ended per second over the last 5 minutes.",
}


class Metrics:
    """Counters of one process: with several processes, each scrape sees the one that answers it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "intowork_api_requests", "Requests answered.", ["route", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "intowork_api_request_seconds", "Time to the answer.", ["route"], buckets=SECONDS, registry=self.registry
        )
        self.registry.register(_Waiting())

    def note(self, response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unknown"
        # Anybody may invent methods; each label is kept for good.
        method = request.method if request.method in METHODS else "other"
        self.requests.labels(route, method, response.status_code).inc()
        if "started" in g:
            self.seconds.labels(route).observe(time.perf_counter() - g.started)
        return response

    def text(self) -> bytes:
        with context().database.transaction() as connection:
            views = queue_statistics(connection)
            closed = closed_gates(connection)
        registry = CollectorRegistry()
        registry.register(_Queues(views))
        registry.register(_ClosedGates(closed))
        return generate_latest(self.registry) + generate_latest(registry)


class _Waiting(Collector):
    """Requests that wait for a run; read within a request only."""

    def describe(self) -> Iterable[Metric]:
        return []

    @override
    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily(
            "intowork_api_waiting", "Requests that wait for a run to end.", value=context().completions.count
        )


class _Queues(Collector):
    def __init__(self, views: Iterable[QueueView]) -> None:
        self._views = list(views)

    @override
    def collect(self) -> Iterable[Metric]:
        for name, help_text in GAUGES.items():
            family = GaugeMetricFamily(f"intowork_queue_{name}", help_text, labels=["queue"])
            for view in self._views:
                family.add_metric([view.name], getattr(view, name))
            yield family
        paused = GaugeMetricFamily("intowork_queue_paused", "1 while the queue is paused.", labels=["queue"])
        for view in self._views:
            paused.add_metric([view.name], float(view.paused_at is not None))
        yield paused


class _ClosedGates(Collector):
    def __init__(self, gates: Iterable[ClosedGate]) -> None:
        self._gates = list(gates)

    @override
    def collect(self) -> Iterable[Metric]:
        waiting = GaugeMetricFamily(
            "intowork_closed_gate_waiting",
            "Runs that wait because a provider does not accept our configuration.",
            labels=["gate"],
        )
        for each in self._gates:
            waiting.add_metric([each.gate], each.waiting)
        yield waiting


def register(app: Flask) -> None:
    metrics = Metrics()
    app.extensions["intowork.metrics"] = metrics
    app.after_request(metrics.note)
