"""The identity platform, version 2.0: discovery, authorize, administrator's consent, token."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from jinja2 import Environment, PackageLoader

from sandbox.emulators.microsoft import scopes
from sandbox.emulators.microsoft.accounts import Directory
from sandbox.emulators.microsoft.behaviour import Faults
from sandbox.emulators.microsoft.consent import Consent
from sandbox.emulators.microsoft.counting import Counters
from sandbox.emulators.microsoft.identity_errors import IdentityVoice, Refused, description
from sandbox.emulators.microsoft.texts import TEXTS
from sandbox.emulators.microsoft.token_endpoint import TokenEndpoint
from sandbox.emulators.web import Request, Response, Router, html_response, json_response

# What discovery advertises: MSAL refuses http, so that its client is one that goes elsewhere for this host.
HOST = "https://login.microsoftonline.com"
_COOKIE = "emulated_session"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action http: https:; base-uri 'none'"

Work = Callable[[Request], Response]


class Identity:
    def __init__(
        self, directory: Directory, consent: Consent, endpoint: TokenEndpoint, faults: Faults, counters: Counters
    ) -> None:
        self._directory = directory
        self._consent = consent
        self._endpoint = endpoint
        self._faults = faults
        self._counters = counters
        self._templates = Environment(loader=PackageLoader("sandbox.emulators"), autoescape=True)

    def add_routes(self, router: Router) -> None:
        place = "/microsoft/{tenant}"
        router.add("GET", f"{place}/v2.0/.well-known/openid-configuration", self._met("discovery", self._discover))
        router.add("GET", f"{place}/oauth2/v2.0/authorize", self._met("authorize", self._authorize))
        router.add("POST", f"{place}/oauth2/v2.0/authorize", self._shown(self._decide))
        router.add("GET", f"{place}/v2.0/adminconsent", self._met("adminconsent", self._ask_administrator))
        router.add("POST", f"{place}/v2.0/adminconsent", self._shown(self._decide_as_administrator))
        router.add("POST", f"{place}/oauth2/v2.0/token", self._token)

    def _met(self, operation: str, work: Work) -> Work:
        """Counted, and met by the faults that are switched on."""

        def answer(request: Request) -> Response:
            self._counters.count(operation)
            shown = self._shown(work)
            return self._faults.meet(operation, IdentityVoice(request), lambda: shown(request))

        return answer

    def _shown(self, work: Work) -> Work:
        """A refusal is a page of Microsoft's own."""

        def answer(request: Request) -> Response:
            try:
                return work(request)
            except Refused as error:
                return self._refusal(request, error)

        return answer

    def _token(self, request: Request) -> Response:
        form, voice = form_of(request), IdentityVoice(request, tokens=True)
        operation = self._endpoint.operation(form)
        self._counters.count(operation)

        def work() -> Response:
            try:
                self._consent.check_tenant(request.parameters["tenant"])
                return self._endpoint.answer(form)
            except Refused as error:
                return voice.refused(error.number, error.kind)

        return self._faults.meet(operation, voice, work)

    def _discover(self, request: Request) -> Response:
        tenant = request.parameters["tenant"]
        try:
            self._consent.check_tenant(tenant)
        except Refused as error:
            return IdentityVoice(request).refused(error.number, error.kind)
        named = self._directory.tenant(tenant)
        return json_response(_configuration(tenant, named.id if named else "{tenantid}"))

    def _authorize(self, request: Request) -> Response:
        tenant, query = request.parameters["tenant"], request.query
        self._consent.check(query, tenant)
        signed_in = _signed_in(request)
        location = self._consent.silent(query, tenant, signed_in)
        if location is not None:
            return _redirect(location)
        people = self._consent.people(query, tenant, signed_in)
        return self._choice(request, "authorize", [(each.key, f"{each.name} · {each.address}") for each in people])

    def _decide(self, request: Request) -> Response:
        tenant, query, form = request.parameters["tenant"], request.query, form_of(request)
        self._consent.check(query, tenant)
        if form.get("decision") != "accept":
            return _redirect(self._consent.refused(query, 65004))
        account = self._directory.get(form.get("choice", ""))
        if account is None:
            raise Refused(50020)
        response = _redirect(self._consent.accepted(query, tenant, account))
        response.headers["Set-Cookie"] = f"{_COOKIE}={quote(account.key)}; Path=/microsoft; HttpOnly; SameSite=Lax"
        return response

    def _ask_administrator(self, request: Request) -> Response:
        tenant = request.parameters["tenant"]
        self._consent.check_administrator(request.query, tenant)
        found = self._consent.organisations(tenant)
        return self._choice(request, "administrator", [(each.id, each.domain) for each in found])

    def _decide_as_administrator(self, request: Request) -> Response:
        query, form = request.query, form_of(request)
        self._consent.check_administrator(query, request.parameters["tenant"])
        organisation = self._directory.tenant(form.get("choice", ""))
        if organisation is None:
            raise Refused(90002)
        accepted = form.get("decision") == "accept"
        decided = self._consent.approved if accepted else self._consent.disapproved
        return _redirect(decided(query, organisation))

    def _choice(self, request: Request, page: str, choices: list[tuple[str, str]]) -> Response:
        asked = sorted(scopes.of_graph(scopes.read(request.query["scope"])))
        return self._page(request, "microsoft_choice.html", page=page, choices=choices, scopes=asked)

    def _refusal(self, request: Request, error: Refused) -> Response:
        told = description(error.number, error.kind.text)
        response = self._page(request, "microsoft_refusal.html", status=HTTPStatus.BAD_REQUEST, told=told)
        response.note = f"AADSTS{error.number}"
        return response

    def _page(self, request: Request, template: str, *, status: int = HTTPStatus.OK, **values: Any) -> Response:
        language = "en" if request.headers.get("accept-language", "").lower().startswith("en") else "fr"
        text = self._templates.get_template(template).render(t=TEXTS[language], lang=language, **values)
        return html_response(text, status, {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"})


def form_of(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def place_of(address: str, suffix: str) -> tuple[str, Mapping[str, str]]:
    """The tenant and the query of an address that ends in suffix, whatever its host."""
    parts = urlsplit(address)
    before, found, _ = unquote(parts.path).partition(suffix)
    return (before.rpartition("/")[2] if found else ""), dict(parse_qsl(parts.query, keep_blank_values=True))


def _redirect(location: str) -> Response:
    return Response(HTTPStatus.FOUND, b"", {"Location": location, "Cache-Control": "no-store"})


def _signed_in(request: Request) -> str | None:
    morsel = SimpleCookie(request.headers.get("cookie", "")).get(_COOKIE)
    return unquote(morsel.value) if morsel else None


def _configuration(tenant: str, issuer: str) -> dict[str, Any]:
    base = f"{HOST}/{tenant}"
    return {
        "issuer": f"{HOST}/{issuer}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "response_modes_supported": ["query", "fragment"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["none"],
        "scopes_supported": list(scopes.OPENID),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "oid", "tid", "name", "preferred_username"],
    }
