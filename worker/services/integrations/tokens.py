"""Access tokens that are good for the next minutes, fetched once for all workers.

Whoever finds a token about to end takes a lease on its row, commits that, asks the provider, and stores the answer
under the lease. Others look at the row for a second and come back later. A lease outlasts the call it is for: a
refresher that was killed is replaced when it ends, and one that comes back late finds that it lost it.
"""

import time
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection

from models.enums import ConnectionState
from worker.contracts.accounts import AccountProvider, GrantLost, Tokens
from worker.contracts.providers import AUTHORISED, CREDENTIALS, AccountTable, AuthorisedProvider
from worker.kit.crypto import UnreadableToken
from worker.kit.errors import Misconfigured, NeedsReconnect, RateLimited, Retryable, RunError, gate_of
from worker.kit.ids import new_id
from worker.kit.logging import get_logger
from worker.ledger.gates import close_gate, kept_out, open_closed_gate
from worker.ledger.handlers import RunContext
from worker.services.integrations import credentials, leases, losing, reasons, storing
from worker.services.integrations.credentials import Credential, gate, token_endpoint
from worker.services.integrations.vault import TokenVault

# Seconds. A call ends after 20 (worker.kit.http.CallLimits).
LEASE = 30.0
LOOK_FOR = 1.0
LOOK_EVERY = 0.1
COME_BACK = 5.0
# After a refresh that gave nothing nobody asks for so long.
SHORTEST_PAUSE, LONGEST_PAUSE = 2.0, 3600.0
# How fresh another account's renewal has to be to prove that the provider accepts our app.
OTHERS_WITHIN = 300.0
NO_KEY = "No token can be renewed: TOKEN_ENCRYPTION_KEYS is not set. Set it and restart the workers."
# A token that is replaced early is still good: nobody waits while it has this many seconds left.
STILL_GOOD = 60.0
# A token that is refused this soon after a refresh will be refused again.
JUST_REFRESHED = 60.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """credential_id: of the row in the source's table. version: of the stored tokens, which tells a refusal of this one
    from a refusal of an older one.
    """

    credential_id: int
    value: str = field(repr=False)
    version: int
    scopes: frozenset[str]
    account_kind: str | None


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Tokens of one provider's accounts, for one run. No transaction may be open when it is asked."""

    context: RunContext
    accounts: AccountProvider
    vault: TokenVault
    table: AccountTable = CREDENTIALS

    def fresh(self, credential_id: int) -> AccessToken:
        """A token that is good for some minutes.

        Raises NeedsReconnect with the account's gate, Misconfigured, and what passes: RateLimited, Retryable.
        """
        known = self._read(credential_id)
        provider = AUTHORISED[known.provider]
        if not _ends_soon(known, provider):
            return self._opened(known)
        if known.refresh_token is None:
            return self._last_of_its_kind(known, provider)
        if not self.vault.can_seal(known.provider):
            raise Misconfigured(NO_KEY, provider=token_endpoint(provider))
        lease = new_id()
        if self.context.transaction(lambda connection: leases.take_lease(connection, known, lease, LEASE)):
            return self._refresh(known, provider, lease)
        return self._await_another(known, provider)

    def renew(self, known: Credential) -> None:
        """Fetch fresh tokens although these are good, unless somebody does. Raises as `fresh`."""
        lease = new_id()
        if self.context.transaction(lambda connection: leases.take_lease(connection, known, lease, LEASE)):
            self._refresh(known, AUTHORISED[known.provider], lease)

    def refused(self, token: AccessToken) -> RunError:
        """The provider did not accept this token and executed nothing; what to raise. Whoever comes next renews it."""

        def work(connection: Connection) -> RunError:
            known = credentials.find(connection, token.credential_id, table=self.table, lock=True)
            if known is None or known.token_version != token.version:
                return _again("The account's token was replaced meanwhile; it is tried again.")
            if known.refresh_token is None or _just_refreshed(known):
                return losing.lose(connection, known, reasons.LOST["revoked"])
            storing.expire_now(connection, known)
            return _again("The account's token was not accepted; a fresh one is fetched.")

        return self.context.transaction(work)

    def _read(self, credential_id: int) -> Credential:
        known = self.context.transaction(
            lambda connection: credentials.find(connection, credential_id, table=self.table)
        )
        if known is None or not known.works:
            raise losing.lost(known, self.table, credential_id)
        return known

    def _opened(self, known: Credential) -> AccessToken:
        try:
            value = self.vault.open(known.access_token)
        except UnreadableToken as error:
            raise self._unreadable(known) from error
        return AccessToken(known.id, value, known.token_version, known.scopes, known.account_kind)

    def _unreadable(self, known: Credential) -> RunError:
        key = known.encryption_key or "unknown"
        log.error("token.unreadable", provider=known.provider.value, key=key, **{known.table.subject: known.id})
        if self.vault.lacks(known.encryption_key):
            return Retryable(losing.lacking(known), after=LEASE)
        return self.context.transaction(lambda connection: losing.lose(connection, known, reasons.UNREADABLE))

    def _last_of_its_kind(self, known: Credential, provider: AuthorisedProvider) -> AccessToken:
        """A token that cannot be replaced is used to its end."""
        if known.seconds_left is not None and known.seconds_left > 0:
            return self._opened(known)
        raise self.context.transaction(lambda connection: losing.lose(connection, known, reasons.ended(provider)))

    def _await_another(self, known: Credential, provider: AuthorisedProvider) -> AccessToken:
        """Somebody else fetches a token: the old one while it lasts, else the new one, else come back."""
        if _still_good(known):
            return self._opened(known)
        seen = self._read(known.id)
        until = time.monotonic() + LOOK_FOR
        while seen.refreshing and _ends_soon(seen, provider) and time.monotonic() < until:
            time.sleep(LOOK_EVERY)
            seen = self._read(known.id)
        if not _ends_soon(seen, provider):
            return self._opened(seen)
        after = min(max(seen.leased_for, LOOK_FOR), COME_BACK if seen.refreshing else LONGEST_PAUSE)
        raise RateLimited("A fresh token is being fetched for this account.", after=after, code="account.refreshing")

    def _refresh(self, known: Credential, provider: AuthorisedProvider, lease: UUID) -> AccessToken:
        reason = self._kept_out(known, provider, lease)
        if reason is not None:
            return self._last_resort(known, Misconfigured(reason, provider=token_endpoint(provider)))
        try:
            tokens = self.accounts.refresh(self.vault.open(known.refresh_token or ""), known.scopes)
        except UnreadableToken as error:
            raise self._unreadable(known) from error
        except GrantLost as error:
            return self._after_loss(known, error)
        except RunError as error:
            return self._after_failure(known, provider, lease, error)
        self._refuse_useless(known, tokens)
        self.context.transaction(
            lambda connection: storing.store_tokens(connection, self.vault, provider, known, tokens, lease)
        )
        # By itself: it waits for the runs that it wakes, and the tokens must not be lost with it.
        self.context.transaction(lambda connection: open_closed_gate(connection, gate_of(token_endpoint(provider))))
        return self._opened(self._read(known.id))

    def _kept_out(self, known: Credential, provider: AuthorisedProvider, lease: UUID) -> str | None:
        """While the provider does not accept our app one run alone asks it, now and again; why, for the others."""

        def work(connection: Connection) -> str | None:
            reason = kept_out(connection, self.context.run, token_endpoint(provider))
            if reason is not None:
                leases.give_lease_back(connection, known, lease)
            return reason

        return self.context.transaction(work)

    def _after_failure(
        self, known: Credential, provider: AuthorisedProvider, lease: UUID, error: RunError
    ) -> AccessToken:
        """What passes is not asked about again for a while, by anybody. Raises what went wrong."""
        if isinstance(error, Misconfigured):
            error = self._not_accepted(known, provider, error)
        pause = 0.0
        if isinstance(error, RateLimited | Retryable):
            pause = min(max(error.after or SHORTEST_PAUSE, SHORTEST_PAUSE), LONGEST_PAUSE)

        def work(connection: Connection) -> None:
            leases.cool_down(connection, known, lease, pause)
            if isinstance(error, Misconfigured):
                close_gate(connection, self.context.run, error.gate, str(error))

        self.context.transaction(work)
        return self._last_resort(known, error)

    def _last_resort(self, known: Credential, error: RunError) -> AccessToken:
        """The old token while it lasts."""
        if _still_good(known):
            return self._opened(known)
        raise error

    def _not_accepted(self, known: Credential, provider: AuthorisedProvider, error: Misconfigured) -> RunError:
        """Our app's registration is wrong, unless other accounts were renewed with it just now: then this account's
        grant is another app's, and it alone waits. Its state stays: what is right may be deployed in this moment.
        """
        others = self.context.transaction(
            lambda connection: leases.others_are_renewed(connection, known, OTHERS_WITHIN)
        )
        if others:
            return NeedsReconnect(str(error), gate=gate(provider, known.id))
        return Misconfigured(str(error), provider=token_endpoint(provider))

    def _after_loss(self, known: Credential, error: GrantLost) -> AccessToken:
        """Others may have stored new tokens since we read ours; only a grant that nobody renewed is lost."""
        reason = reasons.LOST[error.reason]
        lost = self.context.transaction(lambda connection: losing.lose(connection, known, reason))
        seen = self.context.transaction(lambda connection: credentials.find(connection, known.id, table=self.table))
        if seen is not None and seen.works and seen.token_version != known.token_version:
            return self._opened(seen)
        raise lost from error

    def _refuse_useless(self, known: Credential, tokens: Tokens) -> None:
        """An answer that changes nothing is none: what it gave has ended, or is what we had and takes no more."""
        ended = tokens.expires_in is not None and tokens.expires_in <= 0
        if not ended and not (tokens.expires_in is None and tokens.access_token == self._value(known)):
            return
        raise self.context.transaction(
            lambda connection: losing.lose(connection, known, reasons.UNCHANGED, ConnectionState.ERROR)
        )

    def _value(self, known: Credential) -> str | None:
        try:
            return self.vault.open(known.access_token)
        except UnreadableToken:
            return None


def _again(sentence: str) -> RateLimited:
    """Nothing was executed, and the attempt is given back."""
    return RateLimited(sentence, after=0.5, code="account.access_refused")


def _ends_soon(known: Credential, provider: AuthorisedProvider) -> bool:
    return known.seconds_left is not None and known.seconds_left < provider.refresh_margin


def _still_good(known: Credential) -> bool:
    return known.seconds_left is not None and known.seconds_left > STILL_GOOD


def _just_refreshed(known: Credential) -> bool:
    return known.refreshed_ago is not None and known.refreshed_ago < JUST_REFRESHED
