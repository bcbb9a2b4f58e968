"""Outlook calendars through Microsoft Graph v1.0, with plain requests.

An event is known by its key twice: as `transactionId`, by which Graph knows a repetition for a while, and in a property
of the event, which is found whenever it is looked for. Exchange writes to the guests at each change by itself; nothing
here could keep it from doing so.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from worker.contracts.calendars import Availability, CalendarEvent, InterviewEvent, MeetingWish, Proposals
from worker.kit.errors import Refused, RunError, UnknownOutcome
from worker.kit.http import CallLimits
from worker.kit.localisation import message
from worker.providers.microsoft import meeting_times, payloads, views
from worker.providers.microsoft.availability import People
from worker.providers.microsoft.errors import Changed, Duplicate, Gone
from worker.providers.microsoft.events import VIEWED, GraphEvent, by_id, by_key, taken_away
from worker.providers.microsoft.graph import Graph
from worker.providers.microsoft.reading import entries, readable

PAUSES = (0.0, 0.5, 1.0, 2.0)
"""Seconds before each look for an event that Graph says is there: its index is late at times."""
_LOOKS_AT_A_CHANGE = 3
_NO_TEAMS = message(
    "Ce calendrier ne crée pas de lien Teams : il faut le compte d’une organisation qui utilise Teams. Indiquez un "
    "autre lien."
)


class OutlookCalendar:
    """A `CalendarProvider`. url: Graph's address with its version, without a slash at its end."""

    def __init__(self, *, url: str, limits: CallLimits | None = None, pauses: Sequence[float] = PAUSES) -> None:
        self._graph = Graph(url, limits)
        self._quick = Graph(url, limits or meeting_times.LIMITS)
        self._pauses = tuple(pauses)

    def close(self) -> None:
        self._graph.close()
        self._quick.close()

    def ical_uid(self, key: str) -> str:  # noqa: ARG002 - Exchange chooses it
        return ""

    def creation(self, event: InterviewEvent, key: str) -> bytes:
        return payloads.creation(event, key)

    def create(self, token: str, body: bytes, *, key: str, again: bool, deadline: float) -> CalendarEvent:
        """A link is asked for only where the calendar makes some: elsewhere Graph drops the wish without a word."""
        wanted = body if self._may_meet(token, body) else payloads.without_meeting(body)
        found = self._found(token, key) if again else None
        if found is not None:
            return _shown(found, body)
        try:
            told = self._graph.write("POST", "/me/events", token, wanted, deadline=deadline)
        except Duplicate as duplicate:
            return self._adopted(token, body, key, duplicate)
        return _written(told, body, key)

    def change(self, event: InterviewEvent, key: str) -> bytes:
        return payloads.change(event, key)

    def update(
        self, token: str, event_id: str, body: bytes, *, key: str, again: bool, deadline: float
    ) -> CalendarEvent | None:
        """The event is read first, and changed only as it was read. Of the description only our own part is exchanged
        (`payloads.fitted`); where that is not found in a meeting's any more, the old one stays.
        """
        looks = 0
        while True:
            looks += 1
            stands = self._stored(token, event_id)
            if stands is None or stands.is_cancelled:
                return None
            if again and stands.key == key:
                return _shown(stands, body)
            try:
                return self._changed(token, stands, body, key, deadline)
            except Gone:
                return None
            except Changed:
                if looks == _LOOKS_AT_A_CHANGE:
                    raise

    def cancel(self, token: str, event_id: str, reason: str, *, again: bool, deadline: float) -> None:
        """Graph cancels only what its organiser cancels: what is somebody else's by now is left alone, and what it
        does not take for a meeting is deleted.
        """
        if again and self._is_over(token, event_id):
            return
        path = _path(event_id)
        try:
            self._graph.write("POST", f"{path}/cancel", token, payloads.cancellation(reason), deadline=deadline)
        except Gone:
            return
        except Refused:
            if not self._is_over(token, event_id):
                self._delete(token, path, deadline)

    def read(self, token: str, event_id: str) -> CalendarEvent | None:
        stands = self._stored(token, event_id)
        return stands.ours() if stands is not None else None

    def window(self, token: str, start: datetime, end: datetime) -> Mapping[str, CalendarEvent]:
        found: dict[str, CalendarEvent] = {}
        for page in views.pages(self._graph, token, start, end, VIEWED):
            for entry in page:
                with contextlib.suppress(ValueError):
                    event = GraphEvent.model_validate(entry).ours()
                    found[event.id] = event
        return found

    def availability(
        self, token: str, addresses: Sequence[str], start: datetime, end: datetime, zone: str
    ) -> Availability:
        """Of others Graph tells accounts of organisations only."""
        people = People(self._graph, token, start, end)
        where = ZoneInfo(zone)
        with readable():
            return people.availability(addresses, where)

    def proposals(self, token: str, wish: MeetingWish) -> Proposals:
        return meeting_times.find(self._quick, token, wish)

    def _may_meet(self, token: str, body: bytes) -> bool:
        if not payloads.wants_meeting(body):
            return True
        calendar = self._graph.get("/me/calendar", token, {"$select": "allowedOnlineMeetingProviders"})
        return payloads.TEAMS in (calendar.get("allowedOnlineMeetingProviders") or ())

    def _found(self, token: str, key: str) -> GraphEvent | None:
        told = self._graph.get("/me/events", token, by_key(key))
        with readable():
            found = [GraphEvent.model_validate(entry) for entry in entries(told)]
        return min(found, key=lambda event: event.is_cancelled, default=None)

    def _adopted(self, token: str, body: bytes, key: str, duplicate: Duplicate) -> CalendarEvent:
        """The event that an earlier call made. Nothing that goes wrong here proves that there is none."""
        try:
            event_id = duplicate.event_id
            found = self._stored(token, event_id) if event_id else self._awaited(token, key)
        except RunError as error:
            raise UnknownOutcome(f"The event was made, but could not be read: {error}") from error
        if found is not None:
            return _shown(found, body)
        if not event_id:
            raise UnknownOutcome("Microsoft says that the event was made, but does not find it yet.")
        return taken_away(event_id, body, key)

    def _awaited(self, token: str, key: str) -> GraphEvent | None:
        for pause in self._pauses:
            time.sleep(pause)
            found = self._found(token, key)
            if found is not None:
                return found
        return None

    def _stored(self, token: str, event_id: str) -> GraphEvent | None:
        try:
            told = self._graph.get(_path(event_id), token, by_id())
        except Gone:
            return None
        with readable():
            return GraphEvent.model_validate(told)

    def _changed(self, token: str, stands: GraphEvent, body: bytes, key: str, deadline: float) -> CalendarEvent:
        possible = stands.is_online_meeting or self._may_meet(token, body)
        fitted = payloads.fitted(
            body if possible else payloads.without_meeting(body),
            content=stands.content,
            online=stands.is_online_meeting,
            link=stands.link,
            guests=stands.guests,
        )
        told = self._graph.write("PATCH", _path(stands.id), token, fitted, deadline=deadline, match=stands.etag)
        return _written(told, body, key)

    def _is_over(self, token: str, event_id: str) -> bool:
        stands = self._stored(token, event_id)
        return stands is None or stands.is_cancelled or not stands.is_organizer

    def _delete(self, token: str, path: str, deadline: float) -> None:
        try:
            self._graph.write("DELETE", path, token, None, deadline=deadline)
        except Gone:
            return


def _path(event_id: str) -> str:
    return f"/me/events/{quote(event_id, safe='')}"


def _shown(event: GraphEvent, body: bytes, key: str | None = None) -> CalendarEvent:
    """With the reason why it has no link, where one was wished for."""
    missed = payloads.wants_meeting(body) and not event.is_online_meeting
    return event.ours(key=key, no_link=_NO_TEAMS if missed else "")


def _written(told: Mapping[str, Any], body: bytes, key: str) -> CalendarEvent:
    try:
        event = GraphEvent.model_validate(told)
    except ValueError as error:
        raise UnknownOutcome("Microsoft's answer about the event cannot be read; it may be in the calendar.") from error
    return _shown(event, body, key)
