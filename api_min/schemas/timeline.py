"""The time line of an application on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, field_validator

from api_min.schemas.ats import LooseQuery
from worker.services.collaboration.timeline_entries import LONGEST_POSITION, TimelineKind


class TimelineQuery(LooseQuery):
    """kind: one or several, parted by commas. cursor: `next_cursor` of the page before."""

    kind: str = Field("", max_length=200)
    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(None, max_length=LONGEST_POSITION)

    @field_validator("kind")
    @classmethod
    def _known(cls, value: str) -> str:
        for name in _names(value):
            if name not in tuple(TimelineKind):
                raise ValueError(f"{name!r} is not one of: {', '.join(TimelineKind)}")
        return value

    @property
    def kinds(self) -> frozenset[TimelineKind]:
        return frozenset(TimelineKind(name) for name in _names(self.kind))


def _names(written: str) -> list[str]:
    return [name.strip().lower() for name in written.split(",") if name.strip()]


class TimelineAuthor(BaseModel):
    user_id: int | None
    user_name: str | None


class TimelineEntry(BaseModel):
    """by: null where nobody knows who did it. details: what there is to show, by kind; null for what is not known."""

    id: str
    kind: TimelineKind
    event: str
    at: datetime
    by: TimelineAuthor | None
    details: dict[str, Any]


class Timeline(BaseModel):
    """The newest first. next_cursor: null on the last page."""

    application_id: int
    entries: list[TimelineEntry]
    next_cursor: str | None
