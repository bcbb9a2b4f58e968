"""Accounts that are connected no more: marked at once, their tokens emptied once the provider was told."""

from collections.abc import Sequence

from sqlalchemy import Connection

from worker.contracts.providers import AccountTable
from worker.kit.database import execute, query
from worker.services.integrations.credentials import Credential

EMPTY = "access_token = '', refresh_token = null, encryption_key = null, token_version = token_version + 1"


def disconnect(connection: Connection, table: AccountTable, company_id: int, ids: Sequence[int]) -> list[int]:
    """Mark these of a company as disconnected; the ids of those that were not before. Their tokens stay until
    revoked.
    """
    rows = query(
        connection,
        f"""
        update {table.name}
           set state = 'disconnected', is_active = false, last_error = null, updated_at = now()
         where company_id = %s and id = any(%s) and (coalesce(is_active, true) or state = 'error')
        returning id
        """,
        (company_id, sorted(ids)),
    )
    return [row["id"] for row in rows]


def forget_tokens(connection: Connection, known: Credential) -> None:
    """Empty the tokens of an account that is not connected any more."""
    execute(
        connection,
        f"update {known.table.name} set {EMPTY} where id = %s and not coalesce(is_active, true)",
        (known.id,),
    )


def forget_old_tokens(connection: Connection, table: AccountTable, limit: int) -> int:
    """Empty tokens that were to be revoked a week ago, whatever became of that; how many."""
    return execute(
        connection,
        f"""
        update {table.name} set {EMPTY}
         where id in (select id from {table.name}
                       where state = 'disconnected' and is_active = false and access_token <> ''
                         and updated_at < now() - interval '7 days' order by id limit %s)
        """,
        (limit,),
    )
