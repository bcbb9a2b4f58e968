"""When interviews may be: requests and answers."""

import re
from datetime import datetime, time
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, PlainValidator

from api_min.errors import NO_APPLICATION, NO_INTERVIEW
from api_min.schemas.ats import Loose, LooseQuery, row_id
from api_min.schemas.interviews import MOST_INTERVIEWERS, InterviewWarning, Minutes, Zone
from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.tasks import at_most
from worker.services.interviews.times import DEFAULT_MINUTES, DEFAULT_ZONE

HOUR = re.compile("(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def _hour(value: Any) -> Any:
    if not isinstance(value, str) or not HOUR.fullmatch(value):
        raise ValueError("n’est pas une heure : écrivez-la comme 08:30, sans fuseau")
    return time.fromisoformat(value)


Hour = Annotated[time, PlainValidator(_hour, json_schema_input_type=Annotated[str, Field(pattern=f"^{HOUR.pattern}$")])]
Day = Annotated[int, Field(ge=1, le=7)]
ApplicationId = Annotated[int, BeforeValidator(row_id("query.application_id", NO_APPLICATION)), Field(ge=1)]
OfInterview = Annotated[int, BeforeValidator(row_id("query.interview_id", NO_INTERVIEW)), Field(ge=1)]
UserIds = Annotated[
    list[Annotated[int, Field(ge=1, le=LARGEST_ROW_ID)]],
    Field(max_length=MOST_INTERVIEWERS),
    at_most(MOST_INTERVIEWERS),
]


class SuggestionQuery(LooseQuery):
    """interview_id: of one that gets another time, and does not stand in its own way. user_ids: the interviewers'
    accounts beside who plans it; left out, those whom the interview names.
    """

    application_id: ApplicationId
    interview_id: OfInterview | None = None
    user_ids: UserIds | None = None
    duration_minutes: Minutes = DEFAULT_MINUTES
    timezone: Zone = DEFAULT_ZONE


class OverlapQuery(SuggestionQuery):
    """scheduled_at: an instant; without an offset it is local to the `timezone` that is sent, or UTC without one."""

    scheduled_at: datetime


class Settings(Loose):
    """When and how the company holds interviews. What is left out is the default.

    days: 1 is Monday. opens_at, closes_at: `HH:MM` on the clock of an interview's own zone. notice_hours: working
    hours. skip_holidays: of the company's country.
    """

    days: Annotated[list[Day], Field(min_length=1, max_length=7), at_most(7)] = Field(default=[1, 2, 3, 4, 5])
    opens_at: Hour = Field("08:00", validate_default=True)
    closes_at: Hour = Field("18:00", validate_default=True)
    pause_minutes: int = Field(10, ge=0, le=240)
    notice_hours: int = Field(1, ge=0, le=100)
    skip_holidays: bool = True
    hide_guests: bool = False
    cancel_when_rejected: bool = False


class ShownSettings(BaseModel):
    days: list[int]
    opens_at: str
    closes_at: str
    pause_minutes: int
    notice_hours: int
    skip_holidays: bool
    hide_guests: bool
    cancel_when_rejected: bool


class Suggestion(BaseModel):
    """local_start: on the clock of the zone that was asked for, with its offset."""

    start: datetime
    end: datetime
    local_start: str


class UnknownCalendar(BaseModel):
    """A calendar of which nobody knows when it is free. provider: null where a colleague has connected none. account:
    the address it, or the colleague, is known by.
    """

    provider: str | None
    account: str | None
    reason: str


class Suggestions(BaseModel):
    """unknown_calendars: what they hold was not looked at."""

    suggestions: list[Suggestion]
    unknown_calendars: list[UnknownCalendar]
    timezone: str
    duration_minutes: int


class Overlaps(BaseModel):
    """What an interview would meet at this time. unknown_calendars: what they hold was not looked at."""

    warnings: list[InterviewWarning]
    unknown_calendars: list[UnknownCalendar]
