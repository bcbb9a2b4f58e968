"""Bare Celery, measured as the platform is: a backlog is published, then the worker is let loose on it."""

from typing import Any

import redis
from sqlalchemy.engine import make_url

from benchmarks.measure import Cost, cost_of
from benchmarks.peers.bare import build, queue_of
from benchmarks.stack import CHILDREN, Stack
from celeryconfig import KEY_PREFIX


class CeleryPeer:
    """One worker of bare Celery on a stack's Redis (and Postgres, with results). Use one at a time."""

    def __init__(self, stack: Stack, kind: str) -> None:
        self._site = stack
        self._name = f"celery {kind}"
        self._node = f"{kind}@benchmark"
        self._queue = queue_of(kind)
        results = make_url(stack.database_url).set(drivername="postgresql+psycopg")
        self._results = f"db+{results.render_as_string(hide_password=False)}"
        self._app: Any = build(kind, stack.redis.url, self._results)
        self._environment = {"PEER_KIND": kind, "PEER_BROKER": stack.redis.url, "PEER_RESULTS": self._results}
        self._kind = kind
        self._redis = redis.Redis.from_url(stack.redis.url)
        self._prefix = KEY_PREFIX if kind == "transport" else ""

    def start(self) -> None:
        command = ("-m", "celery", "--quiet", "-A", "benchmarks.peers.celery_app", "worker", "--pool", "prefork", "-E")
        size = ("--concurrency", str(CHILDREN), "--hostname", self._node)
        self._site.start(self._name, (*command, *size), self._environment)
        self._site.wait(lambda: bool(self._app.control.ping([self._node], timeout=0.5)), self._name)

    def stop(self) -> None:
        self._site.supervisor.stop(self._name)
        self._redis.close()

    def drain(self, count: int) -> Cost:
        """CPU of worker, Redis and Postgres for `count` waiting messages; publishing them is not counted."""
        self._app.control.cancel_consumer(self._queue, destination=[self._node], reply=True)
        with self._app.producer_pool.acquire(block=True) as producer:
            for number in range(count):
                self._app.send_task("peer.nothing", (number,), producer=producer)
        before = self._recorded()

        def work() -> None:
            self._app.control.add_consumer(self._queue, destination=[self._node], reply=True)
            self._site.wait(self._empty, self._name, seconds=600)
            if self._kind == "results":
                self._site.wait(lambda: self._recorded() - before == count, self._name, seconds=600)

        roots = self._site.roots(self._name)
        if self._kind != "results":
            del roots["postgres"]
        return cost_of(count, roots, work)

    def _empty(self) -> bool:
        """Nothing waits, and with bookkeeping nothing is unacknowledged."""
        waiting = self._redis.llen(f"{self._prefix}{self._queue}")
        return not waiting and not self._redis.hlen(f"{self._prefix}unacked")

    def _recorded(self) -> int:
        """How many results are stored."""
        if not self._site.rows("select to_regclass('celery_taskmeta') is not null")[0][0]:
            return 0
        return int(self._site.rows("select count(*) from celery_taskmeta")[0][0])
