"""When people are taken, from Google's free/busy answers (Calendar API v3, "Freebusy: query")."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from googleapiclient.errors import HttpError

from worker.contracts.accounts import ScopeMissing
from worker.contracts.calendars import Availability, Busy
from worker.kit.errors import Retryable
from worker.kit.localisation import message
from worker.providers.google.errors import refusal
from worker.providers.google.payloads import rfc3339

LONGEST = timedelta(days=30)
MOST_CALENDARS = 50
NOT_GRANTED = message("L’accès aux disponibilités de Google Calendar n’a pas été accordé.")
NOT_SHOWN = message("Google ne montre pas les disponibilités de cette adresse.")
NOT_ANSWERED = message("Google n’a pas pu dire les disponibilités de cette adresse.")
_NOT_VISIBLE = frozenset({"notFound", "forbidden"})

Ask = Callable[[Mapping[str, Any]], Any]


def asked(ask: Ask, addresses: Sequence[str], start: datetime, end: datetime, zone: str) -> Availability:
    """ask: sends one question; raises HttpError and RunErrors. Without the scope for it, nobody's time is known."""
    if not timedelta(0) < end - start <= LONGEST:
        raise ValueError(f"availability is asked for at most {LONGEST.days} days, from a start to a later end")
    wanted = list(dict.fromkeys(address.lower() for address in addresses))
    calendars: dict[str, Any] = {}
    try:
        for first in range(0, len(wanted), MOST_CALENDARS):
            calendars |= _calendars(ask(_question(wanted[first : first + MOST_CALENDARS], start, end, zone)))
    except HttpError as error:
        failure = refusal(error, writing=False)
        if not isinstance(failure, ScopeMissing):
            raise failure from error
        return Availability({}, dict.fromkeys(wanted, NOT_GRANTED))
    return _availability(wanted, calendars)


def _question(addresses: Sequence[str], start: datetime, end: datetime, zone: str) -> Mapping[str, Any]:
    return {
        "timeMin": rfc3339(start),
        "timeMax": rfc3339(end),
        "timeZone": zone,
        "calendarExpansionMax": MOST_CALENDARS,
        "items": [{"id": address} for address in addresses],
    }


def _calendars(answer: Any) -> Mapping[str, Any]:
    calendars = answer.get("calendars") if isinstance(answer, dict) else None
    if not isinstance(calendars, dict):
        raise Retryable("Google Calendar answered without anybody's availability.", code="provider.busy")
    return {address.lower(): calendar for address, calendar in calendars.items()}


def _availability(addresses: Sequence[str], calendars: Mapping[str, Any]) -> Availability:
    busy: dict[str, tuple[Busy, ...]] = {}
    unknown: dict[str, str] = {}
    for address in addresses:
        try:
            busy[address] = _busy(calendars.get(address))
        except _Unknown as error:
            unknown[address] = str(error)
    return Availability(busy, unknown)


class _Unknown(Exception):
    """Why somebody's time is not known."""


def _busy(calendar: Any) -> tuple[Busy, ...]:
    errors = calendar.get("errors") if isinstance(calendar, dict) else None
    periods = calendar.get("busy") if isinstance(calendar, dict) else None
    if errors or not isinstance(periods, list):
        reasons = {entry.get("reason") for entry in errors or () if isinstance(entry, dict)}
        raise _Unknown(NOT_SHOWN if reasons and reasons <= _NOT_VISIBLE else NOT_ANSWERED)
    try:
        found = [Busy(_instant(period["start"]), _instant(period["end"])) for period in periods]
    except (KeyError, TypeError, ValueError):
        raise _Unknown(NOT_ANSWERED) from None
    return tuple(sorted(found, key=lambda period: period.start))


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("a time without an offset is no instant")
    return instant
