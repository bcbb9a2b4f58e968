"""Outlook's calendars for the inspector."""

import html
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from functools import partial
from typing import Any

from sandbox.emulators.agenda import Calendar, Entry, Guest, Letter
from sandbox.emulators.microsoft.accounts import Account, Directory
from sandbox.emulators.microsoft.calendar_steering import change_behind
from sandbox.emulators.microsoft.calendars import Calendars
from sandbox.emulators.microsoft.events import Event, shown_body
from sandbox.emulators.microsoft.mails import Mail, Mails
from sandbox.emulators.microsoft.zones import zone_of
from sandbox.emulators.web import BadRequest

_ANSWERS = {"tentative": "tentativelyAccepted"}
_BREAK = re.compile(r"<br[^>]*>\s*|</(?:p|div|li)>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")


class MicrosoftAgenda:
    name = "microsoft"

    def __init__(self, directory: Directory, calendars: Calendars, mails: Mails) -> None:
        self._directory = directory
        self._calendars = calendars
        self._mails = mails

    def calendars(self) -> Sequence[Calendar]:
        with self._calendars.lock:
            events = self._calendars.all()
            return [_calendar(account, events) for account in self._directory.all() if account.mailbox]

    def entries(self, calendar: Calendar) -> Sequence[Entry]:
        with self._calendars.lock:
            found = [
                self._entry(event, calendar)
                for event in self._calendars.all()
                if event.owner.address == calendar.address
            ]
        return sorted(found, key=lambda entry: entry.start)

    def entry(self, identifier: str) -> Entry | None:
        with self._calendars.lock:
            event = self._calendars.any(identifier)
            return self._entry(event, _calendar(event.owner, self._calendars.all())) if event else None

    def answer(self, identifier: str, guest: str, answer: str) -> None:
        self._change(identifier, {"guest": guest, "response": _ANSWERS.get(answer, answer)}, notify=False)

    def remove(self, identifier: str) -> None:
        self._change(identifier, {"delete": True}, notify=True)

    def _change(self, identifier: str, wishes: Mapping[str, Any], *, notify: bool) -> None:
        event = self._calendars.any(identifier)
        if event is None:
            raise BadRequest(f"no calendar holds the event {identifier!r}")
        self._calendars.behind(event, partial(change_behind, wishes), notify=notify)

    def _entry(self, event: Event, calendar: Calendar) -> Entry:
        start, end = (time.astimezone(calendar.zone) for time in event.span(calendar.zone))
        meeting = event.meeting
        return Entry(
            id=event.immutable_id,
            calendar=calendar,
            organiser=event.organiser.address if event.organiser else event.owner.address,
            mine=event.organised_here,
            title=event.subject,
            start=start,
            end=end,
            all_day=event.all_day,
            state="cancelled" if event.is_cancelled else event.state,  # type: ignore[arg-type]
            link=event.shown_link,
            conference="pending" if meeting and not event.shown_link else "",
            location=event.plain["location"].get("displayName", ""),
            text=_text(shown_body(event)),
            uid=event.uid,
            changed=event.changed.astimezone(calendar.zone),
            guests=[Guest(guest.address, _answer(guest.response)) for guest in event.guests],
            letters=[_letter(mail, calendar.zone) for mail in self._mails.of(event)],
        )


def _calendar(account: Account, events: Sequence[Event]) -> Calendar:
    count = sum(event.owner.key == account.key for event in events)
    zone = zone_of(account.time_zone, iana=True)
    return Calendar("microsoft", "Outlook", account.address, account.name, zone, count)


def _answer(response: str) -> str:
    return "tentative" if response == "tentativelyAccepted" else response


def _letter(mail: Mail, zone: tzinfo) -> Letter:
    return Letter(
        at=mail.at,
        kind=mail.kind,
        to=mail.to,
        subject=mail.subject,
        start=datetime.fromisoformat(mail.start).astimezone(zone),
        end=datetime.fromisoformat(mail.end).astimezone(zone),
        link=mail.link,
        guests=mail.guests,
        sequence=mail.sequence,
        text="\n".join(part for part in (mail.comment, _text(mail.body)) if part),
        behind=mail.cause == "behind",
    )


def _text(content: str) -> str:
    """HTML as people read it, without its layout."""
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", content))).strip()
