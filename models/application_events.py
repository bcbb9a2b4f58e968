"""What happened to applications and to their interviews, noted by triggers as it happens."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Integer, Table, Text, text

from models.base import INSTANT, metadata

application_events = Table(
    "application_events",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("application_id", Integer, ForeignKey("job_applications.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("interview_id", Integer),
    Column("start", INSTANT),
    Column("start_before", INSTANT),
    Column("actor", Text),
    Column("created_at", INSTANT, nullable=False, server_default=text("clock_timestamp()")),
    CheckConstraint("kind in ('decision', 'interview')", name="application_events_kind_check"),
    Index("ix_application_events_newest", "application_id", text("created_at desc"), text("id desc")),
    Index(
        "ix_application_events_interview_id",
        "interview_id",
        "event",
        postgresql_where=text("interview_id is not null"),
    ),
)
"""Nothing in it names anybody, and whoever changed a row is not known: the main web app keeps no word of it.

A decision has the application's status `before` and `after`. What happens to an interview: planned, moved (from
`start_before` to `start`), confirmed, answered (`after`: in a calendar), canceled, completed, no_show, deleted;
`actor`: candidate, company, admin or calendar, where that is known. `interview_id` has no key, for an interview may be
gone.
"""
