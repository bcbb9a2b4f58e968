"""Google: OAuth 2.0 with its pages, and Calendar v3, as the fact sheet tells them.

/google/o/oauth2/v2/auth, /google/token, /google/revoke, /google/oauth2/v3/userinfo, /google/calendar/v3/…
Steered below /_emulator/google: see `steering`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.emulators.google import calendars, consent
from sandbox.emulators.google.access import ACCESS_SWITCHES, Access
from sandbox.emulators.google.accounts import Account, Accounts
from sandbox.emulators.google.agenda import GoogleAgenda
from sandbox.emulators.google.authorizing import Authorizing
from sandbox.emulators.google.behind import Behind
from sandbox.emulators.google.calendar_store import CalendarStore
from sandbox.emulators.google.conferences import CONFERENCE_SWITCHES, Conferences
from sandbox.emulators.google.consent import ConsentScreens
from sandbox.emulators.google.event_reading import READING_SWITCHES, EventReading
from sandbox.emulators.google.event_writing import WRITING_SWITCHES, EventWriting
from sandbox.emulators.google.freebusy import FREEBUSY_SWITCHES, FreeBusy
from sandbox.emulators.google.grants import Grants
from sandbox.emulators.google.invitations import INVITATION_SWITCHES, Invitations
from sandbox.emulators.google.refusals import Refused, calendar_error, known, unavailable
from sandbox.emulators.google.steering import Steering
from sandbox.emulators.google.tokens import TOKEN_SWITCHES, Tokens
from sandbox.emulators.operations import FAULTS, Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Handler, Request, Response, Router

SWITCHES: Mapping[str, Any] = {
    **FAULTS,
    **TOKEN_SWITCHES,
    **ACCESS_SWITCHES,
    **WRITING_SWITCHES,
    **READING_SWITCHES,
    **CONFERENCE_SWITCHES,
    **INVITATION_SWITCHES,
    **FREEBUSY_SWITCHES,
}
API = "/google/calendar/v3"

OfCalendar = Callable[[Account, str, Request], Response]
OfAccount = Callable[[Account, Request], Response]


class Google:
    name = "google"

    def __init__(self) -> None:
        self.switches = Switches(SWITCHES)
        self.operations = Operations(self.switches)
        self.accounts = Accounts()
        self.store = CalendarStore(self.accounts)
        self._grants = Grants()
        self._access = Access(self.accounts, self._grants, self.switches, self.operations)
        self._conferences = Conferences(self.switches)
        self._invitations = Invitations(self.store, self.accounts, self.switches)
        self._routes = Router()
        self._steering = Steering(self.switches, self.operations, self.accounts, self._grants, self.store, self._access)
        behind = Behind(self.store, self._invitations)
        self._steering.add_behind(behind)
        self.agenda = GoogleAgenda(self.accounts, self.store, behind)
        self._add_oauth()
        self._add_calendars()

    def answer(self, request: Request) -> Response:
        handler, exists = self._routes.find(request)
        if handler is None and exists:
            return calendar_error(405, "httpMethodNotAllowed", "Method Not Allowed")
        return handler(request) if handler else known("notFound")

    def steer(self, request: Request) -> Response:
        return self._steering.router.answer(request)

    def end(self) -> None:
        """It never sends anything by itself."""

    def _add_oauth(self) -> None:
        authorizing = Authorizing(self._grants)
        screens = ConsentScreens(self.accounts, authorizing, self.switches)
        tokens = Tokens(self.accounts, authorizing, self._grants, self.switches, self.operations)
        self._routes.add("GET", consent.PATH, screens.show)
        self._routes.add("POST", consent.PATH, screens.decide)
        self._routes.add("POST", "/google/token", tokens.issue)
        self._routes.add("POST", "/google/revoke", tokens.revoke)
        self._routes.add("GET", "/google/oauth2/v3/userinfo", tokens.userinfo)
        self._steering.add_consent(screens, authorizing)

    def _add_calendars(self) -> None:
        writing = EventWriting(self.store, self._conferences, self._invitations, self.switches, self.operations)
        reading = EventReading(self.store, self._conferences, self.switches)
        events, one = "/calendars/{calendar}/events", "/calendars/{calendar}/events/{event}"
        self._routes.add("POST", API + events, self._of_calendar("events.insert", writing.insert))
        self._routes.add("GET", API + events, self._of_calendar("events.list", reading.list))
        self._routes.add("GET", API + one, self._of_calendar("events.get", reading.get))
        self._routes.add("PATCH", API + one, self._of_calendar("events.patch", writing.patch))
        self._routes.add("PUT", API + one, self._of_calendar("events.update", writing.update))
        self._routes.add("DELETE", API + one, self._of_calendar("events.delete", writing.delete))
        self._routes.add(
            "GET", API + "/calendars/{calendar}", self._of_calendar("calendars.get", calendars.get_calendar)
        )
        entries = API + "/users/me/calendarList"
        self._routes.add("GET", entries, self._of_account("calendarList.list", calendars.list_entries))
        self._routes.add("GET", entries + "/{calendar}", self._of_calendar("calendarList.get", calendars.get_entry))
        freebusy = FreeBusy(self.store, self.accounts, self.switches)
        self._routes.add("POST", API + "/freeBusy", self._of_account("freebusy.query", freebusy.query))

    def _of_calendar(self, operation: str, work: OfCalendar) -> Handler:
        """A call about one calendar of the token's holder."""

        def of_account(account: Account, request: Request) -> Response:
            named = request.parameters["calendar"]
            calendar = account.email if named == "primary" else named.lower()
            if not account.owns(calendar):
                raise Refused(known("notFound"))
            return work(account, calendar, request)

        return self._of_account(operation, of_account)

    def _of_account(self, operation: str, work: OfAccount) -> Handler:
        def allowed(request: Request) -> Response:
            try:
                return work(self._access.check(operation, request), request)
            except Refused as refused:
                return refused.response

        return lambda request: self.operations.run(operation, request, allowed, unavailable)
