"""pgqueuer with one entry point that does nothing, in batches of 100: `python -m benchmarks.peers.pgqueuer_app URL`.

It says `ready`, drains the queue at each line on its standard input, and says `done`.
"""

import asyncio
import sys

import asyncpg
from pgqueuer import AsyncpgDriver, Job, PgQueuer
from pgqueuer.types import QueueExecutionMode


async def drain(url: str) -> None:
    driver = AsyncpgDriver(await asyncpg.connect(url))
    queue = PgQueuer(driver)

    @queue.entrypoint("peer.nothing")
    async def nothing(job: Job) -> None:
        """Does nothing."""

    await queue.qm.run(batch_size=100, mode=QueueExecutionMode.drain)


def main() -> None:
    print("ready", flush=True)
    for _ in sys.stdin:
        asyncio.run(drain(sys.argv[1]))
        print("done", flush=True)


if __name__ == "__main__":
    main()
