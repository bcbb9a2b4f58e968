"""Which calendar an interview goes to."""

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Connection

from models.enums import IntegrationProvider, InterviewCalendar
from worker.services.integrations import credentials

Choice = Literal["auto"] | InterviewCalendar

# The order in which `auto` looks.
PROVIDERS: Mapping[InterviewCalendar, IntegrationProvider] = {
    InterviewCalendar.GOOGLE: IntegrationProvider.GOOGLE_CALENDAR,
    InterviewCalendar.OUTLOOK: IntegrationProvider.OUTLOOK_CALENDAR,
}


class NotConnected(Exception):
    """Nobody of the company has connected this calendar."""

    def __init__(self, calendar: InterviewCalendar) -> None:
        super().__init__(f"{calendar.value} is not connected")
        self.calendar = calendar


def choose(
    connection: Connection, company_id: int, user_id: int, choice: Choice
) -> tuple[InterviewCalendar, int | None]:
    """The calendar and the account: the user's own, else the company's newest.

    `auto` takes one that works, Google's first, and none where there is no such. A calendar that is named may wait to
    be connected again: what goes there waits with it. Raises NotConnected.
    """
    if choice is InterviewCalendar.NONE:
        return InterviewCalendar.NONE, None
    for calendar, provider in PROVIDERS.items():
        known = credentials.best(connection, company_id, user_id, provider)
        if choice == "auto" and known is not None and known.works:
            return calendar, known.id
        if choice is calendar and known is not None and known.state.active:
            return calendar, known.id
    if choice == "auto":
        return InterviewCalendar.NONE, None
    raise NotConnected(InterviewCalendar(choice))
