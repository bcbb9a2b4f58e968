"""What people have granted: one grant per client and account, with all its tokens. Expiry follows `time.time`."""

import math
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.emulators.oauth import opaque

LIVE_REFRESH_TOKENS = 100
PREFIX = "https://www.googleapis.com/auth/"
OPENID = "openid"
EMAIL = PREFIX + "userinfo.email"
PROFILE = PREFIX + "userinfo.profile"
SIGN_IN = frozenset({OPENID, EMAIL, PROFILE})
_ALIASES = {"email": EMAIL, "profile": PROFILE}

Key = tuple[str, str]


def scope(name: str) -> str:
    """The full name of `email`, `profile`, `calendar`, `calendar.events` and so on."""
    if name == OPENID or name.startswith("https://"):
        return name
    return _ALIASES.get(name, PREFIX + name)


@dataclass(frozen=True, slots=True)
class AccessToken:
    value: str
    client: str
    account: str
    scopes: tuple[str, ...]
    expires_at: float


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """expires_at is None for a grant without an end."""

    value: str
    client: str
    account: str
    scopes: tuple[str, ...]
    expires_at: float | None


@dataclass(slots=True)
class _Grant:
    scopes: dict[str, None]
    access: dict[str, AccessToken] = field(default_factory=dict)
    # The oldest first.
    refresh: dict[str, RefreshToken] = field(default_factory=dict)
    newest: str | None = None


class Grants:
    """Safe for any number of threads. Scopes are full names in the order in which they were asked."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._grants: dict[Key, _Grant] = {}
        self._owners: dict[str, Key] = {}

    def scopes(self, client: str, account: str) -> tuple[str, ...]:
        """What was granted so far; empty when nothing was."""
        grant = self._grants.get((client, account))
        return tuple(grant.scopes) if grant else ()

    def open(
        self, client: str, account: str, scopes: Collection[str], *, lifetime: float, refresh_lifetime: float | None
    ) -> tuple[AccessToken, RefreshToken | None]:
        """The first tokens after a consent. Lifetimes in seconds; without the second there is no refresh token."""
        now = time.time()
        with self._guard:
            grant = self._grants.setdefault((client, account), _Grant({}))
            grant.scopes |= dict.fromkeys(scopes)
            token = self._access(client, account, grant, tuple(scopes), lifetime)
            if refresh_lifetime is None:
                return token, None
            ends = now + refresh_lifetime if refresh_lifetime != math.inf else None
            return token, self._refresh(grant, RefreshToken(opaque("1//"), client, account, tuple(scopes), ends))

    def refreshable(self, refresh: str) -> RefreshToken | None:
        """None: the token is dead or never was."""
        with self._guard:
            found = self._held(refresh)
            return found[1] if found else None

    def renew(
        self, refresh: str, scopes: Collection[str], *, lifetime: float, rotate: bool
    ) -> tuple[AccessToken, RefreshToken | None] | None:
        """A new access token and, when rotated, the new refresh token; the old one is dead then."""
        with self._guard:
            found = self._held(refresh)
            if found is None:
                return None
            grant, held = found
            token = self._access(held.client, held.account, grant, tuple(scopes), lifetime)
            if not rotate:
                return token, None
            del grant.refresh[refresh], self._owners[refresh]
            return token, self._refresh(grant, replace(held, value=opaque("1//")))

    def newest(self, refresh: str) -> AccessToken | None:
        """The access token that was issued last to the holder of this refresh token."""
        with self._guard:
            key = self._owners.get(refresh)
            grant = self._grants.get(key) if key else None
            return grant.access.get(grant.newest or "") if grant else None

    def access(self, value: str) -> AccessToken | None:
        """None: unknown, revoked or expired."""
        with self._guard:
            key = self._owners.get(value)
            grant = self._grants.get(key) if key else None
            token = grant.access.get(value) if grant else None
        return token if token is not None and time.time() < token.expires_at else None

    def revoke_token(self, value: str) -> bool:
        """Any token, expired or not, ends the whole grant. False: no living grant has it."""
        with self._guard:
            key = self._owners.get(value)
            return key is not None and self._end(key)

    def revoke_account(self, account: str) -> int:
        """The person removes the application's access. Answers how many clients had one."""
        with self._guard:
            keys = [key for key in self._grants if key[1] == account]
            return sum(self._end(key) for key in keys)

    def expire(self, account: str | None = None, *, refresh_too: bool = False) -> int:
        """Access tokens, of one account or of all, are too old from now on; so are refresh tokens when wished.

        Answers how many tokens that ended.
        """
        now = time.time()
        ended = 0
        with self._guard:
            for grant in [grant for key, grant in self._grants.items() if account in (None, key[1])]:
                ended += sum(token.expires_at > now for token in grant.access.values())
                grant.access = {value: replace(token, expires_at=now) for value, token in grant.access.items()}
                if refresh_too:
                    ended += len(grant.refresh)
                    grant.refresh.clear()
        return ended

    def all(self) -> list[dict[str, Any]]:
        """Without any token."""
        now = time.time()
        with self._guard:
            return [
                {
                    "client_id": client,
                    "account": account,
                    "scopes": list(grant.scopes),
                    "access_tokens": sum(token.expires_at > now for token in grant.access.values()),
                    "refresh_tokens": len(grant.refresh),
                }
                for (client, account), grant in self._grants.items()
            ]

    def _end(self, key: Key) -> bool:
        grant = self._grants.pop(key, None)
        for value in (*grant.access, *grant.refresh) if grant else ():
            self._owners.pop(value, None)
        return grant is not None

    def _access(
        self, client: str, account: str, grant: _Grant, scopes: tuple[str, ...], lifetime: float
    ) -> AccessToken:
        token = AccessToken(opaque("ya29."), client, account, scopes, time.time() + lifetime)
        grant.access[token.value] = token
        grant.newest = token.value
        self._owners[token.value] = (client, account)
        return token

    def _held(self, refresh: str) -> tuple[_Grant, RefreshToken] | None:
        key = self._owners.get(refresh)
        grant = self._grants.get(key) if key else None
        token = grant.refresh.get(refresh) if grant else None
        if grant is None or token is None or (token.expires_at is not None and time.time() >= token.expires_at):
            return None
        return grant, token

    def _refresh(self, grant: _Grant, token: RefreshToken) -> RefreshToken:
        grant.refresh[token.value] = token
        self._owners[token.value] = (token.client, token.account)
        while len(grant.refresh) > LIVE_REFRESH_TOKENS:
            oldest = next(iter(grant.refresh))
            del grant.refresh[oldest], self._owners[oldest]
        return token
