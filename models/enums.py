"""The vocabulary: what the main web app stores, what the report calls it, and what only this platform has.

The main web app's enum types may never get new labels. A kind that they lack is stored under its nearest
label, with its true name in a column of ours beside it; that name counts only while its nearest label is
still the stored one.
"""

from enum import StrEnum
from typing import Self


class Nearest(str):
    """The stored label of a kind that the main web app lacks."""

    __slots__ = ()


class Word(StrEnum):
    """A value as it is answered and, where the column is text, stored. Further names are accepted on input."""

    names: tuple[str, ...]

    def __new__(cls, value: str, *names: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.names = (value, *names)
        return member

    @classmethod
    def parse(cls, text: str) -> Self:
        """In any case, with dashes, underscores or blanks; a ValueError lists the values."""
        for member in cls:
            if member.is_called(text):
                return member
        raise ValueError(f"{text!r} is not one of: {', '.join(cls)}.")

    def is_called(self, text: str) -> bool:
        """Whether this is one of its names, in any case, with dashes, underscores or blanks."""
        return text.strip().casefold().replace("-", "_").replace(" ", "_") in self.names


class SharedKind(Word):
    """A value kept in one of the main web app's enum columns: `label` there, `own` in our column beside it."""

    label: str
    own: str | None

    def __new__(cls, value: str, *names: str) -> Self:
        nearest = next((name for name in names if isinstance(name, Nearest)), None)
        member = str.__new__(cls, value)
        member._value_ = value
        member.names = (value, *(name for name in names if not isinstance(name, Nearest)))
        member.label = str(nearest or value.upper())
        member.own = value if nearest else None
        return member

    @classmethod
    def stored(cls, label: str, own: str | None = None) -> Self:
        """What a row means, from its enum column (in any case) and our column beside it."""
        for member in cls:
            if own and member.own == own and member.label == label.upper():
                return member
        return cls.parse(label)


class UserRole(SharedKind):
    CANDIDATE = "candidate"
    EMPLOYER = "employer"
    ADMIN = "admin"


class SkillCategory(SharedKind):
    TECHNICAL = "technical"
    SOFT = "soft"
    LANGUAGE = "language"


class NotificationKind(SharedKind):
    NEW_APPLICATION = "new_application"
    STATUS_CHANGE = "status_change"
    NEW_JOB = "new_job"
    MESSAGE = "message"
    SYSTEM = "system"
    MATCHING_JOBS = "matching_jobs", Nearest("NEW_JOB")
    CONNECTION_LOST = "connection_lost", Nearest("SYSTEM")
    CONNECTION_EXPIRES = "connection_expires", Nearest("SYSTEM")
    ACCOUNT_CONNECTED = "account_connected", Nearest("SYSTEM")
    ACCESS_APPROVED = "access_approved", Nearest("SYSTEM")
    INTERVIEW_MOVED = "interview_moved", Nearest("SYSTEM")
    INTERVIEW_CANCELED = "interview_canceled", Nearest("SYSTEM")
    INTERVIEW_CONFIRMED = "interview_confirmed", Nearest("SYSTEM")
    INTERVIEW_DECLINED = "interview_declined", Nearest("SYSTEM")
    INTERVIEW_TO_DECIDE = "interview_to_decide", Nearest("SYSTEM")
    INTERVIEW_DELAYED = "interview_delayed", Nearest("SYSTEM")
    POST_PUBLISHED = "post_published", Nearest("SYSTEM")
    POST_FAILED = "post_failed", Nearest("SYSTEM")
    CHANNEL_OFF = "channel_off", Nearest("SYSTEM")
    SCORECARD_DUE = "scorecard_due", Nearest("SYSTEM")
    MENTION = "mention", Nearest("SYSTEM")


class TemplateType(SharedKind):
    WELCOME_CANDIDATE = "welcome_candidate", "welcome"
    APPLICATION_RECEIVED = "application_received"
    APPLICATION_REJECTED = "application_rejected", "rejection"
    INTERVIEW_INVITATION = "interview_invitation"
    INTERVIEW_CONFIRMATION = "interview_confirmation"
    INTERVIEW_REMINDER = "interview_reminder"
    OFFER_LETTER = "offer_letter"
    ONBOARDING = "onboarding"
    CUSTOM = "custom"
    FOLLOW_UP = "follow_up", Nearest("CUSTOM")
    ASSESSMENT_INVITATION = "assessment_invitation", Nearest("CUSTOM")
    REFERENCE_REQUEST = "reference_request", Nearest("CUSTOM")
    JOB_ALERT = "job_alert", Nearest("CUSTOM")
    INTERVIEW_RESCHEDULED = "interview_rescheduled", Nearest("CUSTOM")
    INTERVIEW_CANCELED = "interview_canceled", "interview_cancelled", Nearest("CUSTOM")


class AlertFrequency(SharedKind):
    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly", Nearest("WEEKLY")


class InterviewStatus(SharedKind):
    SCHEDULED = "scheduled"
    CONFIRMED = "confirmed"
    CANCELED = "canceled", "cancelled"
    COMPLETED = "completed"
    RESCHEDULED = "rescheduled"
    NO_SHOW = "no_show", Nearest("CANCELED")


class InterviewKind(Word):
    PHONE = "phone"
    VIDEO = "video"
    ON_SITE = "on_site", "onsite"


class InterviewCalendar(Word):
    """Where an interview's event lies: a connected account's calendar, or none, which is told by mail."""

    GOOGLE = "google", "google_calendar"
    OUTLOOK = "outlook", "outlook_calendar", "microsoft"
    NONE = "none"


class CanceledBy(StrEnum):
    """Who ended an interview: the company, the candidate, an administrator; or its event was deleted in the organiser's
    calendar.
    """

    COMPANY = "company"
    CANDIDATE = "candidate"
    ADMIN = "admin"
    CALENDAR = "calendar"


class PostingChannel(SharedKind):
    INTOWORK = "intowork", "company_career_page"
    LINKEDIN = "linkedin"
    JOBBERMAN = "jobberman"
    BRIGHTERMONDAY = "brightermonday"
    FACEBOOK = "facebook"
    TWITTER = "twitter", "x"
    CUSTOM = "custom"


class PostingState(StrEnum):
    """What became of an offer on a channel. `active`: it is there, on its way there, or may be there. A draft was asked
    for and called off before anything left.
    """

    DRAFT = "draft"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPORTED = "exported"
    AWAITING_PARTNER = "awaiting_partner"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"

    @property
    def active(self) -> bool:
        ended = (PostingState.DRAFT, PostingState.FAILED, PostingState.WITHDRAWN, PostingState.EXPIRED)
        return self not in ended

    @classmethod
    def stored(cls, own: str | None, *, active: bool) -> "PostingState":
        """What a row means; the main web app knows only whether it is active."""
        if own in tuple(cls):
            return cls(own)
        return cls.PUBLISHED if active else cls.WITHDRAWN


class IntegrationProvider(SharedKind):
    LINKEDIN = "linkedin"
    GOOGLE_CALENDAR = "google_calendar", "google"
    OUTLOOK_CALENDAR = "outlook_calendar", "outlook", "microsoft"
    JOBBERMAN = "jobberman"
    BRIGHTERMONDAY = "brightermonday"


class ConnectionState(StrEnum):
    """What an account's connection is good for. `active` is the main web app's `is_active` beside it: where the two do
    not fit together that app has written since, and its word counts.
    """

    CONNECTED = "connected"
    NEEDS_RECONNECT = "needs_reconnect"
    ERROR = "error"
    DISCONNECTED = "disconnected"

    @property
    def active(self) -> bool:
        return self in (ConnectionState.CONNECTED, ConnectionState.NEEDS_RECONNECT)

    @classmethod
    def stored(cls, own: str | None, *, active: bool) -> "ConnectionState":
        """What a row means, from our column and the main web app's."""
        if own in tuple(cls) and cls(own).active is active:
            return cls(own)
        return cls.CONNECTED if active else cls.DISCONNECTED


class ApplicationStatus(Word):
    APPLIED = "applied"
    VIEWED = "viewed"
    SHORTLISTED = "shortlisted"
    INTERVIEW = "interview"
    REJECTED = "rejected"
    ACCEPTED = "accepted"


class JobStatus(Word):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    ARCHIVED = "archived"


class JobType(Word):
    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    CONTRACT = "contract"
    TEMPORARY = "temporary"
    INTERNSHIP = "internship"


class LocationType(Word):
    ON_SITE = "on_site", "onsite"
    REMOTE = "remote"
    HYBRID = "hybrid"


class AlertOrigin(StrEnum):
    """Who an alert's candidate_id means: MAIN rows hold users.id and wait for translation, ORPHAN rows have
    no candidate; only the other two may run.
    """

    MAIN = "main"
    TRANSLATED = "translated"
    ORPHAN = "orphan"
    PLATFORM = "platform"


class MessageState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    UNKNOWN = "unknown"


class BatchState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class AlertRunState(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
