"""Accounts that people connect at providers: what an authorisation gives, and what can be done with its tokens.

The same for every provider (OAuth 2.0, RFC 6749, with PKCE, RFC 7636). A call is no effect: a code and a refresh token
may be sent again without anybody noticing, so an answer that was lost is `Retryable`, never `UnknownOutcome`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal, Protocol

from worker.kit.errors import Permanent
from worker.kit.words import sentence, storable

AccountKind = Literal["work", "personal"]
Reason = Literal["revoked", "consent", "interaction", "code"]
LONGEST_ID = 255
LONGEST_LABEL = 320
LONGEST_SCOPE = 300
MOST_SCOPES = 100


class GrantLost(Permanent):
    """The provider takes this code or refresh token no more; only the person can grant anew.

    reason: `revoked` (or expired, or too long unused); `consent`: a scope is not, or no longer, agreed to;
    `interaction`: the person has to sign in (a second factor, a policy); `code`: it was used before, is too old, or was
    never given to us.
    """

    code = "account.grant_lost"
    status = 400

    def __init__(self, message: str, *, reason: Reason) -> None:
        super().__init__(message)
        self.reason = reason


class AccessRefused(Permanent):
    """The provider did not take an access token, and executed nothing. A fresh one may help, once."""

    code = "account.access_refused"
    status = 400


class ScopeMissing(Permanent):
    """The token is good, but its owner did not grant what this call needs; nothing was executed."""

    code = "account.scope_missing"
    status = 400


class NoMailbox(Permanent):
    """The account signs in but has no calendar that a program can reach."""

    code = "account.no_mailbox"
    status = 400


@dataclass(frozen=True, slots=True)
class Tokens:
    """Seconds count from the answer; None where it did not say, or nothing that can be. refresh_token: None leaves the
    one that is stored. expires_in: 0.0 where a refresh gave a token that has ended already.

    scopes: what is granted, in lower case and without Microsoft Graph's address; None where the answer did not say.
    """

    access_token: str = field(repr=False)
    expires_in: float | None = None
    refresh_token: str | None = field(default=None, repr=False)
    refresh_expires_in: float | None = None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """id: the provider's own, which never changes. label: what its owner knows it by, an address or a name.

    Both are empty where the scopes that were granted do not tell whose account it is.
    """

    id: str
    label: str
    kind: AccountKind | None = None


def told_account(identifier: Any, *labels: Any, kind: AccountKind | None = None) -> Account:
    """Of what a provider said, fit to be stored. labels: the first that says anything is the account's."""
    told = (sentence(label, LONGEST_LABEL) for label in labels)
    return Account(sentence(identifier, LONGEST_ID), next(filter(None, told), ""), kind)


def told_scopes(names: Iterable[str]) -> frozenset[str]:
    """In lower case and fit to be stored. One that is longer than any is left out: a part of it is another scope."""
    known = (storable(name).lower() for name in names if len(name) <= LONGEST_SCOPE)
    return frozenset(islice(filter(None, known), MOST_SCOPES))


@dataclass(frozen=True, slots=True)
class Grant:
    tokens: Tokens
    account: Account


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """What came back from the consent page, with what the flow began with. verifier and nonce: None where the provider
    has none. parameters: the query of the callback, for clients that check it themselves.
    """

    code: str = field(repr=False)
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str = field(default="", repr=False)
    verifier: str | None = field(default=None, repr=False)
    nonce: str | None = field(default=None, repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)


class AccountProvider(Protocol):
    """Every method may raise Retryable, RateLimited or Unreachable, and Misconfigured where the provider does not
    accept our client id, secret, redirect address or app: no account is to blame then.
    """

    def exchange(self, answer: CodeAnswer) -> Grant:
        """The tokens of a code, and whose they are. Raises GrantLost, and NoMailbox where the account is of no use.

        Anybody may bring a code that was never given to us, so what such a one provokes is GrantLost too; Misconfigured
        does not wait, for a code does not.
        """

    def refresh(self, refresh_token: str, scopes: frozenset[str]) -> Tokens:
        """Fresh tokens. scopes: what was granted, of which none is asked for anew. Raises GrantLost."""

    def check(self, redirect_uri: str) -> None:
        """Whether our app is accepted, as far as a provider tells it without a person. Nothing changes anywhere."""

    def revoke(self, token: str) -> None:
        """End the grant behind an access or refresh token, where the provider can; an ended one is fine."""
