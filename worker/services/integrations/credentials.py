"""Rows of integration_credentials and channel_accounts as values: whose account is connected, what it is good for, its
sealed tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from models.enums import ConnectionState
from worker.catalogue.integrations import OfAccount
from worker.contracts.providers import (
    ACCOUNT_TABLES,
    AUTHORISED,
    CREDENTIALS,
    AccountTable,
    AuthorisedProvider,
    ProviderKind,
    table_of,
)
from worker.kit.database import Row, query

_COLUMNS = """
    id, company_id, user_id, access_token, refresh_token, token_expires_at,
    coalesce(is_active, true) as active, state, coalesce(scopes, '{}') as scopes, account_id, account_label,
    account_kind, encryption_key, refresh_expires_at, token_version, refreshed_at, last_used_at, last_error,
    expiry_notice,
    coalesce(connected_at, created_at) as connected_at,
    extract(epoch from token_expires_at - now())::float as seconds_left,
    extract(epoch from refresh_lease_until - now())::float as leased_for, refresh_lease is not null as refreshing,
    extract(epoch from now() - refreshed_at)::float as refreshed_ago
"""
NEWEST = "order by coalesce(connected_at, created_at) desc nulls last, id desc limit 500"


@dataclass(frozen=True, slots=True)
class Credential:
    """user_id: who connected it; None where that person is gone. seconds_left: until the access token ends, negative
    after; None where nobody knows. refreshing: whether somebody fetches fresh tokens now; leased_for: seconds for which
    nobody else may. refreshed_ago: seconds since tokens were stored by a refresh.
    """

    id: int
    table: AccountTable
    company_id: int
    user_id: int | None
    provider: ProviderKind
    state: ConnectionState
    scopes: frozenset[str]
    account_id: str | None
    account_label: str | None
    account_kind: str | None
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    encryption_key: str | None
    token_version: int
    token_expires_at: datetime | None
    refresh_expires_at: datetime | None
    connected_at: datetime | None
    last_used_at: datetime | None
    last_error: str | None
    expiry_notice: int | None
    seconds_left: float | None
    leased_for: float
    refreshing: bool
    refreshed_ago: float | None

    @property
    def works(self) -> bool:
        return self.state is ConnectionState.CONNECTED

    @property
    def reference(self) -> dict[str, int]:
        """The row in payloads and results."""
        return self.table.reference(self.id)


def gate(provider: AuthorisedProvider, credential_id: int) -> str:
    """Where the runs of an account wait until it is connected again."""
    return f"{provider.name}:account:{credential_id}"


def token_endpoint(provider: AuthorisedProvider) -> str:
    """What the gate of its token endpoint is called after: a calendar may be closed to us while tokens are not."""
    return f"{provider.name}:tokens"


def columns(table: AccountTable) -> str:
    """What `credential` reads of a row."""
    return f"{table.kind}::text as label, {_COLUMNS}"


def find(
    connection: Connection, row_id: int, *, table: AccountTable = CREDENTIALS, lock: bool = False
) -> Credential | None:
    locking = "for no key update" if lock else ""
    rows = query(connection, f"select {columns(table)} from {table.name} where id = %s {locking}", (row_id,))
    return credential(rows[0], table) if rows else None


def named(connection: Connection, payload: OfAccount) -> Credential | None:
    """The account that a payload is about."""
    for table in ACCOUNT_TABLES:
        row_id: int | None = getattr(payload, f"{table.subject}_id")
        if row_id is not None:
            return find(connection, row_id, table=table)
    return None


def of_company(
    connection: Connection, company_id: int, user_id: int, table: AccountTable = CREDENTIALS
) -> Sequence[Credential]:
    """All of a company, the best for this user first: of any use before of none, his own before a colleague's (where
    they are not the company's), one that works before one that is lost, the newest before older ones.
    """
    rows = query(connection, f"select {columns(table)} from {table.name} where company_id = %s {NEWEST}", (company_id,))
    return sorted((credential(row, table) for row in rows), key=lambda known: _rank(known, user_id))


def newest_in_use(connection: Connection, kind: ProviderKind) -> Credential | None:
    """Of any company, with a token that has not ended: for questions about our app that only an account may ask."""
    table = table_of(kind)
    rows = query(
        connection,
        f"""
        select {columns(table)} from {table.name}
         where {table.kind}::text = %s and access_token <> '' and coalesce(token_expires_at > now(), true) {NEWEST}
        """,
        (table.stored(kind),),
    )
    return next((known for known in (credential(row, table) for row in rows) if known.works), None)


def _rank(known: Credential, user_id: int) -> tuple[bool, bool, bool]:
    provider = AUTHORISED.get(known.provider)
    shared = provider is not None and provider.per_company
    return not known.state.active, not shared and known.user_id != user_id, not known.works


def best(connection: Connection, company_id: int, user_id: int, kind: ProviderKind) -> Credential | None:
    """The account that this user's actions use. One that is lost is found as well."""
    known = of_company(connection, company_id, user_id, table_of(kind))
    return next((each for each in known if each.provider is kind), None)


def credential(row: Row, table: AccountTable) -> Credential:
    values = {name: value for name, value in row.items() if name in Credential.__slots__}
    return Credential(
        **{
            **values,
            "table": table,
            "provider": table.kinds.stored(row["label"]),
            "state": ConnectionState.stored(row["state"], active=row["active"]),
            "scopes": frozenset(row["scopes"]),
            "leased_for": max(row["leased_for"] or 0.0, 0.0),
        }
    )
