"""The calendars of the emulated providers: a week of an account, and an event with its guests and their mails."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import NoReturn
from urllib.parse import parse_qsl, quote

from babel.dates import format_date

from sandbox.emulators.agenda import ANSWERS, Agenda, Calendar, Entry
from sandbox.emulators.pages import Pages, language_of
from sandbox.emulators.web import BadRequest, Request, Response, Router

ROOT = "/calendar"
_WEEK = re.compile(r"([12]\d{3})-W(\d\d)")


@dataclass(frozen=True, slots=True)
class Day:
    name: str
    today: bool
    entries: Sequence[Entry]


class CalendarPages:
    def __init__(self, pages: Pages, agendas: Sequence[Agenda]) -> None:
        self._pages = pages
        self._agendas: Mapping[str, Agenda] = {agenda.name: agenda for agenda in agendas}

    def add_routes(self, router: Router) -> None:
        router.add("GET", ROOT, self._week)
        router.add("GET", ROOT + "/{provider}/{id}", self._event)
        router.add("POST", ROOT + "/{provider}/{id}", self._act)

    def _week(self, request: Request) -> Response:
        calendars = [each for agenda in self._agendas.values() for each in agenda.calendars()]
        calendar = _chosen(calendars, request.query.get("account", ""))
        entries = self._agendas[calendar.provider].entries(calendar)
        monday = _monday(request.query.get("week")) or _default_monday(entries, calendar)
        return self._pages.show(
            request,
            "calendar.html",
            calendars=sorted(calendars, key=lambda each: not each.count),
            calendar=calendar,
            days=_days(entries, calendar, monday, language_of(request)),
            title=_title(monday, language_of(request)),
            earlier=_name(monday - timedelta(days=7)),
            later=_name(monday + timedelta(days=7)),
            now=_name(datetime.now(calendar.zone).date()),
            address=address,
        )

    def _event(self, request: Request) -> Response:
        entry = self._found(request)
        if entry is None:
            return self._pages.nothing(request)
        return self._pages.show(
            request,
            "event.html",
            entry=entry,
            day=format_date(entry.start, "full", locale=language_of(request)),
            week=_name(entry.start.date()),
            answers=ANSWERS,
            account=_account(entry.calendar),
        )

    def _act(self, request: Request) -> Response:
        """A person acts in the calendar itself: {guest, answer}, or {remove}."""
        entry = self._found(request)
        if entry is None:
            return self._pages.nothing(request)
        agenda, wishes = self._agendas[entry.calendar.provider], dict(parse_qsl(request.body.decode()))
        if "remove" in wishes:
            agenda.remove(entry.id)
        else:
            agenda.answer(entry.id, wishes.get("guest", ""), wishes.get("answer", ""))
        return Response(HTTPStatus.SEE_OTHER, b"", {"Location": f"{address(entry)}?lang={language_of(request)}"})

    def _found(self, request: Request) -> Entry | None:
        agenda = self._agendas.get(request.parameters["provider"])
        return agenda.entry(request.parameters["id"]) if agenda else None


def address(entry: Entry) -> str:
    return f"{ROOT}/{entry.calendar.provider}/{quote(entry.id, safe='')}"


def _account(calendar: Calendar) -> str:
    """What the account is called in the address of its week."""
    return f"{calendar.provider}:{calendar.address}"


def _chosen(calendars: Sequence[Calendar], name: str) -> Calendar:
    """The calendar of this account; without a name the first that holds something."""
    if not name:
        return next((each for each in calendars if each.count), calendars[0])
    found = next((each for each in calendars if _account(each) == name), None)
    if found is None:
        raise BadRequest(f"account is one of {', '.join(map(_account, calendars))}, not {name!r}")
    return found


def _monday(week: str | None) -> date | None:
    """Of a week as ISO 8601 writes it: 2026-W48."""
    if week is None:
        return None
    match = _WEEK.fullmatch(week)
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), 1) if match else _no_week(week)
    except ValueError:
        return _no_week(week)


def _no_week(text: str) -> NoReturn:
    raise BadRequest(f"week is a week of ISO 8601 such as 2026-W48, not {text!r}")


def _default_monday(entries: Sequence[Entry], calendar: Calendar) -> date:
    """The week of the next event that stands, else of the last one, else this week."""
    now = datetime.now(calendar.zone)
    coming = [entry for entry in entries if entry.end > now]
    standing = [entry for entry in coming if entry.state == "live"]
    chosen = (standing or coming)[:1] or entries[-1:]
    day = (chosen[0].start if chosen else now).date()
    return day - timedelta(days=day.weekday())


def _days(entries: Sequence[Entry], calendar: Calendar, monday: date, language: str) -> list[Day]:
    today = datetime.now(calendar.zone).date()
    days = [monday + timedelta(days=number) for number in range(7)]
    return [
        Day(
            format_date(day, "EEE d MMM", locale=language),
            day == today,
            [entry for entry in entries if entry.touches(day)],
        )
        for day in days
    ]


def _title(monday: date, language: str) -> str:
    return format_date(monday, "long", locale=language)


def _name(day: date) -> str:
    return f"{day:%G-W%V}"
