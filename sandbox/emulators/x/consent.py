"""X's page: whose account, and what the app may do, granted or denied as a whole. PKCE is not optional."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from sandbox.emulators.consent_pages import Choice, ConsentPages
from sandbox.emulators.oauth import Codes, form, query_of, redirect, sent_to
from sandbox.emulators.web import BadRequest, Request, Response, json_response
from sandbox.emulators.x.people import Directory, Person

PATH = "/x/i/oauth2/authorize"
CODE_SECONDS = 30.0
SCOPES = frozenset(
    {"tweet.read", "tweet.write", "tweet.moderate.write", "users.read", "users.email", "offline.access", "media.write"}
)


class PageError(Exception):
    """Shown on X's own page; the browser is not sent back."""


@dataclass(frozen=True, slots=True)
class Client:
    """As registered in the console; None accepts any. A confidential one, which has a secret."""

    client_id: str | None = None
    client_secret: str | None = None
    redirect_uris: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """What a code stands for."""

    client: str
    redirect_uri: str
    person: str
    scopes: tuple[str, ...]
    challenge: str
    method: str


class ConsentScreens:
    def __init__(self, directory: Directory) -> None:
        self.client = Client()
        self.codes: Codes[Consent] = Codes(CODE_SECONDS)
        self._directory = directory
        self._pages = ConsentPages("X", PATH)

    def configure(self, members: Mapping[str, Any]) -> Client:
        """{client_id?, client_secret?, redirect_uris?}: what is not named accepts any."""
        if unknown := sorted(set(members) - {"client_id", "client_secret", "redirect_uris"}):
            raise BadRequest(f"a client has client_id, client_secret and redirect_uris, not {', '.join(unknown)}")
        addresses = members.get("redirect_uris")
        self.client = Client(
            members.get("client_id"), members.get("client_secret"), None if addresses is None else tuple(addresses)
        )
        return self.client

    def show(self, request: Request) -> Response:
        """The browser arrives."""
        try:
            self._check(request.query)
        except PageError as error:
            return self._pages.error("invalid_request", str(error), "fr")
        choices = [Choice(each.email, f"{each.name} (@{each.username})") for each in self._directory.people()]
        return self._pages.accounts(urlencode(request.query), choices, "fr")

    def decide(self, request: Request) -> Response:
        """A form of ours comes back: first the person, then the decision."""
        fields = form(request)
        raw = fields.get("query", "")
        query = dict(parse_qsl(raw, keep_blank_values=True))
        try:
            self._check(query)
            person = self._directory.get_or_make(fields.get("account", ""))
        except (PageError, BadRequest) as error:
            return self._pages.error("invalid_request", str(error), "fr")
        if fields.get("decision") == "deny":
            return sent_to(_denied(query))
        if fields.get("decision") == "approve":
            return sent_to(self._approved(query, person, None))
        permissions = [Choice(name, name) for name in _scopes(query)]
        return self._pages.permissions(raw, person.email, permissions, "fr", untickable=False)

    def shortcut(self, wishes: Mapping[str, Any]) -> Response:
        """{address, account?, scopes?, deny?}: what the person would decide; answers {location}.

        scopes: less than was asked, which X's own page does not offer.
        """
        query = query_of(wishes.get("address"))
        try:
            self._check(query)
        except PageError as error:
            return json_response({"location": None, "error": "invalid_request", "message": str(error)})
        if wishes.get("deny"):
            return json_response({"location": _denied(query)})
        named = wishes.get("account")
        person = self._directory.get_or_make(str(named)) if named else self._directory.people()[0]
        return json_response({"location": self._approved(query, person, wishes.get("scopes"))})

    def _approved(self, query: Mapping[str, str], person: Person, granted: Collection[str] | None) -> str:
        consent = Consent(
            query["client_id"],
            query["redirect_uri"],
            person.email,
            tuple(name for name in _scopes(query) if granted is None or name in granted),
            query["code_challenge"],
            query.get("code_challenge_method", "plain"),
        )
        return redirect(query["redirect_uri"], {"state": query.get("state"), "code": self.codes.issue(consent)})

    def _check(self, query: Mapping[str, str]) -> None:
        address = query.get("redirect_uri", "")
        parts = urlsplit(address)
        if not query.get("client_id") or self.client.client_id not in (None, query["client_id"]):
            raise PageError("Value passed for the client id was invalid.")
        if parts.scheme not in ("http", "https") or not parts.netloc or "#" in address:
            raise PageError("Value passed for the redirect uri was invalid.")
        if self.client.redirect_uris is not None and address not in self.client.redirect_uris:
            raise PageError("Value passed for the redirect uri did not match the uris of the app.")
        if query.get("response_type") != "code":
            raise PageError("Value passed for the response type was invalid.")
        if not query.get("state") or len(query["state"]) > 500:
            raise PageError("Value passed for the state was invalid.")
        if not _scopes(query) or not set(_scopes(query)) <= SCOPES:
            raise PageError("Value passed for the scope was invalid.")
        _check_challenge(query)


def _check_challenge(query: Mapping[str, str]) -> None:
    if not 43 <= len(query.get("code_challenge", "")) <= 128:
        raise PageError("Value passed for the code challenge was invalid.")
    if query.get("code_challenge_method", "plain") not in ("S256", "plain"):
        raise PageError("Value passed for the code challenge method was invalid.")


def _scopes(query: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(query.get("scope", "").split()))


def _denied(query: Mapping[str, str]) -> str:
    return redirect(query["redirect_uri"], {"error": "access_denied", "state": query.get("state")})
