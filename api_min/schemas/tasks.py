"""Requests and answers of the intake."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel
from pydantic.config import JsonDict

from api_min.schemas.common import Query, Strict
from worker.kit.tasks import at_most
from worker.ledger.bounds import LARGEST_ID, LONGEST_KEY, LOWEST_PRIORITY

MOST_IN_BATCH = 1000
STATES = Literal["queued", "running", "succeeded", "failed", "cancelled", "uncertain"]
WORDS = Literal["scheduled", "retrying", "parked", "queued", "running", "succeeded", "failed", "cancelled", "uncertain"]


def _instant(value: object) -> object:
    """ISO 8601 text as an instant; without an offset it is UTC, as in the main web app."""
    if value is None or isinstance(value, datetime):
        return value
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError("must be a date and time in ISO 8601, as 2026-12-01T10:00:00Z")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


Instant = Annotated[datetime, BeforeValidator(_instant)]


MADE: JsonDict = {
    "id": "01a1f0c2-6c3e-7a55-b1de-0c5f6f5e8a11",
    "task": "alerts.rerun",
    "queue": "default",
    "priority": 5,
    "company_id": 0,
    "state": "queued",
    "status": "queued",
    "run_at": "2026-12-01T08:00:00Z",
    "progress": None,
    "result": None,
    "error": None,
    "created": True,
}


class NewTask(Strict):
    """One run to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"task": "alerts.rerun", "payload": {"alert_id": 7}, "unique_key": "rerun-of-alert-7"}]
        }
    )

    task: str = Field(min_length=1, max_length=100, description="The task's name, as in the catalogue.")
    payload: dict[str, Any] = Field(default_factory=dict, description="As the task's schema in the catalogue says.")
    run_at: Instant | None = Field(
        None, description="Not before this instant (ISO 8601; without offset UTC), at most 400 days ahead."
    )
    priority: int | None = Field(
        None, strict=True, ge=0, le=LOWEST_PRIORITY, description="0 runs first; default: the task's."
    )
    unique_key: str | None = Field(
        None,
        min_length=1,
        max_length=LONGEST_KEY,
        description="While a run with this key exists (and 24 h after it ended), the same key answers that run; a "
        "cancelled run frees its key.",
    )
    company_id: int = Field(
        0, strict=True, ge=0, le=LARGEST_ID, description="The company whose work this is; 0 for none."
    )


class NewTasks(Strict):
    """Runs to be made together or not at all."""

    tasks: Annotated[list[NewTask], at_most(MOST_IN_BATCH)] = Field(min_length=1, max_length=MOST_IN_BATCH)


class RunError(BaseModel):
    """Why a run failed or was retried last. `code` is stable; `message` is a sentence."""

    code: str | None = None
    message: str | None = None
    status: int | None = None
    fingerprint: str | None = None
    replaced_by: UUID | None = Field(None, description="The run that has this cancelled run's unique key now.")


class Run(BaseModel):
    """A run in brief, as everybody who may see it sees it."""

    id: UUID
    task: str
    queue: str
    priority: int
    company_id: int
    state: STATES
    status: WORDS = Field(description="The state in people's words: a queued run may be scheduled, retrying or parked.")
    run_at: datetime
    progress: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    error: RunError | None = None


class MadeRun(Run):
    """The answer to an enqueue; created is false when a key named an earlier run."""

    model_config = ConfigDict(json_schema_extra={"examples": [MADE]})

    created: bool


class OwnRun(Run):
    """A run as the person who caused it sees it: neither payload nor attempts."""

    attempt: int
    max_attempts: int
    cancel_requested_at: datetime | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class ListedRun(OwnRun):
    """A run in a list."""

    rescues: int
    parent_id: UUID | None = None
    caused_by: int | None = None


class Attempt(BaseModel):
    """One try. Seconds as measured by the worker; outcome is null while it runs."""

    number: int
    worker_id: UUID | None = None
    message_id: UUID | None = None
    started_at: datetime | None = None
    waited_seconds: float | None = None
    ran_seconds: float | None = None
    outcome: str | None = None
    error_class: str | None = None
    message: str | None = None
    fingerprint: str | None = None


class FullRun(ListedRun):
    """A run with its attempts; text in the payload is hidden unless it was revealed."""

    payload: dict[str, Any] = Field(description="`unreadable` says why, where one was written past every check.")
    attempts: list[Attempt]


class AnyRun(RootModel[FullRun | OwnRun]):
    """A run as far as its reader may look: all of it, or what the person who caused it sees."""


class Batch(BaseModel):
    """Ids in the order of the request; created tells which are new."""

    ids: list[UUID]
    created: list[bool]


class RunPage(BaseModel):
    """Newest first; next_cursor is null on the last page."""

    runs: list[ListedRun]
    next_cursor: str | None = None


class FilterQuery(Query):
    """Which runs; what is absent does not constrain."""

    task: str | None = Field(None, max_length=100)
    state: STATES | None = None
    queue: str | None = Field(None, max_length=100)
    company_id: int | None = Field(None, ge=0, le=LARGEST_ID)
    since: Instant | None = Field(None, description="Made at or after this instant.")
    until: Instant | None = Field(None, description="Made before this instant.")
    fingerprint: str | None = Field(None, max_length=64, description="Of the error: equal faults share it.")


class ListQuery(FilterQuery):
    cursor: str | None = Field(None, max_length=200, description="next_cursor of the page before.")
    limit: int = Field(50, ge=1, le=500)


class BulkFilter(FilterQuery):
    """Which runs to act on."""

    company_id: int | None = Field(None, strict=True, ge=0, le=LARGEST_ID)


class BulkRequest(Strict):
    """Retry or cancel every run that matches; itself a run with progress."""

    action: Literal["retry", "cancel"]
    filter: BulkFilter
    reason: str = Field(min_length=1, max_length=500, description="Kept in the audit log.")


class Settlement(Strict):
    """What a person found out about a call whose outcome was unknown."""

    happened: bool = Field(strict=True, description="Whether the call took effect at the provider.")
    reference: dict[str, Any] | None = Field(None, description="The provider's identifiers, when it happened.")
    reason: str = Field(min_length=1, max_length=500, description="How this was found out; kept in the audit log.")


class Changed(BaseModel):
    """What became of a run. `outcome`: the state, or `requested` for a cancel that a running run will notice."""

    id: UUID
    outcome: str


class CatalogueEntry(BaseModel):
    """A task: what it does, the JSON Schema of its payload, and its policy (times in seconds)."""

    name: str
    description: str
    queue: str
    priority: int
    max_attempts: int
    timeout: int
    expires_after: int
    batch: int
    ids_only: bool
    payload_schema: dict[str, Any]


class CatalogueList(BaseModel):
    tasks: list[CatalogueEntry]
