"""Facebook's tokens: a short one of a person, a long one for it, and one of each page, without an end of its own."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from sandbox.emulators.oauth import opaque

SHORT, LONG, PAGE = "short", "long", "page"


@dataclass(slots=True)
class Session:
    """What a person granted to a client. ended: the name of the error that its tokens meet from now on."""

    client: str
    account: str
    scopes: tuple[str, ...]
    declined: tuple[str, ...]
    pages: tuple[str, ...]
    ended: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """expires_at: epoch seconds, None without an end. page: of a page's token."""

    value: str = field(repr=False)
    kind: str
    session: Session
    expires_at: float | None
    page: str | None = None

    @property
    def lasts(self) -> bool:
        return self.expires_at is None or time.time() < self.expires_at


class TokenStore:
    """Safe for any number of threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._tokens: dict[str, Token] = {}

    def open(self, session: Session, life: float) -> Token:
        """The short token of a new consent, which takes the place of what this person granted before."""
        with self._guard:
            for token in self._tokens.values():
                if (token.session.client, token.session.account) == (session.client, session.account):
                    token.session.scopes, token.session.pages = session.scopes, session.pages
            return self._add(SHORT, session, time.time() + life)

    def lengthen(self, token: Token, life: float) -> Token:
        with self._guard:
            return self._add(LONG, token.session, time.time() + life)

    def of_page(self, token: Token, page: str) -> Token:
        """The same each time; it ends with a short token, and never with a long one."""
        ends = token.expires_at if token.kind == SHORT else None
        with self._guard:
            known = [
                each
                for each in self._tokens.values()
                if each.page == page and each.session is token.session and each.expires_at == ends
            ]
            return known[0] if known else self._add(PAGE, token.session, ends, page)

    def get(self, value: str) -> Token | None:
        return self._tokens.get(value)

    def end(self, account: str, error: str) -> int:
        """Every session of a person ends for this reason; how many did."""
        with self._guard:
            sessions = {id(each.session): each.session for each in self._tokens.values()}.values()
            ended = [each for each in sessions if each.account == account and each.ended is None]
            for session in ended:
                session.ended = error
        return len(ended)

    def expire(self, account: str | None = None, *, pages_too: bool = False) -> int:
        """Tokens of people are too old from now on, those of pages too when wished; how many."""
        now = time.time()
        with self._guard:
            ended = [
                token
                for token in self._tokens.values()
                if account in (None, token.session.account) and token.lasts and (pages_too or token.kind != PAGE)
            ]
            for token in ended:
                self._tokens[token.value] = Token(token.value, token.kind, token.session, now, token.page)
        return len(ended)

    def all(self) -> list[dict[str, Any]]:
        """Without the tokens themselves."""
        with self._guard:
            tokens = list(self._tokens.values())
        return [
            {
                "client_id": token.session.client,
                "account": token.session.account,
                "kind": token.kind,
                "page": token.page,
                "scopes": list(token.session.scopes),
                "ended": token.session.ended,
                "lasts": token.lasts,
            }
            for token in tokens
        ]

    def _add(self, kind: str, session: Session, expires_at: float | None, page: str | None = None) -> Token:
        token = Token(opaque("EAA", 120), kind, session, expires_at, page)
        self._tokens[token.value] = token
        return token
