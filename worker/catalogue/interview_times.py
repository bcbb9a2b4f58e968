"""Questions to recruiters' calendars that somebody waits for: when they are free."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.tasks import Payload, TaskDefinition, at_most

RowId = Annotated[int, Field(ge=1, le=LARGEST_ROW_ID)]
Minutes = Annotated[int, Field(ge=15, le=480)]
Zone = Annotated[str, Field(min_length=1, max_length=100)]
# Who plans it, and twenty interviewers.
MOST_PEOPLE = 21


class AboutTimes(Payload):
    """people: users.id of the recruiters, who plans it first. interview_id: of one that gets another time. zone: IANA
    name.
    """

    application_id: RowId
    people: Annotated[list[RowId], at_most(MOST_PEOPLE)] = Field(min_length=1, max_length=MOST_PEOPLE)
    minutes: Minutes
    zone: Zone
    interview_id: RowId | None = None


class SuggestTimes(AboutTimes):
    """now: from when on times are wanted."""

    shown = frozenset({"zone", "now"})

    now: AwareDatetime


class CheckTime(AboutTimes):
    """start: with its offset."""

    shown = frozenset({"zone", "start"})

    start: AwareDatetime


# Seconds after which nobody waits for an answer any more: a token may have to be renewed before calendars are asked.
SOMEBODY_WAITS = 25

SUGGEST_TIMES = TaskDefinition(
    name="interviews.suggest_times",
    payload=SuggestTimes,
    description="Find the next free times for an interview, by the recruiter's calendars too.",
    queue="interactive",
    priority=3,
    max_attempts=1,
    timeout=SOMEBODY_WAITS,
    expires_after=SOMEBODY_WAITS,
)

CHECK_TIME = TaskDefinition(
    name="interviews.check_time",
    payload=CheckTime,
    description="Ask the calendars of an interview's recruiters what takes their time then.",
    queue="interactive",
    priority=3,
    max_attempts=1,
    timeout=SOMEBODY_WAITS,
    expires_after=SOMEBODY_WAITS,
)
