"""What an authorize request asks for, and where the browser goes when the person has decided."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox.emulators.google.accounts import Account
from sandbox.emulators.google.grants import PREFIX, SIGN_IN, Grants, scope
from sandbox.emulators.oauth import Codes, redirect
from sandbox.emulators.web import BadRequest

CODE_SECONDS = 600.0
_PROMPTS = frozenset({"none", "consent", "select_account"})
_METHODS = frozenset({"S256", "plain"})


class PageError(Exception):
    """Shown on Google's own page; the browser is not sent back."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """scopes are full names; challenge is None without PKCE; language is `hl`."""

    client: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    offline: bool
    prompts: frozenset[str]
    login_hint: str | None
    include_granted: bool
    challenge: str | None
    method: str
    nonce: str | None
    language: str

    @property
    def choosable(self) -> tuple[str, ...]:
        """What the person may untick."""
        return tuple(name for name in self.scopes if name not in SIGN_IN)


@dataclass(frozen=True, slots=True)
class Consent:
    """What a code stands for. refreshable: the exchange gives a refresh token."""

    asked: Asked
    account: Account
    scopes: tuple[str, ...]
    refreshable: bool


@dataclass(frozen=True, slots=True)
class Client:
    """As registered in the console; None accepts any."""

    client_id: str | None = None
    client_secret: str | None = None
    redirect_uris: tuple[str, ...] | None = None

    def knows(self, identifier: str) -> bool:
        return bool(identifier) and self.client_id in (None, identifier)

    def accepts(self, secret: str) -> bool:
        return bool(secret) and self.client_secret in (None, secret)


class Authorizing:
    def __init__(self, grants: Grants) -> None:
        self.client = Client()
        self.codes: Codes[Consent] = Codes(CODE_SECONDS)
        self._grants = grants

    def configure(self, members: Mapping[str, Any]) -> Client:
        """{client_id?, client_secret?, redirect_uris?}: what is not named accepts any."""
        if unknown := sorted(set(members) - {"client_id", "client_secret", "redirect_uris"}):
            raise BadRequest(f"a client has client_id, client_secret and redirect_uris, not {', '.join(unknown)}")
        addresses = members.get("redirect_uris")
        self.client = Client(
            members.get("client_id"), members.get("client_secret"), None if addresses is None else tuple(addresses)
        )
        return self.client

    def read(self, query: Mapping[str, str]) -> Asked:
        """Raises PageError."""
        asked = _asked(query)
        if not self.client.knows(asked.client):
            raise PageError("invalid_client", "The OAuth client was not found.")
        self._check_redirect(asked.redirect_uri)
        _check(query, asked)
        return asked

    def needs_consent(self, asked: Asked, account: Account) -> bool:
        granted = self._grants.scopes(asked.client, account.email)
        return "consent" in asked.prompts or not set(asked.scopes) <= set(granted)

    def approve(self, asked: Asked, account: Account, chosen: Collection[str] | None) -> str:
        """The address that the browser is sent to. chosen: the ticked scopes, by any name; None: all."""
        ticked = {scope(name) for name in chosen} if chosen is not None else set(asked.scopes)
        scopes = [name for name in asked.scopes if name in SIGN_IN or name in ticked]
        if not scopes:
            return self.deny(asked)
        before = self._grants.scopes(asked.client, account.email)
        if asked.include_granted:
            scopes += [name for name in before if name not in scopes]
        refreshable = asked.offline and ("consent" in asked.prompts or not before)
        code = self.codes.issue(Consent(asked, account, tuple(scopes), refreshable), "4/0A")
        parameters = {"state": asked.state, "code": code, "scope": " ".join(scopes), "authuser": "0"}
        parameters["hd"] = account.domain if account.kind == "work" else None
        parameters["prompt"] = "consent" if self.needs_consent(asked, account) else "none"
        return redirect(asked.redirect_uri, parameters)

    def deny(self, asked: Asked, error: str = "access_denied") -> str:
        return redirect(asked.redirect_uri, {"error": error, "state": asked.state})

    def _check_redirect(self, address: str) -> None:
        parts = urlsplit(address)
        registered = self.client.redirect_uris
        if registered is not None and address not in registered:
            raise PageError("redirect_uri_mismatch", f"The redirect URI {address!r} is not registered.")
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.fragment:
            raise PageError("redirect_uri_mismatch", f"{address!r} is no absolute address without a fragment.")


def _asked(query: Mapping[str, str]) -> Asked:
    names: Sequence[str] = query.get("scope", "").split()
    return Asked(
        client=query.get("client_id", ""),
        redirect_uri=query.get("redirect_uri", ""),
        scopes=tuple(dict.fromkeys(scope(name) for name in names)),
        state=query.get("state"),
        offline=query.get("access_type") == "offline",
        prompts=frozenset(query.get("prompt", "").split()),
        login_hint=query.get("login_hint"),
        include_granted=query.get("include_granted_scopes") == "true",
        challenge=query.get("code_challenge"),
        method=query.get("code_challenge_method", "plain"),
        nonce=query.get("nonce"),
        language=query.get("hl", "fr"),
    )


def _check(query: Mapping[str, str], asked: Asked) -> None:
    if query.get("response_type") != "code":
        raise PageError("invalid_request", "Required parameter is missing: response_type (this emulator knows `code`).")
    if not asked.scopes:
        raise PageError("invalid_request", "Missing required parameter: scope")
    if unknown := [name for name in asked.scopes if name not in SIGN_IN and not name.startswith(PREFIX)]:
        raise PageError("invalid_scope", f"Some requested scopes were invalid: {', '.join(unknown)}")
    if query.get("access_type", "online") not in ("online", "offline"):
        raise PageError("invalid_request", f"Invalid parameter value for access_type: {query['access_type']!r}")
    if asked.prompts - _PROMPTS or ("none" in asked.prompts and len(asked.prompts) > 1):
        raise PageError("invalid_request", f"Invalid parameter value for prompt: {query['prompt']!r}")
    if asked.challenge is not None and (asked.method not in _METHODS or not 43 <= len(asked.challenge) <= 128):
        raise PageError("invalid_request", "Invalid code_challenge or code_challenge_method.")
