"""What takes people's time, as Graph tells it: entries of the account's own calendar, and schedules of others."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

from worker.contracts.calendars import Busy, Busyness
from worker.providers.microsoft.reading import Answered, Flag, Instant, Text, Told

VIEW_MEMBERS = "start,end,isAllDay,isCancelled,showAs,responseStatus"
STEP_MINUTES = 30
_TAKEN: Mapping[str, Busyness] = {
    "busy": "busy",
    "unknown": "busy",
    "tentative": "tentative",
    "oof": "out_of_office",
}
_DIGITS: Mapping[str, Busyness] = {"1": "tentative", "2": "busy", "3": "out_of_office"}


class ViewEntry(Told):
    """An entry of calendarView (VIEW_MEMBERS)."""

    start: Instant
    end: Instant
    is_all_day: Flag = False
    is_cancelled: Flag = False
    show_as: Text = ""
    response_status: Answered | None = None

    def busy(self, zone: ZoneInfo) -> Busy | None:
        how = _TAKEN.get(self.show_as.lower())
        declined = self.response_status is not None and self.response_status.ours() == "declined"
        if how is None or self.is_cancelled or declined:
            return None
        start, end = self._span(zone)
        return Busy(start, end, how)

    def _span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Days belong to no zone in Graph: they are days where the interview is."""
        if not self.is_all_day:
            return self.start, self.end
        return midnight(self.start, zone), midnight(self.end, zone)


class ScheduleItem(Told):
    status: Text = ""
    start: Instant
    end: Instant


class Schedule(Told):
    """What getSchedule says of one address. Where only its view is allowed to be seen, there are no items."""

    schedule_id: str
    availability_view: Text = ""
    schedule_items: Annotated[tuple[ScheduleItem, ...], BeforeValidator(lambda value: value or ())] = ()
    error: Mapping[str, Any] | None = None

    def busy(self, start: datetime) -> Iterator[Busy]:
        """start: of the window that was asked for."""
        if not self.schedule_items:
            yield from self._by_view(start)
        for item in self.schedule_items:
            how = _TAKEN.get(item.status.lower())
            if how is not None:
                yield Busy(item.start, item.end, how)

    def _by_view(self, start: datetime) -> Iterator[Busy]:
        step = timedelta(minutes=STEP_MINUTES)
        for number, digit in enumerate(self.availability_view):
            how = _DIGITS.get(digit)
            if how is not None:
                yield Busy(start + number * step, start + (number + 1) * step, how)


def within(found: Iterable[Busy | None], start: datetime, end: datetime) -> tuple[Busy, ...]:
    """What touches the window, in order."""
    touching = (busy for busy in found if busy is not None and busy.start < end and busy.end > start)
    return tuple(sorted(touching, key=lambda busy: (busy.start, busy.end)))


def midnight(when: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of a day in the zone. Graph gives a day's midnight as UTC, or moved there from another zone."""
    return datetime.combine((when + timedelta(hours=12)).date(), time(), zone).astimezone(UTC)
