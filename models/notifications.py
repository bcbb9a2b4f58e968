"""What the bell shows, and who wants to be told what.

Of a group the first one is shown: `group_size` tell it, `created_at` is the newest one's, `group_began_at` its own
beginning. The others carry its id in `group_id`. Those, and what is `hidden`, count as read.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from models.base import INSTANT, NOW, OURS, metadata, native, shared_table
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
    Column("kind", Text, info=OURS),
    Column("group_key", Text, info=OURS),
    Column("group_id", Integer, ForeignKey("notifications.id", ondelete="CASCADE"), info=OURS),
    Column("group_size", Integer, nullable=False, server_default=text("1"), info=OURS),
    Column("group_began_at", INSTANT, info=OURS),
    Column("hidden", Boolean, nullable=False, server_default=text("false"), info=OURS),
    Index("ix_notifications_id", "id"),
    Index("ix_notifications_created_at", "created_at"),
    Index("ix_notifications_is_read", "is_read"),
    Index("ix_notifications_user_id", "user_id"),
    Index(
        "ix_notifications_shown",
        "user_id",
        text("created_at desc nulls last"),
        text("id desc"),
        postgresql_where=text("group_id is null and not hidden"),
        info=OURS,
    ),
    Index(
        "ix_notifications_groups",
        "user_id",
        "group_key",
        "group_began_at",
        postgresql_where=text("group_key is not null and group_id is null"),
        info=OURS,
    ),
    Index("ix_notifications_members", "group_id", postgresql_where=text("group_id is not null"), info=OURS),
    Index("ix_notifications_unread", "user_id", postgresql_where=text("is_read is not true"), info=OURS),
)

# A row for each kind about which somebody has decided; null: as the kind's default.
notification_preferences = Table(
    "notification_preferences",
    metadata,
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("in_app", Boolean),
    Column("mail", Boolean),
    Column("updated_at", INSTANT, nullable=False, server_default=NOW),
)
