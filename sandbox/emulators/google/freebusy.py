"""freebusy.query: when calendars are busy, as far as the person may see them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sandbox.emulators.google.accounts import Account, Accounts, Period
from sandbox.emulators.google.calendar_store import CalendarStore, Event
from sandbox.emulators.google.refusals import invalid
from sandbox.emulators.google.times import rfc3339, written, zone_named
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, json_object, json_response

FREEBUSY_SWITCHES: Mapping[str, Any] = {
    "longest_freebusy_days": 90,  # a longer range is a 400 timeRangeTooLong
}
MOST_CALENDARS = 50


class FreeBusy:
    def __init__(self, store: CalendarStore, accounts: Accounts, switches: Switches) -> None:
        self._store = store
        self._accounts = accounts
        self._switches = switches

    def query(self, account: Account, request: Request) -> Response:
        try:
            body = json_object(request.body)
        except BadRequest as error:
            raise invalid("Parse Error", "parseError") from error
        start, end = self._range(body)
        zone = zone_named(body.get("timeZone", "UTC"))
        if zone is None:
            raise invalid("Invalid time zone definition.")
        identifiers = _identifiers(body)
        most = body.get("calendarExpansionMax", MOST_CALENDARS)
        if not isinstance(most, int) or most > MOST_CALENDARS:
            raise invalid(f"calendarExpansionMax is at most {MOST_CALENDARS}.")
        calendars = {
            identifier: _error("tooManyCalendarsRequested")
            if len(identifiers) > most
            else self._calendar(account, identifier, start, end, zone)
            for identifier in identifiers
        }
        bounds = {"timeMin": written(start), "timeMax": written(end)}
        return json_response({"kind": "calendar#freeBusy", **bounds, "calendars": calendars})

    def _range(self, body: Mapping[str, Any]) -> Period:
        start, end = (rfc3339(body.get(name)) for name in ("timeMin", "timeMax"))
        for name, found in (("timeMin", start), ("timeMax", end)):
            if not body.get(name):
                raise invalid(f"Missing {name} parameter.", "required", ("parameter", name))
            if found is None:
                raise invalid("Bad Request", "badRequest", ("parameter", name))
        if start is None or end is None or end <= start:
            raise invalid("The specified time range is empty.", "timeRangeEmpty", ("parameter", "timeMax"))
        if end - start > timedelta(days=float(self._switches["longest_freebusy_days"])):
            raise invalid("The requested time range is too long.", "timeRangeTooLong", ("parameter", "timeMax"))
        return start, end

    def _calendar(
        self, account: Account, identifier: str, start: datetime, end: datetime, zone: tzinfo
    ) -> dict[str, Any]:
        calendar = account.email if identifier == "primary" else identifier.lower()
        owner = self._accounts.owner(calendar)
        if owner is None or not (account.owns(calendar) or account.sees(owner)):
            return _error("notFound")
        if owner.freebusy_error:
            return _error(owner.freebusy_error)
        with self._store.lock:
            periods = [
                (event.start, event.end) for event in self._store.of_calendar(calendar) if _busy(event, calendar)
            ]
        periods += owner.busy if calendar == owner.email else []
        return {"busy": [_shown(period, zone) for period in union(periods, start, end)]}


def union(periods: Iterable[Period], start: datetime, end: datetime) -> list[Period]:
    """The periods between two instants, those that touch as one."""
    result: list[Period] = []
    inside = ((max(first, start), min(last, end)) for first, last in sorted(periods))
    for first, last in (period for period in inside if period[0] < period[1]):
        if result and first <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], last))
        else:
            result.append((first, last))
    return result


def _busy(event: Event, calendar: str) -> bool:
    return (
        not event.cancelled
        and event.members.get("transparency") != "transparent"
        and event.response_of(calendar) != "declined"
    )


def _identifiers(body: Mapping[str, Any]) -> list[str]:
    items = body.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) and item.get("id") for item in items):
        raise invalid("Missing items.", "required")
    return list(dict.fromkeys(str(item["id"]) for item in items))


def _error(reason: str) -> dict[str, Any]:
    """Visibility is missing: that is not the same as free."""
    return {
        "errors": [{"domain": "calendar" if reason == "tooManyCalendarsRequested" else "global", "reason": reason}],
        "busy": [],
    }


def _shown(period: Period, zone: tzinfo) -> dict[str, str]:
    return {"start": written(period[0], zone), "end": written(period[1], zone)}
