"""events.insert, patch, update and delete."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.emulators.google.accounts import Account
from sandbox.emulators.google.calendar_store import CalendarStore, Event
from sandbox.emulators.google.conferences import Conferences
from sandbox.emulators.google.event_reading import answer
from sandbox.emulators.google.event_rules import Members, check_id, kept, merged, writable
from sandbox.emulators.google.invitations import Invitations, wants_mail
from sandbox.emulators.google.refusals import Refused, invalid, invalid_parameter, known
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, json_object

WRITING_SWITCHES: Mapping[str, Any] = {
    "quota_with_guests": 0.0,  # 403 quotaExceeded as soon as outside guests are listed, mails or not
    "deleted_writes": "allowed",  # patching a deleted event: allowed (it stays deleted), or gone (410)
    "revive": True,  # an update with status confirmed brings a deleted event back; False: 403
}

_BASE32HEX = "0123456789abcdefghijklmnopqrstuv"
# Changes after which an invitation supersedes the one before (RFC 5546).
_RESCHEDULING = frozenset({"start", "end", "location", "status"})


class EventWriting:
    def __init__(
        self,
        store: CalendarStore,
        conferences: Conferences,
        invitations: Invitations,
        switches: Switches,
        operations: Operations,
    ) -> None:
        self._store = store
        self._conferences = conferences
        self._invitations = invitations
        self._switches = switches
        self._operations = operations

    def insert(self, account: Account, calendar: str, request: Request) -> Response:
        body, wish, with_conference = _body(request), wants_mail(request), _with_conference(request)
        identifier = _identifier(body)
        members = kept(writable(body), account.zone)
        self._check_quota(account, members, "events.insert")
        with self._store.lock:
            if self._store.holds(calendar, identifier):
                raise Refused(known("duplicate"))
            now = datetime.now(UTC)
            event = Event(identifier, calendar, account, members, _ical_uid(body, identifier), now, now)
            event.sequence = _sequence(body, 0)
            if with_conference:
                event.conference = self._conferences.written(body.get("conferenceData"), None, account, identifier)
            self._store.put(event, "events.insert", *members)
            self._invitations.made(event, wish, "events.insert")
            return answer(event, account, calendar, request)

    def patch(self, account: Account, calendar: str, request: Request) -> Response:
        body = _body(request)
        with self._store.lock:
            event = self._own(calendar, request, body)
            if event.calendar != calendar:
                return self._respond(event, account, calendar, body, request)
            changes = {name: value for name, value in body.items() if name != "attendees" or not _omitted(body)}
            members = kept(merged(event.members, writable(changes)), account.zone)
            return self._change(event, members, body, request, "events.patch")

    def update(self, account: Account, calendar: str, request: Request) -> Response:
        body = _body(request)
        with self._store.lock:
            event = self._own(calendar, request, body)
            if event.calendar != calendar:
                raise Refused(known("forbiddenForNonOrganizer"))
            whole = {**body, "attendees": event.members.get("attendees")} if _omitted(body) else body
            members = kept(writable(whole), account.zone)
            return self._change(event, members, {"conferenceData": None, **body}, request, "events.update")

    def delete(self, account: Account, calendar: str, request: Request) -> Response:
        """By a guest it is a refusal; `account` is the calendar's owner."""
        wish = wants_mail(request)
        with self._store.lock:
            event = self._found(calendar, request)
            if event.cancelled:
                raise Refused(known("deleted"))
            _check_condition(event, request)
            if event.calendar != calendar:
                self._invitations.answered(event, account.email, "declined", None, "events.delete")
                return Response(204)
            cancel(event)
            self._store.put(event, "events.delete", "status")
            self._invitations.cancelled(event, wish, "events.delete")
        return Response(204)

    def _change(
        self, event: Event, members: Members, body: Mapping[str, Any], request: Request, cause: str
    ) -> Response:
        wish, with_conference = wants_mail(request), _with_conference(request)
        self._check_quota(event.account, members, cause)
        self._check_revival(event, members)
        sequence = _sequence(body, event.sequence)
        conference = event.conference
        if with_conference and "conferenceData" in body:
            conference = self._conferences.written(body["conferenceData"], conference, event.account, event.id)
        changed = [name for name in {*members, *event.members} if members.get(name) != event.members.get(name)]
        if conference is not event.conference:
            changed.append("conferenceData")
        before, was_cancelled = event.invited, event.cancelled
        event.members, event.conference = members, conference
        event.sequence = max(sequence, event.sequence + bool(_RESCHEDULING.intersection(changed)))
        if changed:
            self._store.put(event, cause, *changed, updated=changed != ["reminders"])
        self._tell(event, before, changed, wish, cause, was_cancelled=was_cancelled)
        return answer(event, event.account, event.calendar, request)

    def _tell(
        self,
        event: Event,
        before: frozenset[str],
        changed: list[str],
        wish: str,
        cause: str,
        *,
        was_cancelled: bool,
    ) -> None:
        if event.cancelled and not was_cancelled:
            self._invitations.cancelled(event, wish, cause)
        elif was_cancelled and not event.cancelled:
            self._invitations.made(event, wish, cause)
        elif not event.cancelled:
            self._invitations.changed(event, before, changed, wish, cause)

    def _own(self, calendar: str, request: Request, body: Mapping[str, Any]) -> Event:
        event = self._found(calendar, request)
        if event.cancelled and self._switches["deleted_writes"] == "gone":
            raise Refused(known("deleted"))
        if body.get("id", event.id) != event.id:
            raise invalid("The event id of the body differs from that of the address.")
        _check_condition(event, request)
        return event

    def _found(self, calendar: str, request: Request) -> Event:
        event = self._store.get(calendar, request.parameters["event"])
        if event is None:
            raise Refused(known("notFound"))
        return event

    def _respond(
        self, event: Event, account: Account, calendar: str, body: Mapping[str, Any], request: Request
    ) -> Response:
        """A guest may change its own answer only."""
        entries = [entry for entry in body.get("attendees") or [] if isinstance(entry, dict)]
        own = next((entry for entry in entries if entry.get("email") == account.email), None)
        if own is None or set(body) - {"attendees", "attendeesOmitted"}:
            raise Refused(known("forbiddenForNonOrganizer"))
        response = own.get("responseStatus", "needsAction")
        self._invitations.answered(event, account.email, response, own.get("comment"), "events.patch")
        return answer(event, account, calendar, request)

    def _check_quota(self, account: Account, members: Members, operation: str) -> None:
        emails = [entry["email"].lower() for entry in members.get("attendees", [])]
        outside = [email for email in emails if email != account.email and email.rpartition("@")[2] != account.domain]
        if outside and self._operations.hits(operation, "quota_with_guests"):
            raise Refused(known("quotaExceeded"))

    def _check_revival(self, event: Event, members: Members) -> None:
        if event.cancelled and members["status"] != "cancelled" and not self._switches["revive"]:
            raise Refused(known("forbidden"))


