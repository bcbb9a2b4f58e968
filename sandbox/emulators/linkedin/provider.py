"""LinkedIn: OAuth 2.0 with its pages, and what an account's label needs, as the fact sheet tells them.

/linkedin/oauth/v2/authorization, accessToken, introspectToken; /linkedin/v2/me; /linkedin/rest/organizationAcls,
/linkedin/rest/organizations.

Below /_emulator/linkedin:
GET, PUT faults: the switches (SWITCHES); `only` names the operations that meet faults.
POST authorize {address, account?, scopes?, deny?}: what the person decides -> {location}. An unknown account is made.
PUT client {client_id?, client_secret?, redirect_uris?}: what is registered; what is not named accepts any.
GET accounts; PUT accounts/{email} {first?, last?, roles?: [{organization, role?, name?}]}.
GET grants: tokens by kind and status, not the tokens; POST grants/{account}/revoke: the member removes the access.
POST tokens/expire {account?, refresh?}: access tokens are too old from now on, refresh tokens too when wished.
GET counters: calls by operation; GET counters/statuses: answers by operation.

Operations: token.code, token.refresh, token.other, introspect, me, organizationAcls, organizations.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sandbox.emulators.linkedin import consent
from sandbox.emulators.linkedin.api import API_SWITCHES, Access, OfMember, Organizations, People
from sandbox.emulators.linkedin.consent import ConsentScreens
from sandbox.emulators.linkedin.errors import api_unavailable, envelope
from sandbox.emulators.linkedin.members import Directory
from sandbox.emulators.linkedin.oauth_endpoints import ERRORS, TOKEN_SWITCHES, OAuthEndpoints
from sandbox.emulators.linkedin.tokens import TokenStore
from sandbox.emulators.operations import FAULTS, Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, Router, json_object, json_response

SWITCHES: Mapping[str, Any] = {**FAULTS, **TOKEN_SWITCHES, **API_SWITCHES}
CONTROL = "/_emulator/linkedin"


class LinkedIn:
    name = "linkedin"

    def __init__(self) -> None:
        self.switches = Switches(SWITCHES)
        self.operations = Operations(self.switches)
        self.directory = Directory()
        self._tokens = TokenStore()
        self._access = Access(self.directory, self._tokens, self.switches, self.operations)
        self._screens = ConsentScreens(self.directory, self.switches)
        self._routes = Router()
        self._controls = Router()
        self._add_routes()
        self._add_controls()

    def answer(self, request: Request) -> Response:
        handler, exists = self._routes.find(request)
        if handler is None:
            return envelope(405, "Method Not Allowed") if exists else envelope(404, "No resource found", 0, "NOT_FOUND")
        return handler(request)

    def steer(self, request: Request) -> Response:
        return self._controls.answer(request)

    def end(self) -> None:
        """It never sends anything by itself."""

    def _add_routes(self) -> None:
        endpoints = OAuthEndpoints(self.directory, self._screens, self._tokens, self.switches, self.operations)
        self._routes.add("GET", consent.PATH, self._screens.show)
        self._routes.add("POST", consent.PATH, self._screens.decide)
        self._routes.add("POST", "/linkedin/oauth/v2/accessToken", endpoints.issue)
        self._routes.add("POST", "/linkedin/oauth/v2/introspectToken", endpoints.introspect)
        people, organizations = People(), Organizations(self.directory, self.switches)
        self._serve("GET", "/v2/me", "me", people.scopes, people.me)
        self._serve("GET", "/rest/organizationAcls", "organizationAcls", organizations.acl_scopes, organizations.acls)
        self._serve("GET", "/rest/organizations", "organizations", organizations.scopes, organizations.by_vanity_name)
        self._serve("GET", "/rest/organizations/{id}", "organizations", organizations.scopes, organizations.one)

    def _serve(self, method: str, path: str, operation: str, scopes: frozenset[str], work: OfMember) -> None:
        """A resource of the API; what is below /rest asks for a version."""

        def allowed(request: Request) -> Response:
            if path.startswith("/rest/") and (refused := self._access.check_version(request)):
                return refused
            member = self._access.check(operation, request, scopes)
            return member if isinstance(member, Response) else work(member, request)

        self._routes.add(
            method,
            f"/linkedin{path}",
            lambda request: self.operations.run(operation, request, allowed, api_unavailable),
        )

    def _add_controls(self) -> None:
        add = self._controls.add
        add("GET", f"{CONTROL}/faults", lambda _: json_response(self.switches.all()))
        add("PUT", f"{CONTROL}/faults", self._set_faults)
        add("POST", f"{CONTROL}/authorize", lambda request: self._screens.shortcut(json_object(request.body)))
        add("PUT", f"{CONTROL}/client", self._configure)
        add("GET", f"{CONTROL}/accounts", self._show_accounts)
        add("PUT", f"{CONTROL}/accounts/{{email}}", self._change_account)
        add("GET", f"{CONTROL}/grants", lambda _: json_response({"grants": self._tokens.all()}))
        add("POST", f"{CONTROL}/grants/{{account}}/revoke", self._revoke)
        add("POST", f"{CONTROL}/tokens/expire", self._expire)
        add("GET", f"{CONTROL}/counters", lambda _: json_response(self.operations.counts()))
        add("GET", f"{CONTROL}/counters/statuses", lambda _: json_response(self.operations.statuses()))

    def _set_faults(self, request: Request) -> Response:
        values = json_object(request.body)
        error = values.get("token_error")
        if error is not None and error not in ERRORS:
            raise BadRequest(f"token_error is one of {', '.join(ERRORS)}, not {error!r}")
        self.switches.set(values)
        return json_response(self.switches.all())

    def _configure(self, request: Request) -> Response:
        return json_response(asdict(self._screens.configure(json_object(request.body))))

    def _show_accounts(self, _: Request) -> Response:
        return json_response({"accounts": [member.shown() for member in self.directory.members()]})

    def _change_account(self, request: Request) -> Response:
        return json_response(self.directory.change(request.parameters["email"], json_object(request.body)).shown())

    def _revoke(self, request: Request) -> Response:
        return json_response({"revoked": self._tokens.revoke(request.parameters["account"].lower())})

    def _expire(self, request: Request) -> Response:
        wishes = json_object(request.body)
        ended = self._tokens.expire(wishes.get("account"), refresh_too=bool(wishes.get("refresh")))
        return json_response({"expired": ended})
