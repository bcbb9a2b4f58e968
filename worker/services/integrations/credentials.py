"""Rows of integration_credentials as values: whose account is connected, what it is good for, its sealed tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from models.enums import ConnectionState, IntegrationProvider
from worker.contracts.providers import AUTHORISED, AuthorisedProvider
from worker.kit.database import Row, query

COLUMNS = """
    id, company_id, user_id, provider::text as label, access_token, refresh_token, token_expires_at,
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
    """seconds_left: until the access token ends, negative after; None where nobody knows. refreshing: whether somebody
    fetches fresh tokens now; leased_for: seconds for which nobody else may. refreshed_ago: seconds since tokens were
    stored by a refresh.
    """

    id: int
    company_id: int
    user_id: int
    provider: IntegrationProvider
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


def gate(provider: AuthorisedProvider, credential_id: int) -> str:
    """Where the runs of an account wait until it is connected again."""
    return f"{provider.name}:account:{credential_id}"


def token_endpoint(provider: AuthorisedProvider) -> str:
    """What the gate of its token endpoint is called after: a calendar may be closed to us while tokens are not."""
    return f"{provider.name}:tokens"


def find(connection: Connection, credential_id: int, *, lock: bool = False) -> Credential | None:
    locking = "for no key update" if lock else ""
    rows = query(connection, f"select {COLUMNS} from integration_credentials where id = %s {locking}", (credential_id,))
    return credential(rows[0]) if rows else None


def of_company(connection: Connection, company_id: int, user_id: int) -> Sequence[Credential]:
    """All of a company, the best for this user first: of any use before of none, his own before a colleague's (where
    they are not the company's), one that works before one that is lost, the newest before older ones.
    """
    rows = query(
        connection, f"select {COLUMNS} from integration_credentials where company_id = %s {NEWEST}", (company_id,)
    )
    return sorted(map(credential, rows), key=lambda known: _rank(known, user_id))


def newest_in_use(connection: Connection, provider: IntegrationProvider) -> Credential | None:
    """Of any company, with a token that has not ended: for questions about our app that only an account may ask."""
    rows = query(
        connection,
        f"""
        select {COLUMNS} from integration_credentials
         where provider::text = %s and access_token <> '' and coalesce(token_expires_at > now(), true) {NEWEST}
        """,
        (provider.label,),
    )
    return next((known for known in map(credential, rows) if known.works), None)


def _rank(known: Credential, user_id: int) -> tuple[bool, bool, bool]:
    provider = AUTHORISED.get(known.provider)
    shared = provider is not None and provider.per_company
    return not known.state.active, not shared and known.user_id != user_id, not known.works


def best(connection: Connection, company_id: int, user_id: int, provider: IntegrationProvider) -> Credential | None:
    """The account that this user's actions use. One that is lost is found as well."""
    found = (each for each in of_company(connection, company_id, user_id) if each.provider is provider)
    return next(found, None)


def credential(row: Row) -> Credential:
    values = {name: value for name, value in row.items() if name in Credential.__slots__}
    return Credential(
        **{
            **values,
            "provider": IntegrationProvider.stored(row["label"]),
            "state": ConnectionState.stored(row["state"], active=row["active"]),
            "scopes": frozenset(row["scopes"]),
            "leased_for": max(row["leased_for"] or 0.0, 0.0),
        }
    )
