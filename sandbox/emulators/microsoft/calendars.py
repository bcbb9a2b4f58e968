"""The calendars of all mailboxes: creating, changing, ending and finding events."""

import html
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sandbox.emulators.microsoft.accounts import Account
from sandbox.emulators.microsoft.events import Event, Guest, html_of, new_meeting, new_ordinary_id
from sandbox.emulators.microsoft.graph_errors import Refused, invalid, not_found
from sandbox.emulators.microsoft.mails import Mails
from sandbox.emulators.microsoft.reading import Draft, check_times
from sandbox.emulators.microsoft.zones import zone_of
from sandbox.emulators.switches import Switches

# What only the owner of the calendar sees: a change of these tells nobody.
PRIVATE = frozenset(
    {"isReminderOn", "reminderMinutesBeforeStart", "categories", "showAs", "singleValueExtendedProperties"}
)


class Calendars:
    """`lock` is held while events are read or changed together."""

    def __init__(self, switches: Switches, mails: Mails) -> None:
        self._switches = switches
        self._mails = mails
        self.lock = threading.RLock()
        self._events: dict[str, list[Event]] = {}
        self._by_id: dict[str, Event] = {}
        self._transactions: dict[tuple[str, str], Event] = {}

    def create(self, owner: Account, draft: Draft, digest: str) -> Event:
        """digest: of the request's body, which decides whether a transactionId is used again for the same event."""
        with self.lock:
            known = self._used(owner, draft.transaction_id)
            if known is not None:
                return self._replayed(known, digest)
            event = self._drafted(owner, draft, digest)
            self._keep(event)
            self._mails.send("invitation", event, event.guests)
            return event

    def change(self, event: Event, draft: Draft, tag: str | None) -> None:
        """tag: what If-Match holds."""
        if draft.transaction_id is not None:
            raise invalid("The transactionId of an event cannot be changed.")
        with self.lock:
            _check(event, tag)
            self._check_times_of(event, draft)
            before = {guest.address: guest for guest in event.guests}
            self._apply(event, draft)
            if draft.members:
                event.change()
            if event.organised_here:
                self._tell(event, before, draft.members)

    def end(self, event: Event, state: str, tag: str | None = None, comment: str | None = None) -> None:
        """state: `cancelled` or `deleted`; either way the event is found no more."""
        with self.lock:
            _check(event, tag)
            event.state = state
            event.change()
            if event.organised_here:
                self._mails.send("cancellation", event, event.guests, comment)

    def read(self, owner: Account, event_id: str) -> Event:
        """Raises not found. Counts as a read for a link that comes late."""
        with self.lock:
            event = self.find(owner, event_id)
            if event.meeting and event.meeting.hidden_gets:
                event.meeting.hidden_gets -= 1
            return event

    def find(self, owner: Account, event_id: str) -> Event:
        with self.lock:
            event = self._by_id.get(event_id)
            if event is None or event.owner.key != owner.key or event.state != "live":
                raise not_found()
            return event

    def with_property(self, owner: Account, name: str, value: str) -> Sequence[Event]:
        """Events that hold the extended property and are indexed by now."""
        with self.lock:
            found = [event for event in self.of(owner) if _holds(event, name, value)]
            shown = [event for event in found if not event.hidden_finds]
            for event in found:
                event.hidden_finds = max(0, event.hidden_finds - 1)
            return shown

    def of(self, owner: Account) -> Sequence[Event]:
        """Everything in the calendar, by start."""
        with self.lock:
            live = [event for event in self._events.get(owner.key, []) if event.state == "live"]
            return sorted(live, key=lambda event: event.start)

    def any(self, event_id: str) -> Event | None:
        """In whatever mailbox and state."""
        with self.lock:
            return self._by_id.get(event_id)

    def all(self) -> Sequence[Event]:
        with self.lock:
            return [event for events in self._events.values() for event in events]

    def behind(self, event: Event, work: Callable[[Event], None], *, notify: bool) -> None:
        """Somebody works in the calendar itself. notify: whether the guests are written to."""
        with self.lock:
            work(event)
            event.change()
            if notify:
                kind = "update" if event.state == "live" and not event.is_cancelled else "cancellation"
                self._mails.send(kind, event, event.guests, cause="behind")

    def move_item(self, event: Event) -> None:
        """To another folder: its ordinary id changes, the immutable one does not."""
        with self.lock:
            self._by_id.pop(event.ordinary_id)
            event.ordinary_id = new_ordinary_id()
            self._by_id[event.ordinary_id] = event

    def seed(self, owner: Account, events: Sequence[Event]) -> None:
        """What stands in the calendar already, instead of what was put there so before."""
        with self.lock:
            self._events[owner.key] = [event for event in self._events.get(owner.key, []) if not event.seeded]
            for event in events:
                self._keep(event)

    def _keep(self, event: Event) -> None:
        self._events.setdefault(event.owner.key, []).append(event)
        self._by_id[event.ordinary_id] = self._by_id[event.immutable_id] = event
        if event.transaction_id:
            self._transactions[event.owner.key, event.transaction_id] = event

    def _used(self, owner: Account, transaction_id: str | None) -> Event | None:
        event = self._transactions.get((owner.key, transaction_id)) if transaction_id else None
        if event is None or event.state == "live" or self._switches["transaction_survives_deletion"]:
            return event
        return None

    def _replayed(self, event: Event, digest: str) -> Event:
        same = event.digest == digest and event.state == "live"
        if same and not self._switches["replay_refused"]:
            return event
        members = {"@event.existingEventId": event.immutable_id} if self._switches["duplicate_names_event"] else {}
        message = "Your request can't be completed. The transactionId was used to create a different event."
        status = int(self._switches["duplicate_status"])
        raise Refused(status, "ErrorDuplicateTransactionId", message, members=members)

    def _drafted(self, owner: Account, draft: Draft, digest: str) -> Event:
        if draft.start is None or draft.end is None:
            raise invalid("An event needs a start and an end.")
        event = Event(
            owner=owner,
            start=draft.start,
            end=draft.end,
            zone=draft.zone or "UTC",
            transaction_id=draft.transaction_id,
            digest=digest,
            hidden_finds=int(self._switches["found_after"]),
        )
        self._check_times_of(event, draft)
        self._apply(event, draft)
        return event

    def _check_times_of(self, event: Event, draft: Draft) -> None:
        if draft.start or draft.end or draft.all_day:
            check_times(
                draft.start or event.start,
                draft.end or event.end,
                all_day=event.all_day if draft.all_day is None else draft.all_day,
                zone=draft.zone or event.zone,
                iana=bool(self._switches["iana_zones"]),
            )

    def _apply(self, event: Event, draft: Draft) -> None:
        event.plain.update(draft.plain)
        event.properties.update(draft.properties or {})
        event.subject = event.subject if draft.subject is None else draft.subject
        event.all_day = event.all_day if draft.all_day is None else draft.all_day
        event.zone = draft.zone or event.zone
        event.start, event.end = draft.start or event.start, draft.end or event.end
        if event.all_day and (draft.start or draft.all_day):
            zone = zone_of(event.zone, iana=True)
            event.start, event.end = (time.astimezone(zone).replace(tzinfo=UTC) for time in (event.start, event.end))
        if draft.attendees is not None:
            event.guests = _guests(event, draft.attendees)
        if draft.content is not None:
            self._write_body(event, *draft.content)
        # Once online, an event stays so; neither member can be changed.
        if event.meeting is None and draft.online and _has_teams(event.owner, draft.provider):
            self._open_meeting(event)

    def _write_body(self, event: Event, kind: str, content: str) -> None:
        """A body without the join block takes the meeting away."""
        event.sent_content, event.content = content, html_of(kind, content)
        link = event.shown_link
        if link is None or link in html.unescape(event.content):
            return
        event.meeting = None
        if self._switches["body_patch"] == "new_link":
            self._open_meeting(event)

    def _open_meeting(self, event: Event) -> None:
        hidden = int(self._switches["join_url_after_gets"])
        event.meeting = new_meeting(event.owner, str(self._switches["join_url"]), hidden)

    def _tell(self, event: Event, before: Mapping[str, Guest], members: frozenset[str]) -> None:
        """A change of nothing but the attendees is told to those who come and go, any other to everybody.

        What is written anew with its old value counts as a change: who repeats a PATCH blindly mails again.
        """
        now = {guest.address for guest in event.guests}
        self._mails.send("invitation", event, [guest for guest in event.guests if guest.address not in before])
        self._mails.send("cancellation", event, [guest for address, guest in before.items() if address not in now])
        if members - PRIVATE - {"attendees"}:
            self._mails.send("update", event, [guest for guest in event.guests if guest.address in before])


def _guests(event: Event, attendees: Sequence[Mapping[str, Any]]) -> list[Guest]:
    """The list is replaced; who stays keeps the answer given."""
    before = {guest.address: guest for guest in event.guests}
    return [before.get(each["address"]) or Guest(**each) for each in attendees]


def _has_teams(owner: Account, provider: str | None) -> bool:
    return owner.teams and provider in (None, "unknown", "teamsForBusiness")


def _holds(event: Event, name: str, value: str) -> bool:
    return any(known.casefold() == name.casefold() and text == value for known, text in event.properties.items())


def _check(event: Event, tag: str | None) -> None:
    """It is still there, and is what the client read."""
    if event.state != "live":
        raise not_found()
    if tag not in (None, "*", event.etag):
        message = "The send or update operation could not be performed because the change key does not match."
        raise Refused(412, "ErrorIrresolvableConflict", message)


def moved(event: Event, start: datetime | None, end: datetime | None) -> None:
    """Without an end it lasts as long as before."""
    length = event.end - event.start
    event.start = start or event.start
    event.end = end or (event.start + length)
