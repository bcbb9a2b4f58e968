"""Microsoft's pages, for people of whom one signs in and for administrators, and the way round them for tests."""

from collections.abc import Callable, Mapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from sandbox.emulators.consent_pages import Choice, ConsentPages
from sandbox.emulators.microsoft import scopes
from sandbox.emulators.microsoft.accounts import Account, Directory
from sandbox.emulators.microsoft.consent import Consent, Query
from sandbox.emulators.microsoft.identity_errors import Refused, description
from sandbox.emulators.oauth import form, query_of, sent_to
from sandbox.emulators.web import BadRequest, Request, Response, json_response

_COOKIE = "emulated_microsoft"
_LABELS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "User.Read": "Se connecter et lire votre profil (User.Read)",
        "Calendars.ReadWrite": "Accéder entièrement à vos calendriers (Calendars.ReadWrite)",
        "administrator": "Administration",
    },
    "en": {
        "User.Read": "Sign you in and read your profile (User.Read)",
        "Calendars.ReadWrite": "Have full access to your calendars (Calendars.ReadWrite)",
        "administrator": "Administrator",
    },
}


class Screens:
    """Forms come back to the address of their page without its query, which they carry along."""

    def __init__(self, directory: Directory, consent: Consent) -> None:
        self._directory = directory
        self._consent = consent
        self._pages = ConsentPages("Microsoft", "?")

    def authorize(self, request: Request) -> Response:
        return self._guarded(request, self._authorize)

    def decide(self, request: Request) -> Response:
        return self._guarded(request, self._decide)

    def ask_administrator(self, request: Request) -> Response:
        return self._guarded(request, self._ask_administrator)

    def decide_as_administrator(self, request: Request) -> Response:
        return self._guarded(request, self._decide_as_administrator)

    def person_decides(self, wishes: Mapping[str, Any]) -> Response:
        """{address, account?, scopes?, deny?}; without account the one of login_hint, else the first."""
        tenant, query = _place(wishes.get("address"))
        named = wishes.get("account") or query.get("login_hint") or self._directory.all()[0].key
        account = self._directory.get_or_make(str(named))

        def location() -> str:
            self._consent.check(query, tenant)
            if wishes.get("deny"):
                return self._consent.refused(query, 65004)
            return self._consent.accepted(query, tenant, account, wishes.get("scopes"))

        return _gone_to(location)

    def administrator_decides(self, wishes: Mapping[str, Any]) -> Response:
        """{address, tenant?, deny?}; without tenant the first one that keeps its people from consenting."""
        tenant, query = _place(wishes.get("address"))
        named = wishes.get("tenant")
        organisation = self._directory.closed() if named is None else self._directory.tenant(named)
        if organisation is None:
            raise BadRequest(f"there is no organisation {named!r}: name its domain or its GUID")

        def location() -> str:
            self._consent.check_administrator(query, tenant)
            decided = self._consent.disapproved if wishes.get("deny") else self._consent.approved
            return decided(query, tenant, organisation)

        return _gone_to(location)

    def _authorize(self, request: Request) -> Response:
        tenant, query, signed_in = request.parameters["tenant"], request.query, _signed_in(request)
        self._consent.check(query, tenant)
        location = self._consent.silent(query, tenant, signed_in)
        if location is not None:
            return sent_to(location)
        account = self._consent.known(query, tenant, signed_in)
        if account is not None:
            return self._permissions(request, query, account)
        people = [Choice(person.address, person.name) for person in self._consent.people(tenant)]
        return self._pages.accounts(urlencode(query), people, _language(request))

    def _decide(self, request: Request) -> Response:
        tenant, (query, account, decision) = request.parameters["tenant"], self._decision(request)
        self._consent.check(query, tenant)
        if decision == "deny":
            return sent_to(self._consent.refused(query, 65004))
        self._consent.check_account(account, tenant)
        if decision != "approve":
            return self._permissions(request, query, account)
        response = sent_to(self._consent.accepted(query, tenant, account))
        response.headers["Set-Cookie"] = f"{_COOKIE}={quote(account.address)}; Path=/microsoft; HttpOnly; SameSite=Lax"
        return response

    def _ask_administrator(self, request: Request) -> Response:
        tenant, label = request.parameters["tenant"], _LABELS[_language(request)]["administrator"]
        self._consent.check_administrator(request.query, tenant)
        found = self._consent.organisations(tenant)
        choices = [Choice(f"admin@{each.domain}", f"{label} · {each.domain}") for each in found]
        return self._pages.accounts(urlencode(request.query), choices, _language(request))

    def _decide_as_administrator(self, request: Request) -> Response:
        tenant, (query, account, decision) = request.parameters["tenant"], self._decision(request)
        self._consent.check_administrator(query, tenant)
        organisation = None if account.kind == "personal" else self._directory.tenant(account.tenant)
        if organisation is None:
            raise Refused(50020)
        if decision not in ("approve", "deny"):
            return self._permissions(request, query, account)
        decided = self._consent.approved if decision == "approve" else self._consent.disapproved
        return sent_to(decided(query, tenant, organisation))

    def _decision(self, request: Request) -> tuple[Query, Account, str]:
        fields = form(request)
        query = dict(parse_qsl(fields.get("query", ""), keep_blank_values=True))
        try:
            account = self._directory.get_or_make(fields.get("account", "").strip())
        except BadRequest as error:
            raise Refused(50020) from error
        return query, account, fields.get("decision", "")

    def _permissions(self, request: Request, query: Query, account: Account) -> Response:
        language = _language(request)
        asked = sorted(scopes.of_graph(scopes.read(query["scope"])))
        choices = [Choice(name, _LABELS[language].get(name, name)) for name in asked]
        return self._pages.permissions(urlencode(query), account.address, choices, language, untickable=False)

    def _guarded(self, request: Request, work: Callable[[Request], Response]) -> Response:
        """A refusal is a page of Microsoft's own: the application never hears of it."""
        try:
            return work(request)
        except Refused as error:
            told = description(error.number, error.kind.text)
            return self._pages.error(f"AADSTS{error.number}", told, _language(request))


def _gone_to(location: Callable[[], str]) -> Response:
    """Where the browser goes; location is None where it stays on a page."""
    try:
        return json_response({"location": location()})
    except Refused as error:
        told = description(error.number, error.kind.text)
        return json_response({"location": None, "aadsts": error.number, "told": told})


def _place(address: Any) -> tuple[str, dict[str, str]]:
    """The tenant and the query of a page's address, whatever its host."""
    query = query_of(address)
    parts = unquote(urlsplit(address).path).split("/")
    marks = [parts.index(mark) for mark in ("oauth2", "v2.0") if mark in parts]
    return (parts[min(marks) - 1] if marks else "common"), query


def _signed_in(request: Request) -> str | None:
    morsel = SimpleCookie(request.headers.get("cookie", "")).get(_COOKIE)
    return unquote(morsel.value) if morsel else None


def _language(request: Request) -> str:
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "fr"
