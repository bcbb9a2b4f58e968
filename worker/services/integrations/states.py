"""Authorisations under way: one row per `state` that a browser carries to a consent page and back.

It is single use, random (256 bit), bound to user, company and provider, and to the browser's session where it began on
a page of ours. Only its hash is stored. An approval by an organisation's administrator has a state of its own: it lives
for days, comes back from a browser that nobody knows, and grants nothing by itself.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection

from worker.contracts.providers import AuthorisedProvider, provider_called
from worker.kit.database import Row, execute, query
from worker.services.integrations.vault import TokenVault

Purpose = Literal["connect", "approve"]
Refusal = Literal["unknown", "used", "expired", "other_browser"]

MINUTES: Mapping[Purpose, int] = {"connect": 10, "approve": 14 * 24 * 60}
LONGEST_STATE = 200

COLUMNS = """
    id, purpose, provider, company_id, user_id, session_hash, return_to, redirect_uri, scopes, secrets, account_id,
    used_at is not null as used, expires_at <= now() as expired
"""


@dataclass(frozen=True, slots=True)
class NewState:
    """session: the id of the session that began it, if a page did. account_id: the account to be connected again."""

    provider: AuthorisedProvider
    company_id: int
    user_id: int
    return_to: str
    redirect_uri: str
    scopes: tuple[str, ...]
    purpose: Purpose = "connect"
    session: str | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """verifier and nonce: what the consent page is told a digest of; they stay here."""

    state: str = field(repr=False)
    verifier: str = field(repr=False)
    nonce: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class State:
    """hidden: what was sealed: `verifier`, `nonce`, later `code`; of an approval `state`."""

    id: int
    purpose: Purpose
    provider: AuthorisedProvider
    company_id: int
    user_id: int
    session_hash: bytes | None = field(repr=False)
    return_to: str
    redirect_uri: str
    scopes: tuple[str, ...]
    account_id: str | None
    sealed: str | None = field(repr=False)

    @property
    def by_page(self) -> bool:
        """Whether it began on a page, and is bound to its browser's session."""
        return self.session_hash is not None

    def begun_in(self, session: str | None) -> bool:
        """Whether this session may bring it back. A state that began through the API may come from any browser."""
        if self.session_hash is None:
            return True
        return session is not None and secrets.compare_digest(bytes(self.session_hash), digest(session))

    def hidden(self, vault: TokenVault) -> dict[str, str]:
        """Raises UnreadableToken."""
        found: dict[str, str] = json.loads(vault.open(self.sealed)) if self.sealed else {}
        return found


class StateRefused(Exception):
    """The state of a callback is good for nothing. return_to: where the flow began, when that is known."""

    def __init__(self, why: Refusal, return_to: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.return_to = return_to


def begin(connection: Connection, vault: TokenVault, new: NewState) -> Begun:
    """Write a state. Raises NoEncryptionKey."""
    begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(64), secrets.token_urlsafe(16))
    hidden = {"verifier": begun.verifier, "nonce": begun.nonce} if new.purpose == "connect" else {"state": begun.state}
    execute(
        connection,
        """
        insert into oauth_states (state_hash, purpose, provider, company_id, user_id, session_hash, return_to,
            redirect_uri, scopes, secrets, account_id, expires_at)
        values (%(hash)s, %(purpose)s, %(provider)s, %(company)s, %(user)s, %(session)s, %(return_to)s, %(redirect)s,
            %(scopes)s, %(secrets)s, %(account)s, now() + make_interval(mins => %(minutes)s))
        """,
        {
            "hash": digest(begun.state),
            "purpose": new.purpose,
            "provider": new.provider.kind.value,
            "company": new.company_id,
            "user": new.user_id,
            "session": digest(new.session) if new.session else None,
            "return_to": new.return_to,
            "redirect": new.redirect_uri,
            "scopes": list(new.scopes),
            "secrets": vault.seal_text(json.dumps(hidden)),
            "account": new.account_id,
            "minutes": MINUTES[new.purpose],
        },
    )
    return begun


def take(connection: Connection, provider: AuthorisedProvider, state: str) -> State:
    """Use a state up. Raises StateRefused for one that we never made, for another provider's, and the second time.

    Whether the right browser brought it is the caller's to ask (`State.begun_in`): it is used up either way.
    """
    rows = [row for row in _rows(connection, state) if row["provider"] == provider.kind.value]
    if not rows:
        raise StateRefused("unknown")
    [row] = rows
    if row["used"] or row["expired"]:
        raise StateRefused("used" if row["used"] else "expired", row["return_to"])
    execute(connection, "update oauth_states set used_at = now() where id = %s", (row["id"],))
    return _state(row)


def keep_code(connection: Connection, vault: TokenVault, state: State, parameters: Mapping[str, str]) -> None:
    """Seal what the consent page answered, its code among it, beside the verifier until the run that exchanges it."""
    hidden = {**state.hidden(vault), "code": parameters["code"], "parameters": json.dumps(dict(parameters))}
    sealed = vault.seal_text(json.dumps(hidden))
    execute(connection, "update oauth_states set secrets = %s where id = %s", (sealed, state.id))


def find(connection: Connection, state_id: int) -> State | None:
    rows = query(connection, f"select {COLUMNS} from oauth_states where id = %s", (state_id,))
    return _state(rows[0]) if rows else None


def forget_secrets(connection: Connection, state_id: int) -> None:
    execute(connection, "update oauth_states set secrets = null where id = %s", (state_id,))


def open_approvals(connection: Connection, company_id: int, user_id: int) -> list[State]:
    """Approvals that this user asked for and that nobody has given yet, the newest first."""
    rows = query(
        connection,
        f"""
        select {COLUMNS} from oauth_states
         where company_id = %s and user_id = %s and purpose = 'approve' and used_at is null and expires_at > now()
         order by id desc limit 20
        """,
        (company_id, user_id),
    )
    return [_state(row) for row in rows]


def end_approvals(connection: Connection, state: State) -> None:
    """Whoever asked for an administrator's approval needs none any more."""
    execute(
        connection,
        """
        update oauth_states set used_at = now()
         where company_id = %s and user_id = %s and provider = %s and purpose = 'approve' and used_at is null
        """,
        (state.company_id, state.user_id, state.provider.kind.value),
    )


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _rows(connection: Connection, state: str) -> list[Row]:
    if len(state) > LONGEST_STATE:
        return []
    return query(
        connection, f"select {COLUMNS} from oauth_states where state_hash = %s for no key update", (digest(state),)
    )


def _state(row: Row) -> State:
    values: dict[str, Any] = {name: value for name, value in row.items() if name in State.__slots__}
    return State(
        **{
            **values,
            "provider": provider_called(row["provider"]),
            "scopes": tuple(row["scopes"]),
            "sealed": row["secrets"],
        }
    )
