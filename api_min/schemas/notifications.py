"""Notifications on the wire."""

from datetime import datetime

from pydantic import BaseModel, Field

from api_min.schemas.ats import LONGEST_LIST, LooseQuery
from worker.kit.ids import LARGEST_ROW_ID


class NotificationQuery(LooseQuery):
    limit: int = Field(20, ge=1, le=LONGEST_LIST)
    offset: int = Field(0, ge=0, le=LARGEST_ROW_ID)
    unread_only: bool = False


class NotificationPath(BaseModel):
    notification_id: int


class Notification(BaseModel):
    """type: new_application, status_change, new_job, message or system."""

    id: int
    type: str
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
