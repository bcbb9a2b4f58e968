"""The live peers, each brought up only while it is measured: nobody pays for an idle neighbour."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol

from benchmarks.measure import Cost
from benchmarks.peers.celery_peer import CeleryPeer
from benchmarks.stack import Stack


class Measured(Protocol):
    """A system with a worker that can be let loose on a backlog."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def drain(self, count: int) -> Cost: ...


@dataclass(frozen=True, slots=True)
class Peer:
    """share: how many runs it is given for each batched run of ours; dear ones get fewer."""

    make: Callable[[], Measured]
    share: float

    def measured(self, count: int) -> Cost:
        peer = self.make()
        peer.start()
        try:
            return peer.drain(count)
        finally:
            peer.stop()


def peers(stack: Stack) -> dict[str, Peer]:
    """By name; all send task events, as the platform does. pgqueuer only where the extra `peers` is installed."""
    found = {
        "celery, defaults": Peer(lambda: CeleryPeer(stack, "defaults"), 0.2),
        "celery, tuned": Peer(lambda: CeleryPeer(stack, "transport"), 0.2),
        "celery, results": Peer(lambda: CeleryPeer(stack, "results"), 0.05),
    }
    if find_spec("pgqueuer") is None:
        return found
    module = importlib.import_module("benchmarks.peers.pgqueuer_peer")
    return {"pgqueuer": Peer(lambda: module.PgqueuerPeer(stack), 1.0), **found}
