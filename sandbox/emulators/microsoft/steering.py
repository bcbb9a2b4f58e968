"""The emulator's own API for Microsoft, below `/_emulator/microsoft/…`.

GET, PUT faults: the switches of `behaviour`; what is not named falls back to its default.
GET, PUT client {client_id?, client_secret?, secret_expired?, redirect_uris?, multi_tenant?}: what is registered; what
    is not named accepts any.
GET counters: calls by operation as they arrived; GET counters/statuses: answers by operation; GET counters/peak: the
    most calls that one mailbox had at one time.
POST authorize {address, account?, scopes?, deny?}: what the person decides on the page at `address` -> {location}, or
    {location: null, aadsts, told} where Microsoft keeps the browser on a page of its own. An unknown account is made.
POST adminconsent {address, tenant?, deny?}: what an administrator decides -> the same; by default the one of the first
    organisation that keeps its people from consenting. tenant: GUID or domain.
GET accounts: people, and organisations with what they approved.
PUT accounts/{account} {address?, name?, kind?, tenant?, mailbox?, teams?, time_zone?, user_consent?, busy?}: kind is
    work, personal or guest; user_consent is the organisation's. busy replaces what stands in the calendar already:
    [{start, end, show_as?, all_day?, cancelled?, response?, subject?, time_zone?}]; times without offset are those of
    time_zone, UTC by default.
POST grants/{account}/revoke {aadsts?, access_tokens?}: refresh tokens are refused, with 50173 unless aadsts says
    otherwise; access tokens end too unless access_tokens is false -> {revoked}.
POST tokens/expire {account?, refresh?}: access tokens end now, refresh tokens too when wished -> {expired}.
GET tokens: every code and token ever issued, to look for leaks.
GET events?account=&live=; GET events/{id}; POST events/{id}/behind; GET mails?to=&kind=&event=: `calendar_steering`.

An account is named by its address or its key (work, personal, guest, managed), an event by either of its ids.
"""

from typing import Any

from sandbox.emulators.microsoft import behaviour
from sandbox.emulators.microsoft.accounts import Directory
from sandbox.emulators.microsoft.calendar_steering import busy_event
from sandbox.emulators.microsoft.calendars import Calendars
from sandbox.emulators.microsoft.graph_errors import wanted_refusal
from sandbox.emulators.microsoft.identity_errors import KINDS, wanted_kind
from sandbox.emulators.microsoft.mailboxes import Mailboxes
from sandbox.emulators.microsoft.registration import Registration
from sandbox.emulators.microsoft.screens import Screens
from sandbox.emulators.microsoft.tokens import Tokens
from sandbox.emulators.microsoft.wishes import PLACE, members_of
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, Router, json_object, json_response


class SwitchControls:
    """Faults, registration and counters."""

    def __init__(
        self, switches: Switches, registration: Registration, operations: Operations, mailboxes: Mailboxes
    ) -> None:
        self._switches = switches
        self._registration = registration
        self._operations = operations
        self._mailboxes = mailboxes

    def add_routes(self, router: Router) -> None:
        router.add("GET", f"{PLACE}/faults", lambda _: json_response(self._switches.all()))
        router.add("PUT", f"{PLACE}/faults", self._set_faults)
        router.add("GET", f"{PLACE}/client", lambda _: json_response(self._registration.told()))
        router.add("PUT", f"{PLACE}/client", self._set_client)
        router.add("GET", f"{PLACE}/counters", lambda _: json_response(self._operations.counts()))
        router.add("GET", f"{PLACE}/counters/statuses", lambda _: json_response(self._operations.statuses()))
        router.add("GET", f"{PLACE}/counters/peak", lambda _: json_response({"peak": self._mailboxes.peak}))

    def _set_faults(self, request: Request) -> Response:
        values = json_object(request.body)
        behaviour.check(values)
        if values.get("token_error") is not None:
            wanted_kind(values["token_error"])
        if values.get("graph_error") is not None:
            wanted_refusal(values["graph_error"])
        self._switches.set(values)
        return json_response(self._switches.all())

    def _set_client(self, request: Request) -> Response:
        self._registration.set(json_object(request.body))
        return json_response(self._registration.told())


class AccountControls:
    """People, their consents and their tokens."""

    def __init__(self, directory: Directory, screens: Screens, tokens: Tokens, calendars: Calendars) -> None:
        self._directory = directory
        self._screens = screens
        self._tokens = tokens
        self._calendars = calendars

    def add_routes(self, router: Router) -> None:
        router.add("POST", f"{PLACE}/authorize", self._authorize)
        router.add("POST", f"{PLACE}/adminconsent", self._approve)
        router.add("GET", f"{PLACE}/accounts", self._show)
        router.add("PUT", f"{PLACE}/accounts/{{account}}", self._put)
        router.add("POST", f"{PLACE}/grants/{{account}}/revoke", self._revoke)
        router.add("POST", f"{PLACE}/tokens/expire", self._expire)
        router.add("GET", f"{PLACE}/tokens", lambda _: json_response(self._tokens.told()))

    def _authorize(self, request: Request) -> Response:
        return self._screens.person_decides(members_of(request, {"address", "account", "scopes", "deny"}))

    def _approve(self, request: Request) -> Response:
        return self._screens.administrator_decides(members_of(request, {"address", "tenant", "deny"}))

    def _show(self, _: Request) -> Response:
        accounts = [account.told() for account in self._directory.all()]
        return json_response({"accounts": accounts, "tenants": [each.told() for each in self._directory.tenants()]})

    def _put(self, request: Request) -> Response:
        values = json_object(request.body)
        entries = values.pop("busy", None)
        account = self._directory.get_or_make(request.parameters["account"])
        account = self._directory.put(account.key, values)
        if entries is not None:
            self._calendars.seed(account, [busy_event(account, entry) for entry in entries])
        return json_response(account.told())

    def _revoke(self, request: Request) -> Response:
        wishes = members_of(request, {"aadsts", "access_tokens"})
        number = wishes.get("aadsts", 50173)
        if number not in KINDS:
            raise BadRequest(f"aadsts is one of {', '.join(map(str, sorted(KINDS)))}")
        key = self._directory.get_or_make(request.parameters["account"]).key
        return json_response(
            {"revoked": self._tokens.revoke(key, number, access_tokens=bool(wishes.get("access_tokens", True)))}
        )

    def _expire(self, request: Request) -> Response:
        wishes = members_of(request, {"account", "refresh"})
        name: Any = wishes.get("account")
        key = None if name is None else self._directory.get_or_make(name).key
        return json_response({"expired": self._tokens.expire(key, refresh_too=bool(wishes.get("refresh")))})
