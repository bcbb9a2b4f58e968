"""The next free times for an interview, by a company's settings."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays
from sqlalchemy import Connection

from worker.kit.database import query
from worker.services.interviews import overlaps, settings
from worker.services.interviews.settings import InterviewSettings
from worker.services.matching.places import country_code

HOW_MANY = 3
WITHIN = timedelta(days=14)
# More interviews than two people have in that time.
MOST_TAKEN = 1000
# From the opening on.
STEP = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Slot:
    """Aware, UTC."""

    start: datetime
    end: datetime


def suggest(
    *,
    now: datetime,
    length: timedelta,
    zone: ZoneInfo,
    hours: InterviewSettings,
    busy: Sequence[Slot],
    days_off: AbstractSet[date] = frozenset(),
    proposed: Sequence[datetime] = (),
) -> list[Slot]:
    """At most three free times, none of which meets another; fewer, or none, when the next 14 days hold no more.

    busy: in any order. Between a taken time and a suggested one lies the company's pause. proposed: starts that come
    before all others, where they are open and free.
    """
    opened = list(_open_hours(now, zone, hours, days_off))
    pause = timedelta(minutes=hours.pause_minutes)
    taken = sorted(busy, key=lambda each: each.start)
    found: list[Slot] = []
    first = (Slot(start, start + length) for start in proposed)
    inside = [slot for slot in first if any(day.start <= slot.start and slot.end <= day.end for day in opened)]
    for slot in _ahead([*inside, *_candidates(opened, length)], now, opened, hours):
        if len(found) == HOW_MANY:
            break
        if not any(each.start < slot.end + pause and slot.start < each.end + pause for each in [*taken, *found]):
            found.append(slot)
    return found


def allowed(
    *, now: datetime, length: timedelta, zone: ZoneInfo, hours: InterviewSettings, days_off: AbstractSet[date]
) -> list[Slot]:
    """Day after day, what lies between the first time that may be suggested and the last one's end."""
    opened = list(_open_hours(now, zone, hours, days_off))
    days = (list(_ahead(_candidates([day], length), now, opened, hours)) for day in opened)
    return [Slot(day[0].start, day[-1].end) for day in days if day]


def _open_hours(now: datetime, zone: ZoneInfo, hours: InterviewSettings, days_off: AbstractSet[date]) -> Iterator[Slot]:
    """What is open, day after day; today's beginning may be past."""
    today = now.astimezone(zone).date()
    for number in range(WITHIN.days + 1):
        day = today + timedelta(days=number)
        if day.isoweekday() not in hours.days or day in days_off:
            continue
        opens, closes = (datetime.combine(day, hour) for hour in (hours.opens_at, hours.closes_at))
        yield Slot(_clock(opens, zone), _clock(closes, zone))


def _ahead(slots: Iterable[Slot], now: datetime, opened: Sequence[Slot], hours: InterviewSettings) -> Iterator[Slot]:
    """Those that leave the company its notice and end within the days that are looked at."""
    earliest = _after_notice(now, opened, timedelta(hours=hours.notice_hours))
    return (slot for slot in slots if earliest is not None and earliest <= slot.start and slot.end <= now + WITHIN)


def _clock(local: datetime, zone: ZoneInfo) -> datetime:
    """Of an hour that the clocks leap over, what it would be had they not."""
    return local.replace(tzinfo=zone).astimezone(UTC)


def _after_notice(now: datetime, hours: Sequence[Slot], notice: timedelta) -> datetime | None:
    """When so many open hours have passed since `now`: at midnight none of the night counts."""
    left = notice
    for each in hours:
        begins = max(each.start, now)
        if begins >= each.end:
            continue
        if left <= each.end - begins:
            return begins + left
        left -= each.end - begins
    return None


def _candidates(hours: Sequence[Slot], length: timedelta) -> Iterator[Slot]:
    for each in hours:
        start = each.start
        while start + length <= each.end:
            yield Slot(start, start + length)
            start += STEP


def holidays_of(country: str | None, days: Sequence[date]) -> frozenset[date]:
    """Which of these days are public holidays in a country, given by its code or a French or English name.

    None for a country that nobody knows.
    """
    code = country_code(country)
    if code is None:
        return frozenset()
    return frozenset(day for day in days if day in _holidays(code, day.year))


@lru_cache(maxsize=64)
def _holidays(code: str, year: int) -> frozenset[date]:
    try:
        return frozenset(country_holidays(code, years=year))
    except NotImplementedError:
        return frozenset()


def window(now: datetime, zone: ZoneInfo) -> list[date]:
    """The days that `suggest` looks at."""
    today = now.astimezone(zone).date()
    return [today + timedelta(days=number) for number in range(WITHIN.days + 1)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An interview that has no time yet, or (itself: its id) gets another one. people: users.id of the colleagues whose
    time it takes beside the candidate's.
    """

    now: datetime
    length: timedelta
    zone: ZoneInfo
    company_id: int
    candidate_id: int
    people: Sequence[int]
    itself: int | None = None


def for_application(
    connection: Connection, wanted: Wanted, busy: Sequence[Slot] = (), proposed: Sequence[datetime] = ()
) -> list[Slot]:
    """When neither these colleagues nor the candidate have another interview, nor anything else. busy: what else.
    proposed: as in `suggest`.
    """
    now = wanted.now
    taken = overlaps.between(
        connection,
        now,
        now + WITHIN,
        company_id=wanted.company_id,
        people=wanted.people,
        candidate_id=wanted.candidate_id,
        itself=wanted.itself,
        most=MOST_TAKEN,
    )
    hours = settings.read(connection, wanted.company_id)
    return suggest(
        now=now,
        length=wanted.length,
        zone=wanted.zone,
        hours=hours,
        busy=[*busy, *(Slot(each.start, each.end) for each in taken)],
        days_off=_days_off(connection, wanted, hours),
        proposed=proposed,
    )


def allowed_for(connection: Connection, wanted: Wanted) -> list[Slot]:
    """What the company's settings leave of the next days, whoever is free then."""
    hours = settings.read(connection, wanted.company_id)
    days_off = _days_off(connection, wanted, hours)
    return allowed(now=wanted.now, length=wanted.length, zone=wanted.zone, hours=hours, days_off=days_off)


def _days_off(connection: Connection, wanted: Wanted, hours: InterviewSettings) -> frozenset[date]:
    if not hours.skip_holidays:
        return frozenset()
    found = query(connection, "select country from companies where id = %s", (wanted.company_id,))
    return holidays_of(found[0]["country"] if found else None, window(wanted.now, wanted.zone))
