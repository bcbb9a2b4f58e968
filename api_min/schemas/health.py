"""Answers about the platform's own health."""

from typing import Literal

from pydantic import BaseModel, Field


class Alive(BaseModel):
    status: Literal["ok"]


class Ready(BaseModel):
    """`degraded`: requests are taken and kept, but something does not start, or soon will not any more, until what
    `problems` names is repaired.
    """

    status: Literal["ok", "degraded"]
    problems: list[str] = Field(description="Sentences.")
    migration: str | None = None
    dispatcher_age_seconds: float | None = None
    broker_reachable: bool | None = None
