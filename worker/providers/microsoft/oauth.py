"""Accounts at Microsoft through its own package, MSAL.

An application object of MSAL's remembers for a minute what was refused and for longer what was throttled, so each call
makes its own. Each asks for the discovery document, which `TokenEndpoint` keeps. It stores no tokens: our rows do.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msal
from typing_extensions import override

from worker.contracts.accounts import (
    Account,
    AccountKind,
    CodeAnswer,
    Grant,
    GrantLost,
    NoMailbox,
    Tokens,
    told_account,
    told_scopes,
)
from worker.kit.errors import Misconfigured, Refused, Retryable, RunError
from worker.kit.figures import seconds
from worker.kit.http import CallLimits, refuse_in_transaction
from worker.providers.microsoft.graph import Graph
from worker.providers.microsoft.identity_errors import grant_lost, refusal
from worker.providers.microsoft.token_endpoint import HOST, LIMITS, TokenEndpoint

PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
GRAPH_SCOPES = "https://graph.microsoft.com/"
RESERVED = frozenset({"openid", "profile", "offline_access"})
"""MSAL adds these by itself and refuses to be told of them."""
NOBODYS_TOKEN = "a-refresh-token-that-was-given-to-nobody"  # noqa: S105 - nobody's
CALENDARS = frozenset({"calendars.read", "calendars.readwrite"})

_TOKEN = re.compile(r"[\x21-\x7e]+")


class _Forgetful(msal.TokenCache):  # type: ignore[misc]  # MSAL publishes no types
    """Keeps no token, and writes no event with codes in it to the log at level debug, as its parent does."""

    @override
    def add(self, event: Mapping[str, Any], now: float | None = None) -> None:
        pass


class MicrosoftAccounts:
    """An `AccountProvider`. tenant: `common`, `organizations`, `consumers`, or an organisation's id. authority and
    graph_url: addresses without a slash at their ends. scopes: those that people are asked for, parted by blanks.

    An exchange is two or three calls, a refresh one or two, of at most 10 s each.
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        tenant: str,
        authority: str,
        graph_url: str,
        scopes: str,
        limits: CallLimits | None = None,
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._tenant = tenant
        self._endpoint = TokenEndpoint(authority, limits)
        self._graph = Graph(graph_url, limits or LIMITS)
        self._spelling = {name_of(scope): scope for scope in scopes.split()}

    def close(self) -> None:
        self._endpoint.close()
        self._graph.close()

    def exchange(self, answer: CodeAnswer) -> Grant:
        """The consent page must have been asked for `openid profile` too, and for the SHA-256 of `nonce` in hexadecimal
        digits as its nonce. What MSAL finds wrong with the answer (state, nonce, an id token that cannot be read) is a
        lost grant: the code is spent, and a repetition would not help.
        """
        refuse_in_transaction()
        try:
            told = self._application().acquire_token_by_auth_code_flow(_flow(answer), _callback(answer))
        except Misconfigured as error:
            error.waits = False
            raise
        except RunError:
            raise
        except Exception as error:
            raise grant_lost("code", "the answer does not belong to it") from error
        if "error" in told:
            raise refusal(told, spent="code")
        grant = Grant(_tokens(told), _account(told.get("id_token_claims"), self._client_id))
        if grant.tokens.expires_in == 0.0:
            raise grant_lost("code", "its token has ended already")
        self._check_mailbox(grant.tokens)
        return grant

    def refresh(self, refresh_token: str, scopes: frozenset[str]) -> Tokens:
        """Each refresh gives a new refresh token too; the old one stays good for a while, so that an answer that was
        lost costs nothing. Without scopes, all that people are asked for are asked for.
        """
        refuse_in_transaction()
        wanted = [self._spelling.get(name, name) for name in sorted(scopes or self._spelling.keys())]
        try:
            told = self._application().acquire_token_by_refresh_token(
                refresh_token, scopes=[name for name in wanted if name_of(name) not in RESERVED]
            )
        except RunError:
            raise
        except Exception as error:
            raise _unusable(type(error).__name__) from error
        if "error" in told:
            raise refusal(told, spent="revoked")
        return _tokens(told)

    def check(self, redirect_uri: str) -> None:  # noqa: ARG002 - only the consent page looks at it
        """Bring a refresh token that was given to nobody. It tells an unknown app or organisation; of a wrong secret
        Microsoft may say nothing before the token is one of its own.
        """
        with suppress(GrantLost, Refused):
            self.refresh(NOBODYS_TOKEN, frozenset())

    def revoke(self, token: str) -> None:
        """Nothing to do: Microsoft has no address to which tokens are given back. Its owner ends the grant on the page
        of the account; forgetting the tokens is all that an application can do.
        """

    def _application(self) -> Any:
        return msal.ConfidentialClientApplication(
            self._client_id,
            client_credential=self._client_secret,
            authority=f"{HOST}/{self._tenant}",
            http_client=self._endpoint,
            instance_discovery=False,
            token_cache=_Forgetful(),
        )

    def _check_mailbox(self, tokens: Tokens) -> None:
        """Raises NoMailbox. Any other failure is left to the first use: the code is spent, and the tokens are good."""
        if tokens.scopes is not None and not tokens.scopes & CALENDARS:
            return
        try:
            self._graph.get("/me/calendar", tokens.access_token, {"$select": "id"})
        except NoMailbox:
            raise
        except RunError:
            return


def name_of(scope: str) -> str:
    """As scopes are compared: in lower case, without Graph's address."""
    return scope.lower().removeprefix(GRAPH_SCOPES)


def _flow(answer: CodeAnswer) -> dict[str, Any]:
    """What MSAL would have made itself had it built the address of the consent page."""
    return {
        "state": answer.state,
        "redirect_uri": answer.redirect_uri,
        "scope": sorted({*answer.scopes, *RESERVED}),
        "code_verifier": answer.verifier,
        "nonce": answer.nonce or "",
    }


def _callback(answer: CodeAnswer) -> dict[str, str]:
    return {"code": answer.code, "state": answer.state, **answer.parameters}


def _tokens(told: Mapping[str, Any]) -> Tokens:
    access, refresh, scope = (told.get(name) for name in ("access_token", "refresh_token", "scope"))
    expires_in = seconds(told.get("expires_in"))
    return Tokens(
        access_token=_token(access),
        expires_in=None if expires_in is None else max(expires_in, 0.0),
        refresh_token=_token(refresh) if refresh else None,
        scopes=told_scopes(map(name_of, scope.split())) if isinstance(scope, str) else None,
    )


def _token(value: Any) -> str:
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise _unusable("it holds no token")
    return value


def _account(claims: Any, client_id: str) -> Account:
    """Its oid and tid together never change and never come twice. Its label is what was signed in with. Nothing is
    said where `openid` was not granted.

    The id token came from Microsoft itself over TLS: whom it is for is checked here, its signature is not (OpenID
    Connect Core, 3.1.3.7).
    """
    members: Mapping[str, Any] = claims if isinstance(claims, dict) else {}
    if members and members.get("aud") != client_id:
        raise grant_lost("code", "the answer is another app's")
    person, tenant = members.get("oid"), members.get("tid")
    if not isinstance(person, str) or not isinstance(tenant, str):
        return Account("", "")
    labels = [members.get(name) for name in ("preferred_username", "email", "name")]
    kind: AccountKind = "personal" if tenant.lower() == PERSONAL_TENANT else "work"
    return told_account(f"{person}.{tenant}", *labels, person, kind=kind)


def _unusable(why: str) -> Retryable:
    return Retryable(f"Microsoft's answer about tokens cannot be used: {why}.", code="provider.unusable_answer")
