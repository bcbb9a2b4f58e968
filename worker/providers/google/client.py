"""Google Calendar through Google's own package, which builds requests and reads answers; our session carries them.

An event's id is made from the key of the effect that creates it, and the key of our last change stands in a private
property: so what became of a lost call can be read. The primary calendar is the account's own.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from googleapiclient import discovery
from googleapiclient.errors import HttpError
from googleapiclient.http import HttpRequest

from worker.contracts.calendars import Availability, CalendarEvent, InterviewEvent, MeetingWish, Proposals
from worker.kit.errors import Doubtful, Retryable, RunError, UnknownOutcome
from worker.kit.http import CallLimits, SendWindow, build_session
from worker.providers.google import availabilities, payloads
from worker.providers.google.errors import is_gone, refusal, refuses_conference
from worker.providers.google.payloads import NO_LINK_ALLOWED, Resource
from worker.providers.google.transport import Transport

PRIMARY = "primary"
# To everybody, also to guests who use another calendar than Google's.
TELL = {"calendarId": PRIMARY, "sendUpdates": "all"}
LIST = "calendar#events"
PAGE = 2500
MOST_PAGES = 10
# Somebody may change the event between our reading and our writing.
TRIES = 3

MakeRequest = Callable[[Resource], HttpRequest]


class GoogleCalendar:
    """A `CalendarProvider`. endpoint: the API's address with its path, `…/calendar/v3/`."""

    def __init__(self, *, endpoint: str, limits: CallLimits | None = None) -> None:
        self._session = build_session(limits)
        # It warns of every refusal, with the page of a proxy whole; we classify them.
        logging.getLogger("googleapiclient.http").setLevel(logging.ERROR)
        self._service = discovery.build(
            "calendar",
            "v3",
            http=Transport(self._session, "none"),
            static_discovery=True,
            client_options={"api_endpoint": endpoint},
        )

    def close(self) -> None:
        self._session.close()

    def ical_uid(self, key: str) -> str:
        return payloads.ical_uid(payloads.event_id(key))

    def creation(self, event: InterviewEvent, key: str) -> bytes:
        return payloads.creation(event, key)

    def change(self, event: InterviewEvent, key: str) -> bytes:
        return payloads.change(event, key)

    def create(self, token: str, body: bytes, *, key: str, again: bool, deadline: float) -> CalendarEvent:
        wanted = payloads.loaded(body)
        found = self._find(token, wanted["id"]) if again else None
        if found is not None:
            return _adopted(found, wanted, key)
        try:
            return self._write(token, self._insertion, wanted, deadline)
        except HttpError as error:
            if error.status_code == 409:
                return _adopted(self._find_taken(token, wanted["id"]), wanted, key)
            raise refusal(error, writing=True) from error

    def update(
        self,
        token: str,
        event_id: str,
        body: bytes,
        *,
        key: str,
        again: bool,  # noqa: ARG002 - it always looks first
        deadline: float,
    ) -> CalendarEvent | None:
        wanted = payloads.loaded(body)
        for _ in range(TRIES):
            found = self._find(token, event_id)
            if found is None or payloads.is_cancelled(found):
                return None
            if payloads.key_of(found) == key:
                return _told(found, wanted)
            try:
                return self._write(token, self._patching(found), payloads.patch(wanted, found), deadline)
            except HttpError as error:
                if is_gone(error):
                    return None
                if error.status_code != 412:
                    raise refusal(error, writing=True) from error
        raise Retryable("The event keeps changing in Google Calendar.", after=5.0, code="provider.busy")

    def cancel(self, token: str, event_id: str, reason: str, *, again: bool, deadline: float) -> None:  # noqa: ARG002 - Google takes no reason, and a second deletion is refused without mail
        try:
            self._send(token, self._service.events().delete(**TELL, eventId=event_id), deadline)
        except HttpError as error:
            if not is_gone(error):
                raise refusal(error, writing=True) from error

    def read(self, token: str, event_id: str) -> CalendarEvent | None:
        found = self._find(token, event_id)
        event = payloads.event_of(found) if found is not None else None
        if found is not None and event is None and not payloads.is_cancelled(found):
            raise Retryable("Google Calendar answered with an event without times.", code="provider.busy")
        return event

    def window(self, token: str, start: datetime, end: datetime) -> Mapping[str, CalendarEvent]:
        found: dict[str, CalendarEvent] = {}
        page = ""
        for _ in range(MOST_PAGES):
            told = self._listed(token, start, end, page)
            entries = [payloads.event_of(entry) for entry in told.get("items", ()) if isinstance(entry, dict)]
            found |= {event.id: event for event in entries if event is not None}
            page = str(told.get("nextPageToken") or "")
            if not page:
                return found
        raise Retryable("Google Calendar lists events without end.", code="provider.busy")

    def _listed(self, token: str, start: datetime, end: datetime, page: str) -> Resource:
        bounds = {"timeMin": payloads.rfc3339(start), "timeMax": payloads.rfc3339(end)}
        following = {"pageToken": page} if page else {}
        request = self._service.events().list(
            calendarId=PRIMARY, maxResults=PAGE, fields=payloads.LISTED, **bounds, **following
        )
        try:
            told = self._read(token, request)
        except HttpError as error:
            raise refusal(error, writing=False) from error
        if not isinstance(told, dict) or told.get("kind") != LIST or not isinstance(told.get("items", []), list):
            raise Retryable("Google Calendar answered with something that is no list.", code="provider.busy")
        return told

    def availability(
        self, token: str, addresses: Sequence[str], start: datetime, end: datetime, zone: str
    ) -> Availability:
        def ask(question: Mapping[str, Any]) -> Any:
            return self._read(token, self._service.freebusy().query(body=question))

        return availabilities.asked(ask, addresses, start, end, zone)

    def proposals(self, token: str, wish: MeetingWish) -> Proposals:  # noqa: ARG002 - Google's API proposes no times
        return Proposals()

    def _insertion(self, body: Resource) -> HttpRequest:
        return self._service.events().insert(**TELL, conferenceDataVersion=1, body=body)

    def _patching(self, found: Resource) -> MakeRequest:
        """Only while the event is what was read."""

        def make(body: Resource) -> HttpRequest:
            request = self._service.events().patch(**TELL, conferenceDataVersion=1, eventId=found["id"], body=body)
            if found.get("etag"):
                request.headers["If-Match"] = found["etag"]
            return request

        return make

    def _write(self, token: str, make: MakeRequest, wanted: Resource, deadline: float) -> CalendarEvent:
        """Without a link where the calendar may make none. Raises HttpError."""
        try:
            return _told(self._send(token, make(wanted), deadline), wanted)
        except HttpError as error:
            if "conferenceData" not in wanted or not refuses_conference(error):
                raise
        bare = {name: value for name, value in wanted.items() if name != "conferenceData"}
        event = _told(self._send(token, make(bare), deadline), bare)
        return replace(event, no_link="" if event.meeting_link else NO_LINK_ALLOWED)

    def _send(self, token: str, request: HttpRequest, deadline: float) -> Any:
        """Raises HttpError."""
        with SendWindow(deadline).applied():
            return self._execute(token, request)

    def _find(self, token: str, event_id: str) -> Resource | None:
        try:
            found = self._read(token, self._service.events().get(calendarId=PRIMARY, eventId=event_id))
        except HttpError as error:
            if is_gone(error):
                return None
            raise refusal(error, writing=False) from error
        if not isinstance(found, dict) or not isinstance(found.get("id"), str):
            raise Retryable("Google Calendar answered with something that is no event.", code="provider.busy")
        return found

    def _find_taken(self, token: str, event_id: str) -> Resource:
        """The event that keeps ours from being made: whatever prevents us from reading it proves nothing about it."""
        try:
            found = self._find(token, event_id)
        except RunError as error:
            raise UnknownOutcome(f"Google has an event under this id, but it cannot be read now: {error}") from error
        if found is None:
            raise UnknownOutcome("Google has an event under this id, but does not show it.")
        return found

    def _read(self, token: str, request: HttpRequest) -> Any:
        """Raises HttpError."""
        try:
            return self._execute(token, request)
        except UnknownOutcome as error:
            raise Retryable(str(error), code="provider.no_answer") from error

    def _execute(self, token: str, request: HttpRequest) -> Any:
        try:
            return request.execute(http=Transport(self._session, token), num_retries=0)
        except (ValueError, RecursionError) as error:
            raise UnknownOutcome("Google Calendar gave an answer that cannot be read.") from error


def _told(resource: Any, wanted: Resource) -> CalendarEvent:
    event = payloads.event_of(resource, wanted) if isinstance(resource, dict) else None
    if event is None:
        raise UnknownOutcome("Google Calendar answered with something that is no event.")
    return event


def _adopted(found: Resource, wanted: Resource, key: str) -> CalendarEvent:
    """An earlier call made it, if it says so. Somebody may have deleted it meanwhile."""
    event = _told(found, wanted)
    if event.key not in (key, None) or (event.key is None and not event.cancelled):
        raise Doubtful(
            "Google Calendar has another event under the id of this one; a person has to look.",
            code="calendar.foreign_event",
        )
    return event
