"""Interviews."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Text

from models.base import DOCUMENT, INSTANT, NOW, native, shared_table
from models.enums import InterviewStatus

interview_schedules = shared_table(
    "interview_schedules",
    Column("id", Integer, primary_key=True),
    Column("application_id", Integer, ForeignKey("job_applications.id", ondelete="CASCADE"), nullable=False),
    Column("created_by_user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("title", String, nullable=False),
    Column("description", Text),
    Column("location", String),
    Column("meeting_link", String),
    Column("scheduled_at", INSTANT, nullable=False),
    Column("duration_minutes", Integer),
    Column("timezone", String),
    Column("interviewers", DOCUMENT),
    Column("candidate_email", String, nullable=False),
    Column("status", native("interviewschedulestatus", InterviewStatus), nullable=False),
    Column("google_event_id", String),
    Column("outlook_event_id", String),
    Column("reminder_sent", Boolean),
    Column("confirmation_received", Boolean),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Index("ix_interview_schedules_id", "id"),
    Index("ix_interview_schedules_application_id", "application_id"),
    Index("ix_interview_schedules_scheduled_at", "scheduled_at"),
)
