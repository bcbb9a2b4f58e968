"""LinkedIn's pages: which member, and the permissions, which are granted or denied together."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from sandbox.emulators.consent_pages import Choice, ConsentPages
from sandbox.emulators.linkedin.members import Directory, Member
from sandbox.emulators.oauth import Codes, form, query_of, redirect, sent_to
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, json_response

PATH = "/linkedin/oauth/v2/authorization"
CODE_SECONDS = 1800.0


class PageError(Exception):
    """Shown on LinkedIn's own page; the browser is not sent back."""


@dataclass(frozen=True, slots=True)
class Client:
    """As registered in the developer portal; None accepts any."""

    client_id: str | None = None
    client_secret: str | None = None
    redirect_uris: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """What a code stands for."""

    client: str
    redirect_uri: str
    member: str
    scopes: tuple[str, ...]


class ConsentScreens:
    def __init__(self, directory: Directory, switches: Switches) -> None:
        self.client = Client()
        self.codes: Codes[Consent] = Codes(CODE_SECONDS)
        self._directory = directory
        self._switches = switches
        self._pages = ConsentPages("LinkedIn", PATH)

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
        if refused := self._unauthorized(request.query):
            return sent_to(refused)
        choices = [Choice(member.email, member.name) for member in self._directory.members()]
        return self._pages.accounts(urlencode(request.query), choices, "fr")

    def decide(self, request: Request) -> Response:
        """A form of ours comes back: first the member, then the decision."""
        fields = form(request)
        raw = fields.get("query", "")
        query = dict(parse_qsl(raw, keep_blank_values=True))
        try:
            self._check(query)
            member = self._directory.get_or_make(fields.get("account", ""))
        except (PageError, BadRequest) as error:
            return self._pages.error("invalid_request", str(error), "fr")
        if fields.get("decision") == "deny":
            return sent_to(_denied(query, "user_cancelled_authorize"))
        if fields.get("decision") == "approve":
            return sent_to(self._approved(query, member, None))
        permissions = [Choice(name, name) for name in _scopes(query)]
        return self._pages.permissions(raw, member.email, permissions, "fr", untickable=False)

    def shortcut(self, wishes: Mapping[str, Any]) -> Response:
        """{address, account?, scopes?, deny?}: what the person would decide; answers {location}.

        scopes: less than was asked. deny: true, or the error to give. With what LinkedIn shows on its own page the
        location is null: {location, error, message}.
        """
        query = query_of(wishes.get("address"))
        try:
            self._check(query)
        except PageError as error:
            return json_response({"location": None, "error": "invalid_request", "message": str(error)})
        if refused := self._unauthorized(query):
            return json_response({"location": refused})
        if wishes.get("deny"):
            error_name = wishes["deny"] if isinstance(wishes["deny"], str) else "user_cancelled_authorize"
            return json_response({"location": _denied(query, error_name)})
        named = wishes.get("account")
        member = self._directory.get_or_make(str(named)) if named else self._directory.members()[0]
        return json_response({"location": self._approved(query, member, wishes.get("scopes"))})

    def _approved(self, query: Mapping[str, str], member: Member, granted: Collection[str] | None) -> str:
        scopes = tuple(name for name in _scopes(query) if granted is None or name in granted)
        consent = Consent(query["client_id"], query["redirect_uri"], member.email, scopes)
        return redirect(query["redirect_uri"], {"code": self.codes.issue(consent, "AQ"), "state": query.get("state")})

    def _unauthorized(self, query: Mapping[str, str]) -> str | None:
        """Where the browser goes when the application lacks the product for a scope."""
        missing = [name for name in _scopes(query) if name not in self._switches["products"]]
        if not missing:
            return None
        return _denied(
            query, "unauthorized_scope_error", f'Scope "{missing[0]}" is not authorized for your application'
        )

    def _check(self, query: Mapping[str, str]) -> None:
        address = query.get("redirect_uri", "")
        parts = urlsplit(address)
        if not query.get("client_id") or self.client.client_id not in (None, query["client_id"]):
            raise PageError("The passed in client_id is invalid.")
        if parts.scheme not in ("http", "https") or not parts.netloc or "#" in address:
            raise PageError("The redirect_uri must be absolute and without a fragment.")
        if self.client.redirect_uris is not None and _bare(address) not in map(_bare, self.client.redirect_uris):
            raise PageError("The redirect_uri does not match the registered value.")
        if query.get("response_type") != "code":
            raise PageError("The required parameter response_type is missing or is not `code`.")
        if not _scopes(query):
            raise PageError("The required parameter scope is missing.")


def _scopes(query: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(query.get("scope", "").split()))


def _bare(address: str) -> str:
    """The query part is not compared."""
    return urlsplit(address)._replace(query="").geturl()


def _denied(query: Mapping[str, str], error: str, description: str | None = None) -> str:
    texts = {"user_cancelled_authorize": "The user cancelled the authorization"}
    return redirect(
        query["redirect_uri"],
        {
            "error": error,
            "error_description": description or texts.get(error, "The user cancelled LinkedIn login"),
            "state": query.get("state"),
        },
    )
