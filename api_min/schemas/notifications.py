"""Notifications on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from api_min.schemas.ats import LONGEST_LIST, Loose, LooseQuery
from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.tasks import at_most

MOST_KINDS = 100


class NotificationQuery(LooseQuery):
    limit: int = Field(20, ge=1, le=LONGEST_LIST)
    offset: int = Field(0, ge=0, le=LARGEST_ROW_ID)
    unread_only: bool = False


class UnreadQuery(LooseQuery):
    after: int | None = Field(
        None, ge=0, le=LARGEST_ROW_ID, description="The number that is known. With `Prefer: wait=N`: wait for another."
    )


class NotificationPath(BaseModel):
    notification_id: int


class Notification(BaseModel):
    """type: new_application, status_change, new_job, message or system; kind: more exactly, as in preferences.

    count: how many this one stands for; its time is the newest one's.
    """

    id: int
    type: str
    kind: str
    count: int
    title: str
    message: str
    related_job_id: int | None
    related_application_id: int | None
    is_read: bool
    read_at: datetime | None
    created_at: datetime | None


class Notifications(BaseModel):
    """total, unread_count: of all, whatever was asked for."""

    notifications: list[Notification]
    total: int
    unread_count: int


class UnreadCount(BaseModel):
    unread_count: int


class Preference(BaseModel):
    """in_app: in the bell; fixed: it cannot be switched off there. mailable: whether it can be had by mail."""

    kind: str
    name: str
    in_app: bool
    mail: bool
    fixed: bool
    mailable: bool


class Preferences(BaseModel):
    preferences: list[Preference]


class Choice(Loose):
    """What is left out, or null, stays."""

    kind: Annotated[str, StringConstraints(min_length=1, max_length=50)]
    in_app: bool | None = None
    mail: bool | None = None


class Choices(Loose):
    """Kinds that are not named stay as they are."""

    preferences: Annotated[list[Choice], Field(min_length=1, max_length=MOST_KINDS), at_most(MOST_KINDS)]
