"""Addresses at which people put an interview into a calendar of theirs by hand, for pages.

Sources: none of the three is documented by its maker; the parameters are those of their own "add to calendar" links.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from worker.kit.localisation import message

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK: Mapping[str, str] = {
    "Outlook.com": "https://outlook.live.com/calendar/0/deeplink/compose",
    "Microsoft 365": "https://outlook.office.com/calendar/0/deeplink/compose",
}
# Browsers and the calendars themselves refuse longer addresses.
LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """start and end: aware. details: plain text."""

    title: str
    start: datetime
    end: datetime
    location: str
    details: str


def addresses(entry: Entry) -> dict[str, str]:
    """By the calendar's name: French, in the catalogue."""
    known = {message("Google Agenda"): f"{GOOGLE}?{urlencode(_google(entry))}"}
    query = urlencode(_outlook(entry))
    return known | {name: f"{address}?{query}" for name, address in OUTLOOK.items()}


def _google(entry: Entry) -> dict[str, str]:
    times = [each.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") for each in (entry.start, entry.end)]
    return {
        "action": "TEMPLATE",
        "text": entry.title[:LONGEST_TEXT],
        "dates": "/".join(times),
        "location": entry.location[:LONGEST_TEXT],
        "details": entry.details[:LONGEST_TEXT],
    }


def _outlook(entry: Entry) -> dict[str, str]:
    start, end = (each.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for each in (entry.start, entry.end))
    return {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": entry.title[:LONGEST_TEXT],
        "startdt": start,
        "enddt": end,
        "location": entry.location[:LONGEST_TEXT],
        "body": entry.details[:LONGEST_TEXT],
    }
