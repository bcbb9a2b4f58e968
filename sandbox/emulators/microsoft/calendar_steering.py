"""Events and mails of Microsoft's emulator, seen and changed from outside.

GET events?account=&live=true: what was ever created through Graph; `event` is Graph's resource in UTC, `body` what the
    client wrote last, `state` live, cancelled or deleted. GET events/{id}: one of them.
POST events/{id}/behind: somebody works in the calendar itself. {delete: true}; {cancel: true}: still there, cancelled;
    {start?, end?, subject?, show_as?}: without end it lasts as long as before; {guest, response}: accepted, declined,
    tentativelyAccepted or none; {move_item: true}: another folder, so another ordinary id. notify: whether the guests
    are written to (default false).
GET mails?to=&kind=&event=: what Exchange sent, in order, one entry per recipient: invitation, update or cancellation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sandbox.emulators.microsoft.accounts import Account, Directory
from sandbox.emulators.microsoft.calendars import Calendars, moved
from sandbox.emulators.microsoft.events import Event, Guest, View, resource
from sandbox.emulators.microsoft.mails import Mails
from sandbox.emulators.microsoft.wishes import PLACE, check_members, members_of, one_of, time_of
from sandbox.emulators.web import BadRequest, Request, Response, Router, json_response

RESPONSES = ("none", "accepted", "declined", "tentativelyAccepted")
SHOWN_AS = ("free", "tentative", "busy", "oof", "workingElsewhere", "unknown")
_BUSY = ("start", "end", "show_as", "all_day", "cancelled", "response", "subject", "time_zone")
_BEHIND = ("delete", "cancel", "start", "end", "subject", "show_as", "guest", "response", "move_item", "notify")
_COLLEAGUE = Guest("collegue@exemple.cm", "Paul Obiang")


class CalendarControls:
    def __init__(self, directory: Directory, calendars: Calendars, mails: Mails) -> None:
        self._directory = directory
        self._calendars = calendars
        self._mails = mails

    def add_routes(self, router: Router) -> None:
        router.add("GET", f"{PLACE}/events", self._show)
        router.add("GET", f"{PLACE}/events/{{id}}", self._show_one)
        router.add("POST", f"{PLACE}/events/{{id}}/behind", self._behind)
        router.add("GET", f"{PLACE}/mails", self._show_mails)

    def _show(self, request: Request) -> Response:
        name, live = request.query.get("account"), request.query.get("live") == "true"
        key = None if name is None else self._directory.get_or_make(name).key
        events = [
            self._told(event)
            for event in self._calendars.all()
            if not event.seeded and key in (None, event.owner.key) and not (live and event.state != "live")
        ]
        return json_response({"total": len(events), "events": events})

    def _show_one(self, request: Request) -> Response:
        return json_response(self._told(self._event(request.parameters["id"])))

    def _show_mails(self, request: Request) -> Response:
        to, kind, name = (request.query.get(name) for name in ("to", "kind", "event"))
        mails = self._mails.all() if name is None else self._mails.of(self._event(name))
        found = [asdict(mail) for mail in mails if to in (None, mail.to) and kind in (None, mail.kind)]
        return json_response({"total": len(found), "mails": found})

    def _behind(self, request: Request) -> Response:
        wishes = members_of(request, _BEHIND)
        event = self._event(request.parameters["id"])
        if wishes.get("move_item"):
            self._calendars.move_item(event)
        self._calendars.behind(event, partial(change_behind, wishes), notify=bool(wishes.get("notify")))
        return json_response(self._told(event))

    def _event(self, name: str) -> Event:
        event = self._calendars.any(name)
        if event is None:
            raise BadRequest(f"no calendar holds the event {name!r}")
        return event

    def _told(self, event: Event) -> dict[str, Any]:
        with self._calendars.lock:
            view = View("UTC", UTC, immutable=True, expanded=list(event.properties))
            return {
                "id": event.immutable_id,
                "ordinary_id": event.ordinary_id,
                "account": event.owner.address,
                "state": event.state,
                "live": event.state == "live",
                "version": event.version,
                "body": event.sent_content,
                "link": event.meeting.url if event.meeting else None,
                "event": resource(event, view),
                "mails": [asdict(mail) for mail in self._mails.of(event)],
            }


def busy_event(owner: Account, entry: Any) -> Event:
    """Something that stands in the calendar already; what has a response came from somebody else."""
    if not isinstance(entry, Mapping):
        raise BadRequest(f"a busy entry is {{start, end, …}}, not {entry!r}")
    check_members(entry, _BUSY)
    start, end = time_of(entry, "start"), time_of(entry, "end")
    if start is None or end is None or end <= start:
        raise BadRequest("a busy entry needs a start and an end after it")
    response = entry.get("response")
    event = Event(
        owner=owner,
        start=start,
        end=end,
        zone=str(entry.get("time_zone", "UTC")),
        subject=str(entry.get("subject", "Occupé")),
        all_day=bool(entry.get("all_day")),
        is_cancelled=bool(entry.get("cancelled")),
        response="organizer" if response is None else one_of(response, RESPONSES),
        organiser=None if response is None else _COLLEAGUE,
        seeded=True,
    )
    event.plain["showAs"] = one_of(entry.get("show_as", "busy"), SHOWN_AS)
    return event


def change_behind(wishes: Mapping[str, Any], event: Event) -> None:
    """What a person did in the calendar itself; the docstring of this module says what the wishes may hold."""
    event.state = "deleted" if wishes.get("delete") else event.state
    event.is_cancelled = bool(wishes.get("cancel", event.is_cancelled))
    event.subject = str(wishes.get("subject", event.subject))
    event.plain["showAs"] = one_of(wishes.get("show_as", event.plain["showAs"]), SHOWN_AS)
    moved(event, time_of(wishes, "start"), time_of(wishes, "end"))
    if "guest" in wishes:
        guest = _guest(event.guests, str(wishes["guest"]))
        guest.response = one_of(wishes.get("response"), RESPONSES)
        guest.responded = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _guest(guests: Sequence[Guest], address: str) -> Guest:
    found = next((guest for guest in guests if guest.address.casefold() == address.casefold()), None)
    if found is None:
        raise BadRequest(f"{address} is not invited; invited are {', '.join(guest.address for guest in guests)}")
    return found
