"""events.get and events.list."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.emulators.google.accounts import Account
from sandbox.emulators.google.calendar_store import CalendarStore, Event
from sandbox.emulators.google.conferences import Conferences
from sandbox.emulators.google.partial import masked
from sandbox.emulators.google.refusals import Refused, invalid, invalid_parameter, known
from sandbox.emulators.google.times import rfc3339, stamp, written, zone_named
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, json_response

READING_SWITCHES: Mapping[str, Any] = {
    "forget_deleted": False,  # a deleted event answers 404 instead of its cancelled self
    "sync_token_gone": False,  # every sync token is too old: 410 fullSyncRequired
}
LARGEST_PAGE = 2500
_USUAL_PAGE = 250
# What a sync token already stands for.
_NOT_WITH_SYNC = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax")


class EventReading:
    def __init__(self, store: CalendarStore, conferences: Conferences, switches: Switches) -> None:
        self._store = store
        self._conferences = conferences
        self._switches = switches

    def get(self, account: Account, calendar: str, request: Request) -> Response:
        with self._store.lock:
            event = self._store.get(calendar, request.parameters["event"])
            if event is None or (event.cancelled and self._switches["forget_deleted"]):
                raise Refused(known("notFound"))
            if event.conference is not None and self._conferences.read(event.conference):
                self._store.put(event, "conference", "conferenceData")
            return answer(event, account, calendar, request)

    def list(self, account: Account, calendar: str, request: Request) -> Response:
        """A page of events; those without any filter or bound come in the order of the last change."""
        since = self._since(request)
        _check_order(request)
        number = _page_size(request)
        with self._store.lock:
            found = [
                event
                for event in self._store.of_calendar(calendar)
                if event.change > since and self._matches(event, request, since)
            ]
            found.sort(key=_order(request))
            first = _offset(request)
            items = [shown(event, account, calendar, request) for event in found[first : first + number]]
            page = _page(account, calendar, items)
            if first + number < len(found):
                page["nextPageToken"] = f"p{first + number}"
            else:
                page["nextSyncToken"] = f"s{self._store.change}"
            page["etag"] = f'"p{self._store.change}"'
        return json_response(masked(page, request.query.get("fields")))

    def _since(self, request: Request) -> int:
        """The change that a sync token stands for; 0 without one."""
        token = request.query.get("syncToken")
        if token is None:
            return 0
        if self._switches["sync_token_gone"] or not token[1:].isdecimal() or int(token[1:]) > self._store.change:
            raise Refused(known("fullSyncRequired", ("parameter", "syncToken")))
        if excluded := [name for name in _NOT_WITH_SYNC if name in request.query]:
            raise invalid(f"Cannot use a sync token together with {', '.join(excluded)}.")
        return int(token[1:])

    def _matches(self, event: Event, request: Request, since: int) -> bool:
        updated_min = _time(request, "updatedMin")
        deleted_shown = request.query.get("showDeleted") == "true" or since > 0 or updated_min is not None
        return (
            (deleted_shown or not event.cancelled)
            and (updated_min is None or event.updated >= updated_min)
            and request.query.get("iCalUID") in (None, event.ical_uid)
            and _within(event, _time(request, "timeMin"), _time(request, "timeMax"))
            and _has_property(event, "private", request.values("privateExtendedProperty"))
            and _has_property(event, "shared", request.values("sharedExtendedProperty"))
            and _has_words(event, request.query.get("q"))
        )


def answer(event: Event, account: Account, calendar: str, request: Request) -> Response:
    return json_response(shown(event, account, calendar, request), headers={"ETag": event.etag})


def shown(event: Event, account: Account, calendar: str, request: Request) -> dict[str, Any]:
    """As the calendar shows it, times in the zone that the request names, else in the calendar's."""
    named = request.query.get("timeZone")
    zone = zone_named(named) if named else account.zone
    if zone is None:
        raise invalid_parameter("timeZone", str(named))
    resource = event.resource(calendar)
    for name in ("start", "end"):
        if "dateTime" in resource[name]:
            moment = datetime.fromisoformat(resource[name]["dateTime"])
            resource[name] = {**resource[name], "dateTime": written(moment, zone)}
    return _fewer_attendees(resource, request)


def _fewer_attendees(resource: dict[str, Any], request: Request) -> dict[str, Any]:
    """With more attendees than `maxAttendees`, only the reader's own entry is shown."""
    text = request.query.get("maxAttendees", "")
    if not text:
        return resource
    if not text.isdecimal() or int(text) < 1:
        raise invalid_parameter("maxAttendees", text)
    attendees = resource.get("attendees", [])
    if len(attendees) > int(text):
        resource["attendees"] = [entry for entry in attendees if entry.get("self")]
        resource["attendeesOmitted"] = True
    return resource


def _page(account: Account, calendar: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "kind": "calendar#events",
        "summary": account.calendars.get(calendar, calendar),
        "updated": stamp(datetime.now(UTC)),
        "timeZone": account.time_zone,
        "accessRole": "owner",
        "defaultReminders": [{"method": "popup", "minutes": 30}],
        "items": items,
    }


def _check_order(request: Request) -> None:
    order = request.query.get("orderBy")
    if order not in (None, "startTime", "updated"):
        raise invalid_parameter("orderBy", str(order))
    if order == "startTime" and request.query.get("singleEvents") != "true":
        raise invalid("The requested ordering is not available for the particular query.")


def _order(request: Request) -> Any:
    if request.query.get("orderBy") == "startTime":
        return lambda event: event.start
    return lambda event: event.change


def _page_size(request: Request) -> int:
    text = request.query.get("maxResults", str(_USUAL_PAGE))
    if not text.isdecimal() or int(text) < 1:
        raise invalid_parameter("maxResults", text)
    return min(int(text), LARGEST_PAGE)


def _offset(request: Request) -> int:
    token = request.query.get("pageToken", "p0")
    if not token[1:].isdecimal():
        raise invalid_parameter("pageToken", token)
    return int(token[1:])


def _time(request: Request, name: str) -> datetime | None:
    text = request.query.get(name)
    found = rfc3339(text)
    if text is not None and found is None:
        raise invalid("Bad Request", "badRequest", ("parameter", name))
    return found


def _within(event: Event, earliest_end: datetime | None, latest_start: datetime | None) -> bool:
    return (earliest_end is None or event.end > earliest_end) and (latest_start is None or event.start < latest_start)


def _has_property(event: Event, kind: str, wanted: Iterable[str]) -> bool:
    """Several conditions are alternatives."""
    conditions = [condition.partition("=") for condition in wanted]
    held = event.members.get("extendedProperties", {}).get(kind, {})
    return not conditions or any(held.get(name) == value for name, _, value in conditions)


def _has_words(event: Event, words: str | None) -> bool:
    texts = [event.members.get(name, "") for name in ("summary", "description", "location")]
    texts += [entry["email"] for entry in event.members.get("attendees", [])]
    return not words or all(word in " ".join(texts).lower() for word in words.lower().split())
