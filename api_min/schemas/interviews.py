"""Interviews: requests and answers."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints, field_validator

from api_min.errors import NO_APPLICATION, NO_INTERVIEW
from api_min.schemas.ats import Absent, Loose, LooseQuery, not_null, row_id
from models.enums import InterviewCalendar, InterviewKind, InterviewStatus
from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.mailboxes import canonical
from worker.kit.tasks import at_most
from worker.services.interviews.times import DEFAULT_MINUTES, DEFAULT_ZONE, zone_names

MOST_INTERVIEWERS = 20
MOST_OFFERED = 10


def _zone(value: str) -> str:
    if value not in zone_names():
        raise ValueError("n’est pas un fuseau horaire : écrivez un nom IANA, par exemple Africa/Libreville")
    return value


def _address(value: str) -> str:
    if not (found := canonical(value)):
        raise ValueError("n’est pas une adresse e-mail")
    return found


def _link(value: str) -> str:
    if not value.lower().startswith(("https://", "http://")):
        raise ValueError("doit commencer par https:// ou http://")
    return value


def _blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _kind(value: Any) -> Any:
    return InterviewKind.parse(value) if isinstance(value, str) else value


def _calendar(value: Any) -> Any:
    if not isinstance(value, str) or value.strip().lower() == "auto":
        return value.strip().lower() if isinstance(value, str) else value
    return InterviewCalendar.parse(value)


BLANK = BeforeValidator(_blank)
InterviewId = Annotated[int, BeforeValidator(row_id("path.interview_id", NO_INTERVIEW))]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Zone = Annotated[str, StringConstraints(max_length=100), AfterValidator(_zone)]
Minutes = Annotated[int, Field(ge=15, le=480)]
Address = Annotated[str, StringConstraints(max_length=254), AfterValidator(_address)]
Description = Annotated[str, StringConstraints(max_length=20_000)]
Location = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Link = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_link)]
Kind = Annotated[InterviewKind, BeforeValidator(_kind)]
Round = Annotated[int, Field(ge=1, le=20)]
Calendar = Annotated[Literal["auto"] | InterviewCalendar, BeforeValidator(_calendar)]
Opinion = Annotated[str, StringConstraints(max_length=5000)]


class Interviewer(Loose):
    user_id: int | None = Field(None, ge=1, le=LARGEST_ROW_ID)
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    email: Annotated[Address | None, BLANK] = None


OfferedTimes = Annotated[list[datetime], Field(max_length=MOST_OFFERED), at_most(MOST_OFFERED)]
Interviewers = Annotated[list[Interviewer], Field(max_length=MOST_INTERVIEWERS), at_most(MOST_INTERVIEWERS)]


class InterviewPath(BaseModel):
    interview_id: InterviewId


class ApplicationPath(BaseModel):
    application_id: Annotated[int, BeforeValidator(row_id("path.application_id", NO_APPLICATION))]


class PagingQuery(LooseQuery):
    page: int = Field(1, ge=1, le=LARGEST_ROW_ID)
    limit: int = Field(10, ge=1, le=50)


class InterviewQuery(PagingQuery):
    status: str | None = Field(None, max_length=50, description="In either vocabulary; 400 when it is none.")


class NewInterview(Loose):
    """scheduled_at: an instant; without an offset it is local to the `timezone` that is sent, or UTC without one.
    offered_times: other starts, written likewise, of which the candidate may choose one on his page.
    organiser_timezone: in which the caller reads times; mails to him show both clocks where they differ.
    """

    application_id: Annotated[int, BeforeValidator(row_id("body.application_id", NO_APPLICATION)), Field(ge=1)]
    title: Title
    scheduled_at: datetime
    description: Annotated[Description | None, BLANK] = None
    location: Annotated[Location | None, BLANK] = None
    meeting_link: Annotated[Link | None, BLANK] = None
    duration_minutes: Minutes = DEFAULT_MINUTES
    timezone: Zone = DEFAULT_ZONE
    organiser_timezone: Annotated[Zone | None, BLANK] = None
    interviewers: Interviewers | None = None
    candidate_email: Annotated[Address | None, BLANK] = None
    kind: Annotated[Kind | None, BLANK] = None
    round: Round | None = None
    calendar: Calendar = "auto"
    offered_times: OfferedTimes = Field(default=[])
    create_meeting_link: bool = False
    create_meet_link: bool = False


class InterviewChanges(Loose):
    """What is left out stays as it is. Another `scheduled_at` makes the interview `rescheduled` and ends what was
    offered, unless `offered_times` come with it; times without an offset are local to the `timezone` that is sent with
    them, or UTC without one.
    """

    title: Title | Absent = None
    scheduled_at: datetime | Absent = None
    description: Annotated[Description | None, BLANK] = None
    location: Annotated[Location | None, BLANK] = None
    meeting_link: Annotated[Link | None, BLANK] = None
    duration_minutes: Minutes | Absent = None
    timezone: Zone | Absent = None
    interviewers: Interviewers | None = None
    candidate_email: Address | Absent = None
    kind: Annotated[Kind | None, BLANK] = None
    round: Round | None = None
    offered_times: OfferedTimes | Absent = None

    _given = field_validator(
        *("title", "scheduled_at", "duration_minutes", "timezone", "candidate_email", "offered_times"), mode="before"
    )(not_null)


class StatusChange(Loose):
    """reason: of a cancellation; it reaches the other side."""

    status: str = Field(max_length=50, description="In either vocabulary; 400 when it is none.")
    reason: Annotated[Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] | None, BLANK] = None


class Feedback(Loose):
    """What is left out stays; null takes it away."""

    notes: Annotated[Opinion | None, BLANK] = None
    feedback: Annotated[Opinion | None, BLANK] = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None


class Meeting(BaseModel):
    """What people meet about, when and where."""

    title: str
    description: str | None
    kind: InterviewKind | None
    round: int | None
    scheduled_at: datetime
    duration_minutes: int
    timezone: str
    location: str | None
    meeting_link: str | None


class InCalendar(BaseModel):
    """What a connected calendar holds of it."""

    calendar: InterviewCalendar | None
    google_event_id: str | None
    outlook_event_id: str | None
    link_state: Literal["pending", "made", "refused"] | None
    link_reason: str | None
    event_url: str | None = None
    lost_account: str | None = None


class Interview(Meeting, InCalendar):
    """moved_from: the start before the last move. offered_times: other starts that the candidate may choose.
    reminder_at: when the candidate will be reminded; null when nobody will be any more. A candidate sees of
    `interviewers` their names, and neither `event_url` nor what was said afterwards. lost_account: the disconnected
    account in whose calendar the event still stands; what guests see can be changed only there.
    """

    id: int
    application_id: int
    created_by_user_id: int
    candidate_email: str
    interviewers: list[dict[str, Any]] | None
    status: InterviewStatus
    canceled_by: str | None
    cancel_reason: str | None
    moved_from: datetime | None
    moved_at: datetime | None
    offered_times: list[datetime]
    candidate_response: str | None
    confirmation_received: bool
    reminder_sent: bool
    reminder_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None
    notes: str | None = None
    feedback: str | None = None
    rating: int | None = None


class InterviewWarning(BaseModel):
    """Nothing is refused because of it. interview_id: the other one; null when it is another company's, or when the
    warning is about the hour or about something else in a calendar.
    """

    code: Literal[
        "recruiter_busy",
        "candidate_busy",
        "calendar_busy",
        "calendar_tentative",
        "calendar_out_of_office",
        "already_planned",
        "ambiguous_time",
    ]
    message: str
    interview_id: int | None


class SavedInterview(Interview):
    warnings: list[InterviewWarning]


class InterviewPage(BaseModel):
    interviews: list[Interview]
    total: int
    page: int
    limit: int
    total_pages: int
