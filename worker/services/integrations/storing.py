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
from worker.contracts.providers import AuthorisedProvider
from worker.kit.database import Row, execute, query
from worker.ledger.enqueue import enqueue
from worker.ledger.gates import open_gate
from worker.services.integrations.credentials import Credential, gate
from worker.services.integrations.vault import TokenVault

# Seconds that a token is good for where the provider does not say: what the main web app assumes.
USUAL_LIFE = {"linkedin": 5_184_000.0, "google": 3_600.0, "microsoft": 3_600.0}
LONGEST_LABEL = 320
LONGEST_ERROR = 500

# The company's row, so that two who connect the same account at once make one connection.
ONE_AT_A_TIME = "select 1 from companies where id = %s for no key update"
# `account` may be unknown.
OF_OWNER = """
select id, account_id, coalesce(is_active, true) as active, state
  from integration_credentials
 where company_id = %(company)s and provider::text = %(label)s and (%(shared)s or user_id = %(user)s)
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
    _replace(connection, owner, [row["id"] for row in found if row not in same and row["active"]])
    row_id = _renew(connection, same[0], values) if same else _insert(connection, values)
    if not fault:
        open_gate(connection, gate(provider, row_id))
    return row_id


def _of_owner(connection: Connection, provider: AuthorisedProvider, grant: Grant, owner: Owner) -> list[Row]:
    return query(
        connection,
        OF_OWNER,
        {
            "company": owner.company_id,
            "user": owner.user_id,
            "label": provider.kind.label,
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
        "label": provider.kind.label,
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
        "life": USUAL_LIFE[provider.name] if tokens.expires_in is None else tokens.expires_in,
        "refresh_life": tokens.refresh_expires_in,
    }


def _renew(connection: Connection, known: Row, values: Row) -> int:
    """Of an account that nobody knew this one may be another: what it does not have was not deleted then."""
    row_id = int(known["id"])
    execute(
        connection, f"update integration_credentials set {TOKENS}, {OWNER} where id = %(id)s", {**values, "id": row_id}
    )
    if known["account_id"] is None:
        execute(connection, UNPROVEN, (row_id,))
    return row_id


def _insert(connection: Connection, values: Row) -> int:
    [row] = query(
        connection,
        """
        insert into integration_credentials (company_id, user_id, provider, access_token, refresh_token,
            token_expires_at, refresh_expires_at, provider_data, is_active, state, last_error, scopes, account_id,
            account_label, account_kind, encryption_key, connected_at, created_at, updated_at)
        values (%(company)s, %(user)s, %(label)s, %(access)s, %(refresh)s,
            now() + make_interval(secs => %(life)s), now() + make_interval(secs => %(refresh_life)s), '{}', %(active)s,
            %(state)s, %(error)s, %(scopes)s, %(account)s, %(account_label)s, %(account_kind)s, %(key)s, now(), now(),
            now())
        returning id
        """,
        values,
    )
    return int(row["id"])


def _replace(connection: Connection, owner: Owner, ids: Sequence[int]) -> None:
    """Another account took the place of these, which are ended at the provider too."""
    for each in disconnect(connection, owner.company_id, ids):
        enqueue(connection, REVOKE, Revoke(credential_id=each), company_id=owner.company_id)


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
        update integration_credentials
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
        """
        update integration_credentials
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


def expire_now(connection: Connection, credential_id: int, version: int) -> None:
    """The provider refused this access token: whoever comes next fetches a fresh one."""
    execute(
        connection,
        """
        update integration_credentials set token_expires_at = now() - interval '1 second'
         where id = %s and token_version = %s and coalesce(is_active, true)
        """,
        (credential_id, version),
    )


def note_use(connection: Connection, credential_id: int) -> None:
    """That the account did something, to the minute."""
    execute(
        connection,
        """
        update integration_credentials set last_used_at = now()
         where id = %s and coalesce(last_used_at < now() - interval '1 minute', true)
        """,
        (credential_id,),
    )


def disconnect(connection: Connection, company_id: int, ids: Sequence[int]) -> list[int]:
    """Mark these of a company as disconnected; the ids of those that were not before. Their tokens stay until
    revoked.
    """
    rows = query(
        connection,
        """
        update integration_credentials
           set state = 'disconnected', is_active = false, last_error = null, updated_at = now()
         where company_id = %s and id = any(%s) and (coalesce(is_active, true) or state = 'error')
        returning id
        """,
        (company_id, sorted(ids)),
    )
    return [row["id"] for row in rows]


def forget_old_tokens(connection: Connection, limit: int) -> int:
    """Empty tokens that were to be revoked a week ago, whatever became of that; how many."""
    return execute(
        connection,
        """
        update integration_credentials
           set access_token = '', refresh_token = null, encryption_key = null, token_version = token_version + 1
         where id in (select id from integration_credentials
                       where state = 'disconnected' and is_active = false and access_token <> ''
                         and updated_at < now() - interval '7 days' order by id limit %s)
        """,
        (limit,),
    )


def forget_tokens(connection: Connection, credential_id: int) -> None:
    """Empty the tokens of an account that is not connected any more."""
    execute(
        connection,
        """
        update integration_credentials
           set access_token = '', refresh_token = null, encryption_key = null, token_version = token_version + 1
         where id = %s and not coalesce(is_active, true)
        """,
        (credential_id,),
    )
