"""Writing connected accounts: a new grant, fresh tokens, a loss, the end.

Whatever stores tokens raises their version; whoever acts on older ones finds that out by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from models.enums import ConnectionState
from worker.catalogue.integrations import REVOKE, Revoke
from worker.contracts.accounts import Grant, Tokens
from worker.contracts.providers import CREDENTIALS, AccountTable, AuthorisedProvider
from worker.kit.database import Row, execute, query
from worker.ledger.enqueue import enqueue
from worker.ledger.gates import open_gate
from worker.services.integrations.credentials import Credential, gate
from worker.services.integrations.ending import disconnect
from worker.services.integrations.vault import TokenVault

LONGEST_LABEL = 320
LONGEST_ERROR = 500

# The company's row, so that two who connect the same account at once make one connection.
ONE_AT_A_TIME = "select 1 from companies where id = %s for no key update"
# `account` may be unknown.
OF_OWNER = """
select id, account_id, coalesce(is_active, true) as active, state
  from {table}
 where company_id = %(company)s and {kind}::text = %(label)s and (%(shared)s or user_id = %(user)s)
   and (account_id is null or account_id = %(account)s or coalesce(is_active, true))
 order by (account_id = %(account)s) desc nulls last, coalesce(is_active, true) desc, id desc
   for no key update
"""
TOKENS = """
    access_token = %(access)s, refresh_token = %(refresh)s, encryption_key = %(key)s, scopes = %(scopes)s,
    token_expires_at = now() + make_interval(secs => %(life)s), token_version = token_version + 1,
    refresh_lease = null, refresh_lease_until = null, state = %(state)s, is_active = %(active)s,
    last_error = %(error)s, updated_at = now()
"""
# Its events are not read back before one of our changes has found them there.
UNPROVEN = """
update interview_schedules set event_generation = -1
 where credential_id = %s and event_generation is not null and scheduled_at > now()
"""
OWNER = """
    user_id = %(user)s, account_id = coalesce(%(account)s, account_id),
    account_label = coalesce(%(account_label)s, account_label), account_kind = %(account_kind)s,
    refresh_expires_at = now() + make_interval(secs => %(refresh_life)s), connected_at = now(), expiry_notice = null
"""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who connects an account, and for which company."""

    company_id: int
    user_id: int


def store_grant(
    connection: Connection,
    vault: TokenVault,
    provider: AuthorisedProvider,
    grant: Grant,
    owner: Owner,
    *,
    fault: str | None = None,
) -> int | None:
    """Store what a person granted; the row's id. The runs that waited for this account go on.

    The same account is connected again in its row. Another account gets a row of its own, and the one before is
    disconnected: what was made with it is not touched by the new one.
    fault: why the grant is of no use; it is kept for that sentence then, unless the owner has a connection that works
    (None: nothing was written).
    """
    query(connection, ONE_AT_A_TIME, (owner.company_id,))
    found = _of_owner(connection, provider, grant, owner)
    if fault and any(row["active"] for row in found):
        return None
    values = _grant_values(vault, provider, grant, owner, fault)
    account = grant.account.id or None
    same = [row for row in found if account is None or row["account_id"] in (None, account)][:1]
    table, others = provider.table, [row["id"] for row in found if row not in same and row["active"]]
    _replace(connection, table, owner, others)
    row_id = _renew(connection, table, same[0], values) if same else _insert(connection, table, values)
    if not fault:
        open_gate(connection, gate(provider, row_id))
    return row_id


def _of_owner(connection: Connection, provider: AuthorisedProvider, grant: Grant, owner: Owner) -> list[Row]:
    return query(
        connection,
        OF_OWNER.format(table=provider.table.name, kind=provider.table.kind),
        {
            "company": owner.company_id,
            "user": owner.user_id,
            "label": provider.table.stored(provider.kind),
            "shared": provider.per_company,
            "account": grant.account.id or None,
        },
    )


def _grant_values(
    vault: TokenVault, provider: AuthorisedProvider, grant: Grant, owner: Owner, fault: str | None
) -> Row:
    state = ConnectionState.ERROR if fault else ConnectionState.CONNECTED
    return {
        **_token_values(vault, provider, grant.tokens, grant.tokens.refresh_token),
        "state": state.value,
        "active": state.active,
        "error": fault,
        "company": owner.company_id,
        "user": owner.user_id,
        "label": provider.table.stored(provider.kind),
        "scopes": sorted(grant.tokens.scopes or ()),
        "account": grant.account.id or None,
        "account_label": grant.account.label[:LONGEST_LABEL] or None,
        "account_kind": grant.account.kind,
    }


