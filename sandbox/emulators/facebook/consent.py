"""Facebook's dialog: whose account, which permissions, and on which pages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from sandbox.emulators.consent_pages import Choice, ConsentPages
from sandbox.emulators.facebook.people import Directory, Person
from sandbox.emulators.oauth import Codes, form, form_values, query_of, redirect, sent_to
from sandbox.emulators.web import BadRequest, Request, Response, json_response

PATH = "/facebook/dialog/oauth"
CODE_SECONDS = 600.0
PROFILE = "public_profile"
_OF_PAGE = "page:"
PERMISSIONS = (
    PROFILE,
    "email",
    "pages_show_list",
    "pages_manage_posts",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_metadata",
    "business_management",
    "read_insights",
)


class PageError(Exception):
    """Shown in Facebook's own dialog; the browser is not sent back."""


@dataclass(frozen=True, slots=True)
class Client:
    """As registered in the app's dashboard; None accepts any."""

    client_id: str | None = None
    client_secret: str | None = None
    redirect_uris: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """What a code stands for. pages: those that the person chose."""

    client: str
    redirect_uri: str
    person: str
    scopes: tuple[str, ...]
    declined: tuple[str, ...]
    pages: tuple[str, ...]


class Dialog:
    def __init__(self, directory: Directory) -> None:
        self.client = Client()
        self.codes: Codes[Consent] = Codes(CODE_SECONDS)
        self._directory = directory
        self._pages = ConsentPages("Facebook", PATH)

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
        choices = [Choice(each.email, each.name) for each in self._directory.people()]
        return self._pages.accounts(urlencode(request.query), choices, "fr")

    def decide(self, request: Request) -> Response:
        """A form of ours comes back: first the person, then what is granted."""
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
            ticked = form_values(request, "scope")
            pages = [name.removeprefix(_OF_PAGE) for name in ticked if name.startswith(_OF_PAGE)]
            return sent_to(self._approved(query, person, ticked, pages))
        return self._pages.permissions(raw, person.email, self._choices(query, person), "fr", untickable=True)

    def shortcut(self, wishes: Mapping[str, Any]) -> Response:
        """{address, account?, scopes?, pages?, deny?}: what the person would decide; answers {location}."""
        query = query_of(wishes.get("address"))
        try:
            self._check(query)
        except PageError as error:
            return json_response({"location": None, "error": "invalid_request", "message": str(error)})
        if wishes.get("deny"):
            return json_response({"location": _denied(query)})
        named = wishes.get("account")
        person = self._directory.get_or_make(str(named)) if named else self._directory.people()[0]
        return json_response({"location": self._approved(query, person, wishes.get("scopes"), wishes.get("pages"))})

    def _approved(
        self, query: Mapping[str, str], person: Person, granted: Collection[str] | None, pages: Collection[str] | None
    ) -> str:
        """granted, pages: None is all."""
        scopes = tuple(name for name in _scopes(query) if granted is None or name in granted or name == PROFILE)
        chosen = tuple(page for page in person.tasks if pages is None or page in pages)
        declined = tuple(name for name in _scopes(query) if name not in scopes)
        consent = Consent(query["client_id"], query["redirect_uri"], person.email, scopes, declined, chosen)
        return redirect(query["redirect_uri"], {"code": self.codes.issue(consent, "AQ"), "state": query.get("state")})

    def _choices(self, query: Mapping[str, str], person: Person) -> list[Choice]:
        pages = [page for page in self._directory.pages() if page.id in person.tasks]
        return [
            *(Choice(name, name, fixed=name == PROFILE) for name in _scopes(query)),
            *(Choice(_OF_PAGE + page.id, f"Page « {page.name} »") for page in pages),
        ]

    def _check(self, query: Mapping[str, str]) -> None:
        address = query.get("redirect_uri", "")
        parts = urlsplit(address)
        if not query.get("client_id") or self.client.client_id not in (None, query["client_id"]):
            raise PageError("Invalid App ID: The provided app ID does not look like a valid app ID.")
        if parts.scheme not in ("http", "https") or not parts.netloc or "#" in address:
            raise PageError("The redirect_uri must be an absolute address.")
        if self.client.redirect_uris is not None and address not in self.client.redirect_uris:
            raise PageError("URL blocked: this redirect failed because it is not white-listed in the app's settings.")
        if query.get("response_type", "code") != "code":
            raise PageError("This emulator knows response_type=code.")
        if unknown := [name for name in _scopes(query) if name not in PERMISSIONS]:
            raise PageError(f"Invalid Scopes: {', '.join(unknown)}.")


def _scopes(query: Mapping[str, str]) -> tuple[str, ...]:
    """Parted by commas or blanks; the public profile is always among them."""
    return tuple(dict.fromkeys((PROFILE, *query.get("scope", "").replace(",", " ").split())))


def _denied(query: Mapping[str, str]) -> str:
    return redirect(
        query["redirect_uri"],
        {
            "error": "access_denied",
            "error_code": "200",
            "error_description": "Permissions error",
            "error_reason": "user_denied",
            "state": query.get("state"),
        },
    )
