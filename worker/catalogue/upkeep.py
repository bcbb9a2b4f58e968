"""Upkeep: work that keeps the platform itself in order."""

from pydantic import Field

from worker.kit.tasks import Payload, TaskDefinition


class Prune(Payload):
    """limit: rows per table and run; when more is due another run follows."""

    limit: int = Field(default=5000, ge=1, le=50_000)


PRUNE = TaskDefinition(
    name="upkeep.prune",
    payload=Prune,
    description="Delete runs, keys and events whose time is over; effects and open runs are never touched early.",
    queue="upkeep",
    priority=7,
    timeout=120,
    ids_only=True,
)
