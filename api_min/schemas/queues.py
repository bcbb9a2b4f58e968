"""Answers about queues."""

from datetime import datetime

from pydantic import BaseModel, Field


class QueuePath(BaseModel):
    name: str = Field(description="The queue's name.")


class QueueState(BaseModel):
    """A queue now. Waits in seconds, over the runs started in the last 5 minutes."""

    name: str
    paused_at: datetime | None = None
    depth: int
    scheduled: int
    running: int
    oldest_waiting_seconds: float | None = None
    finished_last_5_minutes: int
    throughput_per_second: float
    wait_p50: float | None = None
    wait_p95: float | None = None


class ClosedGate(BaseModel):
    """Runs wait here until a fault of our configuration is mended; one of them tries each minute."""

    gate: str = Field(description="`provider:` and its name.")
    closed_at: datetime
    reason: str = Field(description="A sentence.")
    waiting: int


class QueueList(BaseModel):
    queues: list[QueueState]
    closed_gates: list[ClosedGate] = []


class PausedQueue(BaseModel):
    name: str
    paused: bool
