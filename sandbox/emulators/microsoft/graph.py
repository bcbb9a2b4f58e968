"""Graph v1.0, as far as one person's calendar goes."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sandbox.emulators.microsoft.accounts import Account, Directory
from sandbox.emulators.microsoft.availability import Availability
from sandbox.emulators.microsoft.behaviour import Faults
from sandbox.emulators.microsoft.calendars import Calendars
from sandbox.emulators.microsoft.events import Event, View, resource
from sandbox.emulators.microsoft.graph_errors import GraphVoice, Refused, invalid
from sandbox.emulators.microsoft.identity_errors import CLAIMS
from sandbox.emulators.microsoft.mailboxes import Mailboxes
from sandbox.emulators.microsoft.reading import Draft, json_members, read
from sandbox.emulators.microsoft.tokens import Tokens
from sandbox.emulators.microsoft.zones import zone_of
from sandbox.emulators.oauth import bearer_of
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, Router, json_response

BASE = "/microsoft/graph/v1.0"
LARGEST_PAGE = 999
_ZONE = re.compile(r'outlook\.timezone\s*=\s*"([^"]*)"', re.IGNORECASE)
_IMMUTABLE = re.compile(r'IdType\s*=\s*"ImmutableId"', re.IGNORECASE)
_FILTER = re.compile(
    r"singleValueExtendedProperties/any\(\s*(\w+)\s*:\s*\1/id\s+eq\s+'((?:[^']|'')*)'"
    r"\s+and\s+\1/value\s+eq\s+'((?:[^']|'')*)'\s*\)",
    re.IGNORECASE,
)
_EXPANDED = re.compile(r"\bid\s+eq\s+'((?:[^']|'')*)'", re.IGNORECASE)
_READ = ("Calendars.Read", "Calendars.ReadWrite")
_WRITE = ("Calendars.ReadWrite",)
_SHARED = ("Calendars.Read.Shared", "Calendars.ReadWrite.Shared")
_CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    'client_id="00000003-0000-0000-c000-000000000000"'
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One call of somebody who is known."""

    request: Request
    account: Account
    scopes: Sequence[str]
    view: View

    @property
    def event_id(self) -> str:
        return self.request.parameters["id"]

    @property
    def tag(self) -> str | None:
        return self.request.headers.get("if-match")


Work = Callable[[Visit], Response]


