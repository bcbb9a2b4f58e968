"""The emulator's own API for Microsoft, below `/_emulator/microsoft/…`.

GET, PUT faults: the switches of `behaviour`; what is not named falls back to its default.
GET, PUT client {client_id?, client_secret?, secret_expired?, redirect_uris?, multi_tenant?}: what is registered; what
    is not named accepts any.
GET counters: calls by operation as they arrived, and `mailbox.peak`: the most calls one mailbox had at one time.
POST authorize {address, account, scopes?, deny?}: what the person decides on the page at `address` -> {location}, or
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

from collections.abc import Callable
from typing import Any

from sandbox.emulators.microsoft import behaviour
from sandbox.emulators.microsoft.accounts import Directory, Tenant
from sandbox.emulators.microsoft.calendar_steering import busy_event
from sandbox.emulators.microsoft.calendars import Calendars
from sandbox.emulators.microsoft.consent import Consent
from sandbox.emulators.microsoft.counting import Counters
from sandbox.emulators.microsoft.graph_errors import wanted_refusal
from sandbox.emulators.microsoft.identity import place_of
from sandbox.emulators.microsoft.identity_errors import KINDS, Refused, description, wanted_kind
from sandbox.emulators.microsoft.registration import Registration
from sandbox.emulators.microsoft.tokens import Tokens
from sandbox.emulators.microsoft.wishes import PLACE, members_of, text_of
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, Router, json_object, json_response


class SwitchControls:
    """Faults, registration and counters."""

    def __init__(self, switches: Switches, registration: Registration, counters: Counters) -> None:
        self._switches = switches
        self._registration = registration
        self._counters = counters

    def add_routes(self, router: Router) -> None:
        router.add("GET", f"{PLACE}/faults", lambda _: json_response(self._switches.all()))
        router.add("PUT", f"{PLACE}/faults", self._set_faults)
        router.add("GET", f"{PLACE}/client", lambda _: json_response(self._registration.told()))
        router.add("PUT", f"{PLACE}/client", self._set_client)
        router.add("GET", f"{PLACE}/counters", lambda _: json_response(self._counters.all()))

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

    def __init__(self, directory: Directory, consent: Consent, tokens: Tokens, calendars: Calendars) -> None:
        self._directory = directory
        self._consent = consent
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
        wishes = members_of(request, {"address", "account", "scopes", "deny"})
        tenant, query = place_of(text_of(wishes, "address"), "/oauth2/v2.0/authorize")
        account = self._directory.get_or_make(text_of(wishes, "account"))

        def work() -> str:
            self._consent.check(query, tenant)
            if wishes.get("deny"):
                return self._consent.refused(query, 65004)
            return self._consent.accepted(query, tenant, account, wishes.get("scopes"))

        return _gone_to(work)

    def _approve(self, request: Request) -> Response:
        wishes = members_of(request, {"address", "tenant", "deny"})
        tenant, query = place_of(text_of(wishes, "address"), "/v2.0/adminconsent")
        organisation = self._organisation(wishes.get("tenant"))

        def work() -> str:
            self._consent.check_administrator(query, tenant)
            decide = self._consent.disapproved if wishes.get("deny") else self._consent.approved
            return decide(query, organisation)

        return _gone_to(work)

    def _organisation(self, name: str | None) -> Tenant:
        tenants = self._directory.tenants()
        closed = next((tenant for tenant in tenants if not tenant.user_consent), tenants[0])
        found = closed if name is None else self._directory.tenant(name)
        if found is None:
            raise BadRequest(f"no organisation {name!r}; there are {', '.join(tenant.domain for tenant in tenants)}")
        return found

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


def _gone_to(work: Callable[[], str]) -> Response:
    """Where the browser goes; a refusal is a page that it stays on."""
    try:
        return json_response({"location": work()})
    except Refused as error:
        told = description(error.number, error.kind.text)
        return json_response({"location": None, "aadsts": error.number, "told": told})
