"""Feeds for job boards."""

from datetime import datetime

from pydantic import BaseModel, Field


class BoardPath(BaseModel):
    provider: str = Field(max_length=60, description="jobberman or brightermonday.")


class BoardFeed(BaseModel):
    """Addresses are null where there is no feed. state: connected, disconnected, or needs_reconnect when nobody can
    read the addresses any more: the feed needs new ones then. last_used_at: when a board last fetched it.
    """

    provider: str
    state: str
    indeed_url: str | None
    careerjet_url: str | None
    connected_at: datetime | None
    last_used_at: datetime | None
    reason: str


class FeedPath(BaseModel):
    token: str
