"""Upkeep: work that keeps the platform itself in order."""

from typing import Any, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from worker.kit.ids import LARGEST_ROW_ID
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


class Anonymise(Payload):
    """limit: rows per table and run; when more is due another run follows, behind the reader `after_user`."""

    limit: int = Field(default=5000, ge=1, le=50_000)
    after_user: int = Field(default=0, ge=0, le=LARGEST_ROW_ID)


ANONYMISE = TaskDefinition(
    name="upkeep.anonymise",
    payload=Anonymise,
    description="Blank or delete what names people once its time is over or their account is gone.",
    queue="upkeep",
    priority=7,
    timeout=120,
    ids_only=True,
)


class Bulk(Payload):
    """Act on every run that matches all given members and is older than the bulk run; one at least must be given.

    since <= created < until. reason: a sentence for the audit log.
    """

    shown = frozenset({"action", "task", "state"})

    action: Literal["retry", "cancel"]
    reason: str = Field(min_length=1, max_length=500)
    task: str | None = None
    state: Literal["queued", "scheduled", "retrying", "parked", "running", "failed", "cancelled"] | None = None
    queue: str | None = None
    company_id: int | None = Field(default=None, ge=0)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    fingerprint: str | None = None

    @model_validator(mode="after")
    def _narrowed(self) -> Self:
        if not any(value is not None for value in self.criteria().values()):
            raise ValueError("give at least one of task, state, queue, company_id, since, until, fingerprint")
        return self

    def criteria(self) -> dict[str, Any]:
        """The members that narrow, as the ledger's filter names them."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in ("action", "reason")}


BULK = TaskDefinition(
    name="upkeep.bulk",
    payload=Bulk,
    description="Retry or cancel every run that matches a filter; progress tells how many were seen and touched.",
    queue="operations",
    priority=3,
    timeout=300,
)
