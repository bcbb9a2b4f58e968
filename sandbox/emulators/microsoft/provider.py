"""Microsoft: the identity platform below /microsoft/{tenant}, Graph below /microsoft/graph/v1.0.

Written from the documented behaviour; where that is silent, `behaviour.py` has a switch for either way.
"""

import time

from sandbox.emulators.microsoft.accounts import Directory
from sandbox.emulators.microsoft.agenda import MicrosoftAgenda
from sandbox.emulators.microsoft.behaviour import SWITCHES, Faults
from sandbox.emulators.microsoft.calendar_steering import CalendarControls
from sandbox.emulators.microsoft.calendars import Calendars
from sandbox.emulators.microsoft.consent import Consent
from sandbox.emulators.microsoft.graph import Graph
from sandbox.emulators.microsoft.graph_errors import GraphVoice, Refused
from sandbox.emulators.microsoft.identity import Identity
from sandbox.emulators.microsoft.mailboxes import Mailboxes
from sandbox.emulators.microsoft.mails import Mails
from sandbox.emulators.microsoft.registration import Registration
from sandbox.emulators.microsoft.screens import Screens
from sandbox.emulators.microsoft.steering import AccountControls, SwitchControls
from sandbox.emulators.microsoft.token_endpoint import TokenEndpoint
from sandbox.emulators.microsoft.tokens import Tokens
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, Router


class Microsoft:
    name = "microsoft"

    def __init__(self) -> None:
        self.switches = Switches(SWITCHES)
        self.directory = Directory()
        self.mails = Mails()
        self.calendars = Calendars(self.switches, self.mails)
        self.agenda = MicrosoftAgenda(self.directory, self.calendars, self.mails)
        self.operations = Operations(self.switches)
        self.mailboxes = Mailboxes()
        self._registration = Registration()
        self._tokens = Tokens(self.switches, time.time)
        self._consent = Consent(self.directory, self._tokens, self.switches, self._registration)
        self._screens = Screens(self.directory, self._consent)
        self._routes = self._make_routes()
        self._controls = self._make_controls()

    def answer(self, request: Request) -> Response:
        handler, known = self._routes.find(request)
        if handler is not None:
            return handler(request)
        status, code = (405, "Request_BadRequest") if known else (404, "BadRequest")
        return GraphVoice(request).refused(Refused(status, code, "Resource not found for the segment."))

    def steer(self, request: Request) -> Response:
        return self._controls.answer(request)

    def end(self) -> None:
        """It never sends anything by itself."""

    def _make_routes(self) -> Router:
        router, faults = Router(), Faults(self.switches, self.operations)
        endpoint = TokenEndpoint(self.directory, self._tokens, self.switches, self._registration)
        Graph(self.directory, self._tokens, self.calendars, self.switches, faults, self.mailboxes).add_routes(router)
        Identity(self.directory, self._consent, endpoint, self._screens, faults).add_routes(router)
        return router

    def _make_controls(self) -> Router:
        router = Router()
        SwitchControls(self.switches, self._registration, self.operations, self.mailboxes).add_routes(router)
        AccountControls(self.directory, self._screens, self._tokens, self.calendars).add_routes(router)
        CalendarControls(self.directory, self.calendars, self.mails).add_routes(router)
        return router
