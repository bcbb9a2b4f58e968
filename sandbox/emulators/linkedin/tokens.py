"""LinkedIn's tokens: one consent per client and member, whose refresh token ends on a fixed day."""

import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sandbox.emulators.oauth import opaque


@dataclass(frozen=True, slots=True)
class Token:
    """Times are epoch seconds. refresh: whether it is a refresh token."""

    value: str
    client: str
    member: str
    scopes: tuple[str, ...]
    created_at: float
    authorized_at: float
    expires_at: float
    refresh: bool = False
    revoked: bool = False
    refreshed: bool = False

    @property
    def status(self) -> str:
        if self.revoked:
            return "revoked"
        return "active" if time.time() < self.expires_at else "expired"


class TokenStore:
    """Safe for any number of threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._tokens: dict[str, Token] = {}

    def open(
        self, client: str, member: str, scopes: Collection[str], *, lifetime: float, refresh_lifetime: float | None
    ) -> tuple[Token, Token | None]:
        """The tokens of a new consent. Another set of scopes ends the older tokens of this member and client."""
        now = time.time()
        first = Token(opaque("AQ", 300), client, member, tuple(scopes), now, now, now + lifetime)
        second = None
        if refresh_lifetime is not None:
            second = replace(first, value=opaque("AQR", 300), expires_at=now + refresh_lifetime, refresh=True)
        with self._guard:
            for token in list(self._tokens.values()):
                if (token.client, token.member) == (client, member) and set(token.scopes) != set(scopes):
                    self._tokens[token.value] = replace(token, revoked=True)
            self._tokens |= {token.value: token for token in (first, second) if token is not None}
        return first, second

    def get(self, value: str) -> Token | None:
        return self._tokens.get(value)

    def renew(self, refresh: Token, lifetime: float) -> Token:
        """A new access token that ends with the refresh token at the latest."""
        now = time.time()
        token = replace(
            refresh,
            value=opaque("AQ", 300),
            created_at=now,
            expires_at=min(now + lifetime, refresh.expires_at),
            refresh=False,
            refreshed=True,
        )
        with self._guard:
            self._tokens[token.value] = token
        return token

    def settle(self, token: Token) -> None:
        """A refreshed token counts as any other from now on."""
        with self._guard:
            self._tokens[token.value] = replace(self._tokens[token.value], refreshed=False)

    def revoke(self, member: str) -> int:
        """The member removes the application's access. Answers how many tokens that ended."""
        with self._guard:
            ended = [token for token in self._tokens.values() if token.member == member and not token.revoked]
            self._tokens |= {token.value: replace(token, revoked=True) for token in ended}
        return len(ended)

    def expire(self, member: str | None = None, *, refresh_too: bool = False) -> int:
        """Access tokens are too old from now on, refresh tokens too when wished. Answers how many that were."""
        now = time.time()
        with self._guard:
            ended = [
                token
                for token in self._tokens.values()
                if member in (None, token.member) and token.expires_at > now and (refresh_too or not token.refresh)
            ]
            self._tokens |= {token.value: replace(token, expires_at=now) for token in ended}
        return len(ended)

    def all(self) -> list[dict[str, Any]]:
        """Without the tokens themselves."""
        with self._guard:
            tokens = list(self._tokens.values())
        return [
            {
                "client_id": token.client,
                "account": token.member,
                "scopes": list(token.scopes),
                "kind": "refresh" if token.refresh else "access",
                "status": token.status,
            }
            for token in tokens
        ]
