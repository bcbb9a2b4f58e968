"""X's tokens: an access token for two hours, and a refresh token that is good once."""

import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.emulators.oauth import opaque

OFFLINE = "offline.access"


@dataclass(frozen=True, slots=True)
class Token:
    """Times are epoch seconds. used: a refresh token that another one has taken the place of."""

    value: str = field(repr=False)
    client: str
    person: str
    scopes: tuple[str, ...]
    expires_at: float
    refresh: bool = False
    used: bool = False
    revoked: bool = False

    @property
    def good(self) -> bool:
        return not self.revoked and not self.used and time.time() < self.expires_at


class TokenStore:
    """Safe for any number of threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._tokens: dict[str, Token] = {}

    def open(
        self, client: str, person: str, scopes: Collection[str], *, life: float, refresh_life: float
    ) -> tuple[Token, Token | None]:
        """Tokens of a new consent; a refresh token for who asked to come back."""
        now = time.time()
        access = Token(opaque(size=70), client, person, tuple(scopes), now + life)
        refresh = replace(access, value=opaque(size=70), expires_at=now + refresh_life, refresh=True)
        with self._guard:
            self._tokens[access.value] = access
            if OFFLINE not in scopes:
                return access, None
            self._tokens[refresh.value] = refresh
        return access, refresh

    def get(self, value: str) -> Token | None:
        return self._tokens.get(value)

    def rotate(self, value: str, *, life: float, refresh_life: float) -> tuple[Token, Token | None] | None:
        """New tokens; the refresh token is dead from then on. None: it was already, or never was one."""
        with self._guard:
            token = self._tokens.get(value)
            if token is None or not token.refresh or not token.good:
                return None
            self._tokens[value] = replace(token, used=True)
        return self.open(token.client, token.person, token.scopes, life=life, refresh_life=refresh_life)

    def revoke_token(self, value: str) -> None:
        with self._guard:
            token = self._tokens.get(value)
            if token is not None:
                self._tokens[value] = replace(token, revoked=True)

    def revoke(self, person: str) -> int:
        """The person removes the app. Answers how many tokens that ended."""
        with self._guard:
            ended = [each for each in self._tokens.values() if each.person == person and not each.revoked]
            self._tokens |= {each.value: replace(each, revoked=True) for each in ended}
        return len(ended)

    def expire(self, person: str | None = None, *, refresh_too: bool = False) -> int:
        """Access tokens are too old from now on, refresh tokens too when wished. Answers how many that were."""
        now = time.time()
        with self._guard:
            ended = [
                each
                for each in self._tokens.values()
                if person in (None, each.person) and each.expires_at > now and (refresh_too or not each.refresh)
            ]
            self._tokens |= {each.value: replace(each, expires_at=now) for each in ended}
        return len(ended)

    def all(self) -> list[dict[str, Any]]:
        """Without the tokens themselves."""
        with self._guard:
            tokens = list(self._tokens.values())
        return [
            {
                "client_id": each.client,
                "account": each.person,
                "scopes": list(each.scopes),
                "kind": "refresh" if each.refresh else "access",
                "good": each.good,
            }
            for each in tokens
        ]
