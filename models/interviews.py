"""Interviews, what was said after them, and when companies hold them."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    text,
)

from models.base import DOCUMENT, INSTANT, NOW, OURS, metadata, native, shared_table
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
    Column("own_status", Text, info=OURS),
    Column("kind", Text, info=OURS),
    Column("round", SmallInteger, info=OURS),
    Column("calendar", Text, info=OURS),
    Column("credential_id", Integer, ForeignKey("integration_credentials.id", ondelete="SET NULL"), info=OURS),
    Column("ical_uid", Text, info=OURS),
    Column("generation", Integer, nullable=False, server_default=text("0"), info=OURS),
    Column("event_generation", Integer, info=OURS),
    Column("event_etag", Text, info=OURS),
    Column("event_address", Text, info=OURS),
    Column("event_checked_at", INSTANT, info=OURS),
    Column("event_changed_at", INSTANT, info=OURS),
    Column("meeting_wanted", Boolean, nullable=False, server_default=text("false"), info=OURS),
    Column("link_state", Text, info=OURS),
    Column("link_reason", Text, info=OURS),
    Column("canceled_by", Text, info=OURS),
    Column("cancel_reason", Text, info=OURS),
    Column("moved_from", INSTANT, info=OURS),
    Column("moved_at", INSTANT, info=OURS),
    Column("candidate_response", Text, info=OURS),
    Column("organiser_response", Text, info=OURS),
    Column("candidate_reminded_for", INSTANT, info=OURS),
    Column("organiser_reminded_for", INSTANT, info=OURS),
    Column("sequence", Integer, nullable=False, server_default=text("0"), info=OURS),
    Column("ical_organiser", Text, info=OURS),
    Column("organiser_timezone", Text, info=OURS),
    Column("calendar_refused_at", INSTANT, info=OURS),
    Column("offered_times", ARRAY(INSTANT), info=OURS),
    Index("ix_interview_schedules_id", "id"),
    Index("ix_interview_schedules_application_id", "application_id"),
    Index("ix_interview_schedules_scheduled_at", "scheduled_at"),
    Index(
        "ix_interview_schedules_planned_once",
        "application_id",
        "scheduled_at",
        unique=True,
        postgresql_where=text("calendar is not null and status in ('SCHEDULED', 'CONFIRMED', 'RESCHEDULED')"),
        info=OURS,
    ),
    Index(
        "ix_interview_schedules_credential_id",
        "credential_id",
        postgresql_where=text("credential_id is not null"),
        info=OURS,
    ),
    Index("ix_interview_schedules_created_by_user_id", "created_by_user_id", info=OURS),
)
"""`calendar`: google, outlook or none; empty for rows of the main web app, of which there is never an event of ours.
`credential_id`: the account whose calendar holds the event.

`generation` rises in the transaction of each change that guests are to hear of: planned, moved, reworded, canceled;
`event_generation` is the one that the calendar, or the mail, last told them. What lies between them is owed. It is the
generation of the `EffectKey` of the call that tells (`interview:7:create` and so on, its row `interview:7`), and that
call's `apply` writes `event_generation`, never a newer one's; -1 where its account may be another since.
`event_checked_at`: when the event was last read back.
`event_changed_at`: when the event that we know was last changed, on the provider's clock; what is older is no news.

`sequence` rises with those of them that we write to people about, and with nothing else: what a calendar alone tells,
and a call that it refused, raise the generation, and a mail that is on its way stays true. It tells our mails of an
interview apart and is the SEQUENCE of its calendar files. `ical_uid`: of the provider's event, written before it exists
where it is known then (`calendar_refused_at`: when the calendar would not take the event for hours, so that our mail
stands in for it). `ical_organiser`: who organises in our files, always.
`organiser_timezone`: in which the organiser reads times, where that is known.

`link_state`: pending while a provider makes the link that `meeting_wanted` asks for, then made, or refused with
`link_reason`; empty before. `canceled_by`: who, see CanceledBy. `moved_from`, `moved_at`: the last move.
`candidate_response`, `organiser_response`: what they told the calendar (none, accepted, declined, tentative).
`candidate_reminded_for`, `organiser_reminded_for`: the start of which they were reminded; after a move it is another.
`offered_times`: other starts among which the candidate may choose.
"""

interview_feedback = Table(
    "interview_feedback",
    metadata,
    Column("interview_id", Integer, ForeignKey("interview_schedules.id", ondelete="CASCADE"), primary_key=True),
    Column("notes", Text),
    Column("feedback", Text),
    Column("rating", SmallInteger),
    Column("written_by", Integer, ForeignKey("users.id", ondelete="SET NULL")),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("updated_at", INSTANT, nullable=False, server_default=NOW),
    CheckConstraint("rating between 1 and 5", name="interview_feedback_rating_check"),
    Index("ix_interview_feedback_written_by", "written_by"),
)
"""For the company's eyes: no candidate ever reads it."""

interview_settings = Table(
    "interview_settings",
    metadata,
    Column("company_id", Integer, ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True),
    Column("days", ARRAY(SmallInteger), nullable=False),
    Column("opens_at", Time, nullable=False),
    Column("closes_at", Time, nullable=False),
    Column("pause_minutes", SmallInteger, nullable=False),
    Column("notice_hours", SmallInteger, nullable=False),
    Column("skip_holidays", Boolean, nullable=False),
    Column("hide_guests", Boolean, nullable=False),
    Column("cancel_when_rejected", Boolean, nullable=False),
    Column("updated_at", INSTANT, nullable=False, server_default=NOW),
    CheckConstraint("opens_at < closes_at", name="interview_settings_hours_check"),
)
"""`days`: 1 is Monday. Hours are those of an interview's own zone. A company without a row has the defaults of
`worker.services.interviews.settings`.
"""

interview_calls = Table(
    "interview_calls",
    metadata,
    Column("interview_id", Integer, ForeignKey("interview_schedules.id", ondelete="CASCADE"), primary_key=True),
    Column("operation", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
)
"""The call at a calendar that is under way: written when its effect begins, gone when its outcome is known. Until then
the interview's next change waits, and a repetition sends these bytes for this generation, whatever was changed since.
"""

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("changed_at", INSTANT, nullable=False, server_default=NOW),
)
"""A recruiter's interviews as a calendar to subscribe to. `number`: of the address that is valid; one that was given
away is revoked by the next. `open`: false when there is none.
"""

interview_removals = Table(
    "interview_removals",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("credential_id", Integer, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
)
"""Events whose interview was deleted, by whomever: work for `interviews.remove_events`, which takes the rows away."""

interview_endings = Table(
    "interview_endings",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("cause", Text, nullable=False),
    Column("application_id", Integer),
    Column("job_id", Integer),
    Column("interview", DOCUMENT),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    CheckConstraint("cause in ('rejected', 'withdrawn', 'closed', 'deleted')", name="interview_endings_cause_check"),
)
"""What ends interviews, noted by triggers: an application that was rejected, withdrawn or deleted, or an offer that was
closed. Work for `interviews.end_interviews`, which takes the rows away. `interview`: the copy of one that went with its
application, with that one's `candidate_id`.
"""
