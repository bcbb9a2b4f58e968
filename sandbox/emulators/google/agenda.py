"""Google's calendars for the inspector."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.emulators.agenda import Calendar, Entry, Guest, Letter
from sandbox.emulators.google.accounts import Account, Accounts
from sandbox.emulators.google.behind import Behind
from sandbox.emulators.google.calendar_store import CalendarStore, Event, Mail
from sandbox.emulators.google.event_rules import moment
from sandbox.emulators.web import BadRequest

_SUBJECTS: Mapping[str, str] = {
    "invitation": "Invitation: {summary} @ {when} ({to})",
    "update": "Updated invitation: {summary} @ {when} ({to})",
    "cancellation": "Canceled event: {summary} @ {when} ({to})",
    "response": "Response: {summary} @ {when}",
}


class GoogleAgenda:
    name = "google"

    def __init__(self, accounts: Accounts, store: CalendarStore, behind: Behind) -> None:
        self._accounts = accounts
        self._store = store
        self._behind = behind

    def calendars(self) -> Sequence[Calendar]:
        with self._store.lock:
            return [self._calendar(account) for account in self._accounts.all()]

    def entries(self, calendar: Calendar) -> Sequence[Entry]:
        account = self._accounts.get(calendar.address)
        names = [] if account is None else [account.email, *account.calendars]
        with self._store.lock:
            found = [
                self._entry(event, calendar, mine=event.calendar in names)
                for name in names
                for event in self._store.of_calendar(name)
            ]
        return sorted(found, key=lambda entry: entry.start)

    def entry(self, identifier: str) -> Entry | None:
        with self._store.lock:
            event = self._store.anywhere(identifier)
            return self._entry(event, self._calendar(event.account), mine=True) if event else None

    def answer(self, identifier: str, guest: str, answer: str) -> None:
        response = "needsAction" if answer == "none" else answer
        self._behind.change(self._event(identifier), {"guest": guest, "response": response})

    def remove(self, identifier: str) -> None:
        self._behind.change(self._event(identifier), {"delete": True, "notify": True})

    def _event(self, identifier: str) -> Event:
        event = self._store.anywhere(identifier)
        if event is None:
            raise BadRequest(f"no calendar holds the event {identifier!r}")
        return event

    def _calendar(self, account: Account) -> Calendar:
        names = (account.email, *account.calendars)
        count = sum(1 for name in names for _ in self._store.of_calendar(name))
        return Calendar("google", "Google", account.email, account.name, account.zone, count)

    def _entry(self, event: Event, calendar: Calendar, *, mine: bool) -> Entry:
        members, conference = event.members, event.conference
        return Entry(
            id=event.id,
            calendar=calendar,
            organiser=event.calendar,
            mine=mine,
            title=members.get("summary", ""),
            start=event.start.astimezone(calendar.zone),
            end=event.end.astimezone(calendar.zone),
            all_day="date" in members["start"],
            state="cancelled" if event.cancelled else "live",
            link=conference.link if conference else None,
            conference=conference.status if conference and not conference.link else "",
            location=members.get("location", ""),
            text=members.get("description", ""),
            uid=event.ical_uid,
            changed=event.updated.astimezone(calendar.zone),
            guests=[_guest(entry) for entry in event.visible_to(calendar.address) if entry in event.guests],
            letters=[_letter(mail, event.account.zone) for mail in self._store.mails_of(event)],
        )


def _guest(entry: Mapping[str, Any]) -> Guest:
    response = entry["responseStatus"]
    return Guest(entry["email"], "none" if response == "needsAction" else response, entry.get("comment", ""))


def _letter(mail: Mail, zone: ZoneInfo) -> Letter:
    start, end = (moment(time, zone).astimezone(zone) for time in (mail.start, mail.end))
    subject = _SUBJECTS[mail.kind].format(summary=mail.summary or "(No title)", when=_when(start, end), to=mail.to)
    return Letter(
        at=mail.at,
        kind=mail.kind,
        to=mail.to,
        subject=subject,
        start=start,
        end=end,
        link=mail.link,
        guests=mail.guests,
        sequence=mail.sequence,
        text=mail.description,
        behind=mail.cause in ("behind", "guest"),
    )


def _when(start: datetime, end: datetime) -> str:
    return f"{start:%a %b} {start.day}, {start:%Y %H:%M} - {end:%H:%M} ({start.tzname()})"
