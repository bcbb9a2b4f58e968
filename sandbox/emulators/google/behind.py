"""What people do in their calendars while the application does not look."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.emulators.google.calendar_store import CalendarStore, Event
from sandbox.emulators.google.event_rules import RESPONSES, kept, merged, shifted, writable
from sandbox.emulators.google.event_writing import cancel
from sandbox.emulators.google.invitations import Invitations
from sandbox.emulators.google.refusals import Refused
from sandbox.emulators.google.times import rfc3339, written
from sandbox.emulators.web import BadRequest

MEMBERS = frozenset({"delete", "start", "end", "guest", "response", "comment", "propose", "set", "notify"})
_CAUSE = "behind"


class Behind:
    def __init__(self, store: CalendarStore, invitations: Invitations) -> None:
        self._store = store
        self._invitations = invitations

    def change(self, event: Event, wishes: Mapping[str, Any]) -> None:
        """{delete: true}, {start, end?}, {guest, response, comment?}, {guest, propose: {start, end}} or {set: members}.

        Without `end` a moved event keeps its length. notify: whether the guests are written to (default false).
        A proposal is an answer (tentative unless `response` says more) whose comment names the times: the API of
        Google shows no more of it.
        """
        if unknown := sorted(set(wishes) - MEMBERS):
            raise BadRequest(f"unknown members {', '.join(unknown)}; known: {', '.join(sorted(MEMBERS))}")
        with self._store.lock:
            if wishes.get("delete"):
                self._delete(event, wishes)
            elif wishes.get("guest"):
                self._answer(event, wishes)
            elif "start" in wishes or "end" in wishes:
                self._set(event, _moved(event, wishes), wishes)
            elif isinstance(wishes.get("set"), dict):
                self._set(event, wishes["set"], wishes)
            else:
                raise BadRequest("say delete, start and end, guest and response, or set")

    def _delete(self, event: Event, wishes: Mapping[str, Any]) -> None:
        if not event.cancelled:
            cancel(event)
            self._store.put(event, _CAUSE, "status")
            self._invitations.cancelled(event, _mails(wishes), _CAUSE)

    def _answer(self, event: Event, wishes: Mapping[str, Any]) -> None:
        guest, proposal = str(wishes["guest"]), wishes.get("propose")
        response = wishes.get("response", "tentative" if proposal else None)
        if response not in RESPONSES:
            raise BadRequest(f"response is one of {', '.join(RESPONSES)}, not {response!r}")
        if event.response_of(guest) is None:
            raise BadRequest(f"{guest} is not invited to {event.id}")
        comment = wishes.get("comment")
        if proposal:
            comment = f"Proposed new time: {proposal.get('start')} - {proposal.get('end')}"
        self._invitations.answered(event, guest, response, comment, _CAUSE)

    def _set(self, event: Event, members: Mapping[str, Any], wishes: Mapping[str, Any]) -> None:
        try:
            new = kept(merged(event.members, writable(members)), event.account.zone)
        except Refused as refused:
            raise BadRequest(refused.response.body.decode()) from refused
        changed = [name for name in {*new, *event.members} if new.get(name) != event.members.get(name)]
        before = event.invited
        event.members = new
        event.sequence += bool({"start", "end", "location"}.intersection(changed))
        self._store.put(event, _CAUSE, *changed)
        self._invitations.changed(event, before, changed, _mails(wishes), _CAUSE)


def _mails(wishes: Mapping[str, Any]) -> str:
    return "all" if wishes.get("notify") else "none"


def _moved(event: Event, wishes: Mapping[str, Any]) -> dict[str, Any]:
    """The new start and end of an event that is not a whole day."""
    zone = event.account.zone
    times: dict[str, Any] = {}
    for name in ("start", "end"):
        found = rfc3339(wishes.get(name))
        if name in wishes and found is None:
            raise BadRequest(f"{name} must be an RFC 3339 time with an offset, not {wishes[name]!r}")
        if found is not None:
            times[name] = {"dateTime": written(found, zone)}
    if "end" not in times and "dateTime" in event.members["start"]:
        by = datetime.fromisoformat(times["start"]["dateTime"]) - event.start
        times["end"] = shifted(event.members["end"], by)
    return times