def _token_values(vault: TokenVault, provider: AuthorisedProvider, tokens: Tokens, refresh_token: str | None) -> Row:
    sealed = vault.seal(provider.kind, tokens.access_token, refresh_token)
    return {
        "access": sealed.access_token,
        "refresh": sealed.refresh_token,
        "key": sealed.key,
        "life": provider.usual_life if tokens.expires_in is None else tokens.expires_in,
        "refresh_life": tokens.refresh_expires_in,
    }


def _renew(connection: Connection, table: AccountTable, known: Row, values: Row) -> int:
    """Of an account that nobody knew this one may be another: what it does not have was not deleted then."""
    row_id = int(known["id"])
    execute(connection, f"update {table.name} set {TOKENS}, {OWNER} where id = %(id)s", {**values, "id": row_id})
    if table is CREDENTIALS and known["account_id"] is None:
        execute(connection, UNPROVEN, (row_id,))
    return row_id


def _insert(connection: Connection, table: AccountTable, values: Row) -> int:
    [row] = query(
        connection,
        f"""
        insert into {table.name} (company_id, user_id, {table.kind}, access_token, refresh_token,
            token_expires_at, refresh_expires_at, {table.document}, is_active, state, last_error, scopes, account_id,
            account_label, account_kind, encryption_key, connected_at, created_at, updated_at)
        values (%(company)s, %(user)s, %(label)s, %(access)s, %(refresh)s,
            now() + make_interval(secs => %(life)s), now() + make_interval(secs => %(refresh_life)s), '{{}}',
            %(active)s, %(state)s, %(error)s, %(scopes)s, %(account)s, %(account_label)s, %(account_kind)s, %(key)s,
            now(), now(), now())
        returning id
        """,
        values,
    )
    return int(row["id"])


def _replace(connection: Connection, table: AccountTable, owner: Owner, ids: Sequence[int]) -> None:
    """Another account took the place of these, which are ended at the provider too."""
    for each in disconnect(connection, table, owner.company_id, ids):
        enqueue(connection, REVOKE, Revoke(**table.reference(each)), company_id=owner.company_id)


def store_tokens(
    connection: Connection,
    vault: TokenVault,
    provider: AuthorisedProvider,
    known: Credential,
    tokens: Tokens,
    lease: UUID,
) -> bool:
    """Store fresh tokens under our lease; False when it was lost: others have newer ones.

    A refresh token that came along is stored with the access token, before anybody uses either; without one the old
    one stays.
    """
    refresh_token = tokens.refresh_token or (vault.open(known.refresh_token) if known.refresh_token else None)
    values = {
        **_token_values(vault, provider, tokens, refresh_token),
        "state": ConnectionState.CONNECTED.value,
        "active": True,
        "error": None,
        "scopes": sorted(known.scopes if tokens.scopes is None else tokens.scopes),
        "id": known.id,
        "lease": lease,
    }
    stored = execute(
        connection,
        f"""
        update {known.table.name}
           set {TOKENS}, refreshed_at = now(),
               expiry_notice = case when %(refresh_life)s::float8 is null then expiry_notice end,
               refresh_expires_at = coalesce(now() + make_interval(secs => %(refresh_life)s), refresh_expires_at)
         where id = %(id)s and refresh_lease = %(lease)s and coalesce(is_active, true)
        """,
        values,
    )
    return stored == 1


def lose(connection: Connection, known: Credential, state: ConnectionState, reason: str) -> bool:
    """Note that these tokens are of no use; False when others were stored since, or it is noted already."""
    changed = execute(
        connection,
        f"""
        update {known.table.name}
           set state = %(state)s, is_active = %(active)s, last_error = %(reason)s, refresh_lease = null,
               refresh_lease_until = null, updated_at = now()
         where id = %(id)s and token_version = %(version)s and coalesce(is_active, true)
           and state is distinct from %(state)s
        """,
        {
            "id": known.id,
            "version": known.token_version,
            "state": state.value,
            "active": state.active,
            "reason": reason[:LONGEST_ERROR],
        },
    )
    return changed == 1


def expire_now(connection: Connection, known: Credential) -> None:
    """The provider refused this access token: whoever comes next fetches a fresh one."""
    execute(
        connection,
        f"""
        update {known.table.name} set token_expires_at = now() - interval '1 second'
         where id = %s and token_version = %s and coalesce(is_active, true)
        """,
        (known.id, known.token_version),
    )


def note_use(connection: Connection, row_id: int, table: AccountTable = CREDENTIALS) -> None:
    """That the account did something, to the minute."""
    execute(
        connection,
        f"""
        update {table.name} set last_used_at = now()
         where id = %s and coalesce(last_used_at < now() - interval '1 minute', true)
        """,
        (row_id,),
    )
