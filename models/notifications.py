"""What the bell shows."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Text, text

from models.base import INSTANT, NOW, OURS, native, shared_table
from models.enums import NotificationKind

notifications = shared_table(
    "notifications",
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("type", native("notificationtype", NotificationKind), nullable=False),
    Column("title", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("related_job_id", Integer, ForeignKey("jobs.id", ondelete="SET NULL")),
    Column("related_application_id", Integer, ForeignKey("job_applications.id", ondelete="SET NULL")),
    Column("is_read", Boolean),
    Column("read_at", INSTANT),
    Column("created_at", INSTANT, server_default=NOW),
    Index("ix_notifications_id", "id"),
    Index("ix_notifications_created_at", "created_at"),
    Index("ix_notifications_is_read", "is_read"),
    Index("ix_notifications_user_id", "user_id"),
    Index("ix_notifications_newest", "user_id", text("created_at desc nulls last"), text("id desc"), info=OURS),
    Index("ix_notifications_unread", "user_id", postgresql_where=text("is_read is not true"), info=OURS),
)
