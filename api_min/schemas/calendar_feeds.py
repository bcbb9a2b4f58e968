"""A recruiter's calendar feed: its address."""

from datetime import datetime

from pydantic import BaseModel


class FeedPath(BaseModel):
    token: str


class CalendarFeed(BaseModel):
    """address: null where there is none. changed_at: since when it is this one."""

    address: str | None
    changed_at: datetime | None
