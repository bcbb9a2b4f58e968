"""Lists of events that no provider should send: none passes for an empty calendar, and one bad entry hides no other."""

import contextlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories.peers import site
from worker.contracts.calendars import CalendarEvent
from worker.kit.errors import Retryable
from worker.providers.google.client import GoogleCalendar
from worker.providers.microsoft.client import OutlookCalendar

START = datetime(2027, 7, 9, 12, tzinfo=UTC)
OPEN: Mapping[str, Callable[[str], Any]] = {
    "google": lambda url: GoogleCalendar(endpoint=f"{url}/calendar/v3/"),
    "microsoft": lambda url: OutlookCalendar(url=url),
}
TIMES: dict[str, Mapping[str, Any]] = {
    "google": {"start": {"dateTime": "2027-07-09T12:00:00Z"}, "end": {"dateTime": "2027-07-09T13:00:00Z"}},
    "microsoft": {
        "start": {"dateTime": "2027-07-09T12:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2027-07-09T13:00:00.0000000", "timeZone": "UTC"},
    },
}
PROVIDERS = pytest.mark.parametrize("name", sorted(OPEN))


def window(name: str, text: str) -> Mapping[str, CalendarEvent]:
    with site(lambda _: (200, text, {})) as url, contextlib.closing(OPEN[name](url)) as calendar:
        found: Mapping[str, CalendarEvent] = calendar.window(
            "token", START - timedelta(days=1), START + timedelta(days=1)
        )
        return found


@PROVIDERS
@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "null", "<html>", "[" * 100_000, '{"kind": "calendar#events", "items": 5}', '{"value": null}'],
)
def test_what_is_no_list_is_asked_for_again(name: str, text: str) -> None:
    with pytest.raises(Retryable):
        window(name, text)


@PROVIDERS
def test_entries_that_cannot_be_read_are_left_out(name: str) -> None:
    good = {"id": "good", "status": "confirmed", **TIMES[name]}
    bad: list[Any] = [5, None, {}, {"id": 7}, {"id": "x"}, {**good, "id": "y", "start": {"dateTime": "soon"}}]
    strange = {**good, "id": "z", "updated": "soon", "lastModifiedDateTime": 7, "attendees": [None]}
    text = json.dumps({"kind": "calendar#events", **{key: [*bad, strange, good] for key in ("items", "value")}})
    found = window(name, text)
    assert found["good"].start == START
    assert set(found) <= {"good", "z"}


@PROVIDERS
def test_a_list_has_an_end(name: str) -> None:
    following = {"nextPageToken": "p", "@odata.nextLink": "http://elsewhere.example/?$skip=5"}
    text = json.dumps({"kind": "calendar#events", "items": [], "value": [], **following})
    with pytest.raises(Retryable):
        window(name, text)