class Graph:
    def __init__(
        self,
        directory: Directory,
        tokens: Tokens,
        calendars: Calendars,
        switches: Switches,
        faults: Faults,
        mailboxes: Mailboxes,
    ) -> None:
        self._directory = directory
        self._tokens = tokens
        self._calendars = calendars
        self._availability = Availability(directory, calendars)
        self._switches = switches
        self._faults = faults
        self._mailboxes = mailboxes

    def add_routes(self, router: Router) -> None:
        me, event = f"{BASE}/me", f"{BASE}/me/events/{{id}}"
        self._add(router, "GET", me, "me.get", ("User.Read",), self._me)
        self._add(router, "GET", f"{me}/calendar", "calendar.get", _READ, self._calendar)
        self._add(router, "GET", f"{me}/calendarView", "calendar.view", _READ, self._window)
        self._add(router, "POST", f"{me}/calendar/getSchedule", "calendar.schedule", _READ, self._schedules)
        self._add(router, "POST", f"{me}/findMeetingTimes", "calendar.find_times", _READ + _SHARED, self._find_times)
        for events in (f"{me}/events", f"{me}/calendar/events"):
            self._add(router, "POST", events, "events.create", _WRITE, self._create)
            self._add(router, "GET", events, "events.find", _READ, self._list)
        self._add(router, "GET", event, "events.get", _READ, self._get)
        self._add(router, "PATCH", event, "events.update", _WRITE, self._update)
        self._add(router, "DELETE", event, "events.delete", _WRITE, self._delete)
        self._add(router, "POST", f"{event}/cancel", "events.cancel", _WRITE, self._cancel)

    def _add(self, router: Router, method: str, path: str, operation: str, scopes: Sequence[str], work: Work) -> None:
        def answer(request: Request) -> Response:
            voice = GraphVoice(request)
            with self._mailboxes.inside(self._mailbox(request)) as calls:

                def worked(request: Request) -> Response:
                    try:
                        self._check_calls(calls)
                        return work(self._visit(request, operation, scopes))
                    except Refused as error:
                        return voice.refused(error)

                response = self._faults.meet(operation, request, voice, worked)
            response.headers.update({"request-id": voice.id, **_echoed(request)})
            return response

        router.add(method, path, answer)

    def _check_calls(self, calls: int) -> None:
        most = self._switches["concurrent_calls"]
        if most is not None and calls > int(most):
            message = "Application is over its MailboxConcurrency limit."
            wait = {"Retry-After": str(self._switches["retry_after"] or 1)}
            raise Refused(429, "ApplicationThrottled", message, headers=wait)

    def _mailbox(self, request: Request) -> str:
        token = self._tokens.access(bearer_of(request) or "")
        return token.grant.account if token else ""

    def _visit(self, request: Request, operation: str, scopes: Sequence[str]) -> Visit:
        value = bearer_of(request)
        token = self._tokens.access(value) if value else None
        if token is None:
            told = "Lifetime validation failed, the token is expired." if value else "Access token is empty."
            raise _unauthorised(told, _CHALLENGE)
        if self._switches.hits("claims_challenge"):
            claims = base64.b64encode(CLAIMS.encode()).decode()
            error = f'{_CHALLENGE}, error="insufficient_claims", claims="{claims}"'
            raise _unauthorised("Continuous access evaluation resulted in challenge.", error)
        if not set(scopes) & set(token.scopes):
            raise Refused(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        account = self._directory.get_or_make(token.grant.account)
        if operation != "me.get":
            _check_mailbox(account)
        return Visit(request, account, token.scopes, self._view(request))

    def _view(self, request: Request) -> View:
        prefer = request.headers.get("prefer", "")
        match = _ZONE.search(prefer)
        name = match[1] if match else "UTC"
        expanded = [_unquoted(each) for each in _EXPANDED.findall(request.query.get("$expand", ""))]
        zone = zone_of(name, iana=bool(self._switches["iana_zones"]))
        return View(name, zone, _IMMUTABLE.search(prefer) is not None, expanded)

    def _me(self, visit: Visit) -> Response:
        account = visit.account
        guest = f"{account.address.replace('@', '_')}#EXT#@{account.tenant}"
        members = {
            "@odata.context": _context("users/$entity"),
            "id": account.oid,
            "displayName": account.name,
            "mail": account.address,
            "userPrincipalName": guest if account.kind == "guest" else account.address,
        }
        return json_response(members)

    def _calendar(self, visit: Visit) -> Response:
        teams = visit.account.teams
        members = {
            "@odata.context": _context("users/calendar/$entity"),
            "id": base64.urlsafe_b64encode(visit.account.oid.encode()).decode(),
            "name": "Calendar",
            "isDefaultCalendar": True,
            "canEdit": True,
            "allowedOnlineMeetingProviders": ["teamsForBusiness"] if teams else [],
            "defaultOnlineMeetingProvider": "teamsForBusiness" if teams else "unknown",
            "owner": {"name": visit.account.name, "address": visit.account.address},
        }
        return json_response(members)

    def _create(self, visit: Visit) -> Response:
        event = self._calendars.create(visit.account, self._draft(visit), visit.request.digest)
        members = {"@odata.context": _context("users/events/$entity"), **resource(event, visit.view)}
        location = f"https://graph.microsoft.com/v1.0/me/events/{members['id']}"
        return json_response(members, 201, {"Location": location, "ETag": event.etag})

    def _get(self, visit: Visit) -> Response:
        event = self._calendars.read(visit.account, visit.event_id)
        return _shown({"@odata.context": _context("users/events/$entity"), **resource(event, visit.view)}, visit)

    def _update(self, visit: Visit) -> Response:
        event = self._calendars.find(visit.account, visit.event_id)
        self._calendars.change(event, self._draft(visit), visit.tag)
        return json_response({"@odata.context": _context("users/events/$entity"), **resource(event, visit.view)})

    def _delete(self, visit: Visit) -> Response:
        event = self._calendars.find(visit.account, visit.event_id)
        self._calendars.end(event, "deleted", visit.tag)
        return Response(204)

    def _cancel(self, visit: Visit) -> Response:
        event = self._calendars.find(visit.account, visit.event_id)
        members = json_members(visit.request.body or b"{}")
        comment = members.get("comment", members.get("Comment"))
        if comment is not None and not isinstance(comment, str):
            raise Refused(400, "RequestBodyRead", "The comment is not text.")
        if not event.organised_here:
            raise invalid("Your request can't be completed. You need to be an organizer to cancel a meeting.")
        self._calendars.end(event, "cancelled", visit.tag, comment)
        return Response(202)

    def _list(self, visit: Visit) -> Response:
        """The calendar's events, or those that hold an extended property."""
        text = visit.request.query.get("$filter")
        match = _FILTER.fullmatch(text.strip()) if text is not None else None
        if text is not None and match is None:
            raise Refused(400, "ErrorInvalidUrlQueryFilter", f"The filter {text!r} is not emulated.")
        owner = visit.account
        if match is None:
            events = self._calendars.of(owner)
        else:
            events = self._calendars.with_property(owner, _unquoted(match[2]), _unquoted(match[3]))
        return self._page(visit, events)

    def _window(self, visit: Visit) -> Response:
        start, end = (_instant(visit.request.query.get(name), name) for name in ("startDateTime", "endDateTime"))
        zone = visit.view.zone
        found = [event for event in self._calendars.of(visit.account) if event.overlaps(start, end, zone)]
        return self._page(visit, found)

    def _schedules(self, visit: Visit) -> Response:
        _refuse_personal(visit)
        iana = bool(self._switches["iana_zones"])
        members = self._availability.schedules(visit.request.body, visit.view, iana=iana)
        return json_response({"@odata.context": _context("Collection(scheduleInformation)"), **members})

    def _find_times(self, visit: Visit) -> Response:
        _refuse_personal(visit)
        if self._switches["find_times_needs_shared"] and not set(_SHARED) & set(visit.scopes):
            raise Refused(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        iana = bool(self._switches["iana_zones"])
        members = self._availability.find_times(visit.account, visit.request.body, visit.view, iana=iana)
        return json_response({"@odata.context": _context("meetingTimeSuggestionsResult"), **members})

    def _draft(self, visit: Visit) -> Draft:
        return read(visit.request.body, iana=bool(self._switches["iana_zones"]))

    def _page(self, visit: Visit, found: Sequence[Event]) -> Response:
        """`$top` at most 999 at a time, 10 when nothing is said; the rest is behind @odata.nextLink."""
        query = visit.request.query
        top, skip = _number(query, "$top", 10), _number(query, "$skip", 0)
        if not 1 <= top <= LARGEST_PAGE:
            raise invalid(f"$top must be between 1 and {LARGEST_PAGE}.")
        members: dict[str, Any] = {"@odata.context": _context("users/events")}
        if skip + top < len(found):
            host, further = visit.request.headers.get("host", ""), {**query, "$skip": str(skip + top)}
            members["@odata.nextLink"] = f"http://{host}{visit.request.path}?{urlencode(further)}"
        members["value"] = [_selected(resource(event, visit.view), query) for event in found[skip : skip + top]]
        return json_response(members)


def _unauthorised(message: str, challenge: str) -> Refused:
    return Refused(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": challenge})


def _check_mailbox(account: Account) -> None:
    if not account.mailbox:
        message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        raise Refused(404, "MailboxNotEnabledForRESTAPI", message)


def _refuse_personal(visit: Visit) -> None:
    if visit.account.kind == "personal":
        raise Refused(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def _echoed(request: Request) -> dict[str, str]:
    sent = request.headers.get("client-request-id")
    return {"client-request-id": sent} if sent else {}


def _shown(members: Mapping[str, Any], visit: Visit) -> Response:
    return json_response(_selected(members, visit.request.query))


def _selected(members: Mapping[str, Any], query: Mapping[str, str]) -> Mapping[str, Any]:
    wanted = query.get("$select")
    if not wanted:
        return members
    names = {"id", "singleValueExtendedProperties", *(name.strip() for name in wanted.split(","))}
    return {name: value for name, value in members.items() if name in names or name.startswith("@")}


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal():
        raise invalid(f"{name} must be a whole number.")
    return int(text)


def _instant(text: str | None, name: str) -> datetime:
    """Without an offset it is UTC."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        raise invalid(f"This request requires a time window: '{name}' must be an ISO 8601 time.") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _unquoted(text: str) -> str:
    return text.replace("''", "'")


def _context(kind: str) -> str:
    return f"https://graph.microsoft.com/v1.0/$metadata#{kind}"
