"""Queues: how they stand, and stopping and starting them."""

from dataclasses import dataclass

from sqlalchemy import Connection

from api_min.actions.once import Repeatable, write_once
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import refusals
from worker.ledger import controls
from worker.ledger.health import ClosedGate, QueueView, closed_gates, queue_statistics


@dataclass(frozen=True, slots=True)
class Queues:
    """Every queue now, and the providers that do not accept our configuration."""

    queues: tuple[QueueView, ...]
    closed_gates: tuple[ClosedGate, ...]


def show() -> Queues:
    with context().database.transaction() as connection:
        return Queues(tuple(queue_statistics(connection)), closed_gates(connection))


def pause(caller: Caller, name: str, request: Repeatable[None]) -> None:
    """Stop starting runs of a queue. Raises ApiError 404."""

    def work(connection: Connection) -> None:
        controls.pause(connection, name, caller.name)

    with refusals():
        write_once(caller, request, lambda: work)


def resume(caller: Caller, name: str, request: Repeatable[None]) -> None:
    """Start runs of a queue again; its due ones are published at once. Raises ApiError 404."""

    def work(connection: Connection) -> None:
        controls.resume(connection, name, caller.name)

    with refusals():
        write_once(caller, request, lambda: work)
