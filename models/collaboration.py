"""What people of a company decide about an application together."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Integer, Table, Text, text

from models.base import DOCUMENT, INSTANT, NOW, metadata

application_changes = Table(
    "application_changes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("application_id", Integer, ForeignKey("job_applications.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="SET NULL")),
    Column("kind", Text, nullable=False),
    Column("before", DOCUMENT),
    Column("after", DOCUMENT),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    CheckConstraint("kind in ('rating', 'tags', 'scorecard', 'note_deleted')", name="application_changes_kind_check"),
    Index("ix_application_changes_application", "application_id", text("id desc")),
    Index("ix_application_changes_user_id", "user_id"),
    Index("ix_application_changes_created_at", "created_at"),
    Index(
        "ix_application_changes_deleted_notes",
        "created_at",
        postgresql_where=text("kind = 'note_deleted' and before ? 'note'"),
    ),
)
"""The history of an application, for the eyes of its company. No candidate ever reads it."""
