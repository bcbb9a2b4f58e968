"""pgqueuer, measured as the platform is: a backlog is enqueued, then its worker is let loose on it."""

import asyncio
import subprocess
import sys

import asyncpg
from pgqueuer import AsyncpgDriver, Queries

from benchmarks.measure import Cost, cost_of
from benchmarks.stack import CHECKOUT, Stack

CHUNK = 5000


class PgqueuerPeer:
    """One pgqueuer worker on a database of its own."""

    def __init__(self, stack: Stack) -> None:
        self._site = stack
        self._url = stack.postgres.create_database("pgqueuer")
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        asyncio.run(self._install())
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.peers.pgqueuer_app", self._url],
            cwd=CHECKOUT,
            env=self._site.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._heard("ready")

    def stop(self) -> None:
        if self._process:
            self._process.communicate(timeout=20)
        self._site.postgres.drop_database("pgqueuer")

    def drain(self, count: int) -> Cost:
        """CPU of the worker and Postgres for `count` waiting jobs; enqueueing them is not counted."""
        asyncio.run(self._fill(count))
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("the peer was not started")
        roots = {**self._site.roots(), "pgqueuer": self._process.pid}
        orders = self._process.stdin

        def work() -> None:
            orders.write("drain\n")
            orders.flush()
            self._heard("done")

        return cost_of(count, roots, work)

    def _heard(self, word: str) -> None:
        line = self._process.stdout.readline() if self._process and self._process.stdout else ""
        if line.strip() != word:
            raise RuntimeError(f"pgqueuer said {line!r} instead of {word!r}")

    async def _install(self) -> None:
        connection = await asyncpg.connect(self._url)
        await Queries(AsyncpgDriver(connection)).install()
        await connection.close()

    async def _fill(self, count: int) -> None:
        connection = await asyncpg.connect(self._url)
        queries = Queries(AsyncpgDriver(connection))
        for begin in range(0, count, CHUNK):
            size = min(CHUNK, count - begin)
            await queries.enqueue(["peer.nothing"] * size, [b'{"number": 1}'] * size, [0] * size)
        await connection.close()
