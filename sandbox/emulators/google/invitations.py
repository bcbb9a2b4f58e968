"""Whom Google writes to when an event is made, changed or deleted, and guests who answer at once."""

from collections.abc import Collection, Mapping
from typing import Any

from sandbox.emulators.google.accounts import Accounts
from sandbox.emulators.google.calendar_store import CalendarStore, Event
from sandbox.emulators.google.refusals import invalid_parameter
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request

INVITATION_SWITCHES: Mapping[str, Any] = {
    "mail_unchanged": True,  # a write that changes nothing, with sendUpdates, mails the guests again
    "guests_answer": None,  # what every guest answers to an invitation at once: accepted, declined or tentative
}

# Changes that guests do not hear of.
_QUIET = frozenset({"reminders", "extendedProperties", "colorId", "transparency", "visibility", "attendees"})


def wants_mail(request: Request) -> str:
    """all, externalOnly or none; raises Refused."""
    wish = request.query.get("sendUpdates")
    if wish is None:
        return "all" if request.query.get("sendNotifications") == "true" else "none"
    if wish not in ("all", "externalOnly", "none"):
        raise invalid_parameter("sendUpdates", wish)
    return wish


class Invitations:
    """The store's lock is held by whoever asks."""

    def __init__(self, store: CalendarStore, accounts: Accounts, switches: Switches) -> None:
        self._store = store
        self._accounts = accounts
        self._switches = switches

    def made(self, event: Event, wish: str, cause: str) -> None:
        self._send(event, "invitation", _guests(event), wish, cause)
        self._answer(event, _guests(event))

    def changed(self, event: Event, before: Collection[str], changed: Collection[str], wish: str, cause: str) -> None:
        """before: the guests' addresses until now."""
        after = _guests(event)
        self._send(event, "cancellation", [email for email in before if email not in after], wish, cause)
        added = [email for email in after if email not in before]
        self._send(event, "invitation", added, wish, cause)
        if set(changed) - _QUIET or (not changed and self._switches["mail_unchanged"]):
            self._send(event, "update", [email for email in after if email in before], wish, cause)
        self._answer(event, added)

    def cancelled(self, event: Event, wish: str, cause: str) -> None:
        self._send(event, "cancellation", _guests(event), wish, cause)

    def answered(self, event: Event, guest: str, response: str, comment: str | None, cause: str) -> None:
        """A guest answers: the organiser is told."""
        for entry in event.members.get("attendees", []):
            if entry["email"].lower() == guest.lower():
                entry["responseStatus"] = response
                if comment:
                    entry["comment"] = comment
        self._store.put(event, cause, "attendees")
        self._store.mail(event, "response", event.calendar, cause)

    def _send(self, event: Event, kind: str, to: Collection[str], wish: str, cause: str) -> None:
        for email in to:
            if wish == "all" or (wish == "externalOnly" and self._accounts.get(email) is None):
                self._store.mail(event, kind, email, cause)

    def _answer(self, event: Event, guests: Collection[str]) -> None:
        for email in guests:
            account = self._accounts.get(email)
            answer = (account.guests_answer if account else None) or self._switches["guests_answer"]
            if answer:
                self.answered(event, email, answer, None, "guest")


def _guests(event: Event) -> list[str]:
    return [entry["email"].lower() for entry in event.guests]
