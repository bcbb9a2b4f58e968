"""The identity platform, version 2.0: discovery, the pages, and the token endpoint."""

from typing import Any

from sandbox.emulators.microsoft import scopes
from sandbox.emulators.microsoft.accounts import Directory
from sandbox.emulators.microsoft.behaviour import Faults
from sandbox.emulators.microsoft.consent import Consent
from sandbox.emulators.microsoft.identity_errors import IdentityVoice, Refused
from sandbox.emulators.microsoft.screens import Screens
from sandbox.emulators.microsoft.token_endpoint import TokenEndpoint
from sandbox.emulators.oauth import form
from sandbox.emulators.web import Handler, Request, Response, Router, json_response

# What discovery advertises: MSAL refuses http, so that its client is one that goes elsewhere for this host.
HOST = "https://login.microsoftonline.com"


class Identity:
    def __init__(
        self, directory: Directory, consent: Consent, endpoint: TokenEndpoint, screens: Screens, faults: Faults
    ) -> None:
        self._directory = directory
        self._consent = consent
        self._endpoint = endpoint
        self._screens = screens
        self._faults = faults

    def add_routes(self, router: Router) -> None:
        place, screens = "/microsoft/{tenant}", self._screens
        router.add("GET", f"{place}/v2.0/.well-known/openid-configuration", self._met("discovery", self._discover))
        router.add("GET", f"{place}/oauth2/v2.0/authorize", self._met("authorize", screens.authorize))
        router.add("POST", f"{place}/oauth2/v2.0/authorize", screens.decide)
        router.add("GET", f"{place}/v2.0/adminconsent", self._met("adminconsent", screens.ask_administrator))
        router.add("POST", f"{place}/v2.0/adminconsent", screens.decide_as_administrator)
        router.add("POST", f"{place}/oauth2/v2.0/token", self._token)

    def _met(self, operation: str, work: Handler) -> Handler:
        return lambda request: self._faults.meet(operation, request, IdentityVoice(request), work)

    def _token(self, request: Request) -> Response:
        fields, voice = form(request), IdentityVoice(request, tokens=True)

        def work(request: Request) -> Response:
            try:
                self._consent.check_tenant(request.parameters["tenant"])
                return self._endpoint.answer(fields)
            except Refused as error:
                return voice.refused(error.number, error.kind)

        return self._faults.meet(self._endpoint.operation(fields), request, voice, work)

    def _discover(self, request: Request) -> Response:
        tenant = request.parameters["tenant"]
        try:
            self._consent.check_tenant(tenant)
        except Refused as error:
            return IdentityVoice(request).refused(error.number, error.kind)
        named = self._directory.tenant(tenant)
        return json_response(_configuration(tenant, named.id if named else "{tenantid}"))


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
