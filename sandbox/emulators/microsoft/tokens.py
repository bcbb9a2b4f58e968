"""Codes, access tokens and refresh tokens: who holds what, and for how long."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.emulators.microsoft.accounts import Account
from sandbox.emulators.microsoft.identity_errors import Refused
from sandbox.emulators.oauth import opaque, proves
from sandbox.emulators.switches import Switches

CODE_SECONDS = 600.0
REFRESH_SECONDS = 90 * 24 * 3600.0
# About as long as the real ones, so that a column that is too narrow is found here.
_ACCESS_BYTES, _REFRESH_BYTES, _CODE_BYTES = 1300, 800, 600


@dataclass(slots=True, eq=False)
class Grant:
    """One consent, itself and no other. refused: the AADSTS number that its refresh tokens get once it is dead."""

    account: str
    client_id: str
    scopes: tuple[str, ...]
    nonce: str | None
    refused: int | None = None


@dataclass(slots=True)
class Code:
    grant: Grant
    redirect_uri: str
    challenge: str | None
    method: str
    until: float
    used: bool = False


@dataclass(slots=True)
class RefreshToken:
    grant: Grant
    until: float
    replaced_at: float | None = None


@dataclass(slots=True)
class AccessToken:
    value: str
    grant: Grant
    scopes: tuple[str, ...]
    until: float
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """expires_in: seconds; 0 or less when the token is past its life."""

    access_token: str
    refresh_token: str
    expires_in: int
    scopes: tuple[str, ...]
    grant: Grant


class Tokens:
    """clock: seconds. Every token ever issued stays known, so that leaks can be looked for."""

    def __init__(self, switches: Switches, clock: Callable[[], float]) -> None:
        self._switches = switches
        self._clock = clock
        self._guard = threading.RLock()
        self._codes: dict[str, Code] = {}
        self._access: dict[str, AccessToken] = {}
        self._refresh: dict[str, RefreshToken] = {}
        self._latest: dict[Grant, AccessToken] = {}

    def code(self, account: Account, query: Mapping[str, str], scopes: Sequence[str]) -> str:
        """For a consent just given; query: that of the authorize page."""
        grant = Grant(account.key, query["client_id"], tuple(scopes), query.get("nonce"))
        value = opaque("1.", _CODE_BYTES)
        method = query.get("code_challenge_method", "plain")
        with self._guard:
            until = self._clock() + CODE_SECONDS
            self._codes[value] = Code(grant, query["redirect_uri"], query.get("code_challenge"), method, until)
        return value

    def redeem(self, form: Mapping[str, str]) -> Grant:
        """Single use: a second one is refused whatever else it holds."""
        with self._guard:
            code = self._codes.get(form.get("code", ""))
            if code is None or code.grant.client_id != form.get("client_id"):
                raise Refused(70000, "The provided value for the input parameter 'code' is not valid.")
            if code.used:
                raise Refused(54005)
            if self._clock() > code.until:
                raise Refused(70008)
            if code.redirect_uri != form.get("redirect_uri"):
                raise Refused(50011)
            if code.challenge is not None and not proves(code.challenge, code.method, form.get("code_verifier", "")):
                raise Refused(501481)
            code.used = True
            return code.grant

    def pair(self, grant: Grant, scopes: Sequence[str], lifetime: int) -> Pair:
        """A new access token, which lives `lifetime` seconds, and a new refresh token."""
        access = AccessToken(opaque("EwB", _ACCESS_BYTES), grant, tuple(scopes), self._clock() + lifetime)
        refresh = opaque("1.A", _REFRESH_BYTES)
        with self._guard:
            self._access[access.value] = access
            self._latest[grant] = access
            self._refresh[refresh] = RefreshToken(grant, self._clock() + REFRESH_SECONDS)
        return Pair(access.value, refresh, lifetime, access.scopes, grant)

    def refreshable(self, value: str, client_id: str) -> Grant:
        """The grant of a refresh token that is still good; nothing changes yet."""
        with self._guard:
            token = self._refresh.get(value)
            if token is None or token.grant.client_id != client_id:
                raise Refused(70000, "The provided value for the input parameter 'refresh_token' is not valid.")
            if token.grant.refused is not None:
                raise Refused(token.grant.refused)
            if self._clock() > token.until:
                raise Refused(700082)
            kept = self._switches["old_refresh_seconds"]
            if token.replaced_at is not None and kept is not None and self._clock() >= token.replaced_at + float(kept):
                raise Refused(70000, "The refresh token was replaced by a newer one.")
            return token.grant

    def rotate(self, value: str, client_id: str, scopes: Sequence[str], lifetime: int) -> Pair:
        """A new pair; the refresh token becomes an old one."""
        with self._guard:
            pair = self.pair(self.refreshable(value, client_id), scopes, lifetime)
            token = self._refresh[value]
            token.replaced_at = self._clock() if token.replaced_at is None else token.replaced_at
            return pair

    def same(self, value: str) -> Pair:
        """What was answered last, with what is left of its life."""
        with self._guard:
            grant = self._refresh[value].grant
            access = self._latest[grant]
            left = 0 if access.dead else int(access.until - self._clock())
            return Pair(access.value, value, max(left, 0), access.scopes, grant)

    def access(self, value: str) -> AccessToken | None:
        """A token that is good now."""
        with self._guard:
            token = self._access.get(value)
            return token if token and not token.dead and self._clock() < token.until else None

    def expire(self, account: str | None, *, refresh_too: bool) -> int:
        """Access tokens end now, of one account or of all, and refresh tokens when wished; how many did."""
        with self._guard:
            if refresh_too:
                for token in self._refresh.values():
                    token.until = 0.0 if account in (None, token.grant.account) else token.until
            return self._end(lambda grant: account in (None, grant.account))

    def revoke(self, account: str, number: int, *, access_tokens: bool) -> int:
        """The account's refresh tokens are refused with the AADSTS number; how many consents ended."""
        with self._guard:
            grants = {token.grant for token in self._refresh.values()}
            ended = [grant for grant in grants if grant.account == account and grant.refused is None]
            for grant in ended:
                grant.refused = number
            if access_tokens:
                self._end(lambda grant: grant.account == account)
            return len(ended)

    def _end(self, concerned: Callable[[Grant], bool]) -> int:
        with self._guard:
            ending = [token for token in self._access.values() if not token.dead and concerned(token.grant)]
            for token in ending:
                token.dead = True
            return len(ending)

    def told(self) -> dict[str, list[str]]:
        """All that must never be read in a log, a payload or an answer."""
        with self._guard:
            return {
                "codes": list(self._codes),
                "access_tokens": list(self._access),
                "refresh_tokens": list(self._refresh),
            }