def cancel(event: Event) -> None:
    event.members = {**event.members, "status": "cancelled"}
    event.sequence += 1


def _body(request: Request) -> dict[str, Any]:
    try:
        return json_object(request.body)
    except BadRequest as error:
        raise invalid("Parse Error", "parseError") from error


def _omitted(body: Mapping[str, Any]) -> bool:
    return body.get("attendeesOmitted") is True


def _with_conference(request: Request) -> bool:
    version = request.query.get("conferenceDataVersion", "0")
    if version not in ("0", "1"):
        raise invalid_parameter("conferenceDataVersion", version)
    return version == "1"


def _identifier(body: Mapping[str, Any]) -> str:
    if body.get("id") is None:
        return "".join(secrets.choice(_BASE32HEX) for _ in range(26))
    if body.get("iCalUID") is not None:
        raise invalid("Either id or iCalUID can be given, not both.")
    return check_id(body["id"])


def _ical_uid(body: Mapping[str, Any], identifier: str) -> str:
    return str(body.get("iCalUID") or f"{identifier}@google.com")


def _sequence(body: Mapping[str, Any], current: int) -> int:
    value = body.get("sequence", current)
    if not isinstance(value, int) or isinstance(value, bool) or value < current:
        raise invalid("Invalid sequence value. The specified sequence number is below the current one.")
    return value


def _check_condition(event: Event, request: Request) -> None:
    wanted = request.headers.get("if-match")
    if wanted not in (None, "*", event.etag):
        raise Refused(known("conditionNotMet", ("header", "If-Match")))
