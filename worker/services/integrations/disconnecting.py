"""Ending a connection: at once here, and at the provider by a run of its own."""

from sqlalchemy import Connection

from worker.catalogue.integrations import REFRESH_TOKEN, REVOKE, RefreshToken, Revoke
from worker.contracts.accounts import AccountProvider
from worker.contracts.providers import AuthorisedProvider
from worker.kit.crypto import UnreadableToken
from worker.kit.database import query
from worker.kit.errors import Retryable
from worker.ledger.audit import audit
from worker.ledger.enqueue import enqueue
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Done, Write
from worker.services.integrations import credentials, ending, losing, storing
from worker.services.integrations.credentials import Credential
from worker.services.integrations.vault import TokenVault

# At Google an end of one token is the end of all that the account granted us. Of rows of the main web app nobody knows
# whose account they are: it may be this one.
OTHERS = """
select 1 from {table}
 where id <> %(id)s and {kind}::text = %(label)s and coalesce(is_active, true)
   and (account_id = %(account)s
        or ((account_id is null or %(account)s::text is null) and company_id = %(company)s)) limit 1
"""


def disconnect(connection: Connection, provider: AuthorisedProvider, company_id: int, user_id: int, actor: str) -> int:
    """Disconnect the user's accounts of a provider, or the company's where they are shared; how many."""
    table = provider.table
    mine = [
        each.id
        for each in credentials.of_company(connection, company_id, user_id, table)
        if each.provider is provider.kind and (provider.per_company or each.user_id == user_id)
    ]
    ended = ending.disconnect(connection, table, company_id, mine)
    for each in ended:
        audit(connection, actor, "connection.end", f"{table.subject}:{each}")
        enqueue(connection, REVOKE, Revoke(**table.reference(each)), company_id=company_id)
    return len(ended)


def revoke(context: RunContext, vault: TokenVault, accounts: AccountProvider, known: Credential) -> Outcome:
    """End the grant at the provider, unless a colleague uses the same account, and forget the tokens."""
    shared = context.transaction(lambda connection: _is_shared(connection, known))
    token = None if shared else _token(vault, known)
    if token:
        accounts.revoke(token)

    def work(connection: Connection) -> Done:
        now = credentials.find(connection, known.id, table=known.table, lock=True)
        if now is not None and now.state.active and token:
            # Connected again while we told the provider that it is over: whether it still is, a refresh finds out.
            storing.expire_now(connection, now)
            enqueue(connection, REFRESH_TOKEN, RefreshToken(**now.reference))
        ending.forget_tokens(connection, known)
        return Done({"revoked": token is not None, "shared": shared})

    return Write(work)


def _is_shared(connection: Connection, known: Credential) -> bool:
    values = {
        "id": known.id,
        "label": known.table.stored(known.provider),
        "account": known.account_id,
        "company": known.company_id,
    }
    others = OTHERS.format(table=known.table.name, kind=known.table.kind)
    return bool(query(connection, others, values))


def _token(vault: TokenVault, known: Credential) -> str | None:
    """What can be revoked; None when nobody can read it any more. Raises Retryable when another process can."""
    try:
        return vault.open(known.refresh_token or known.access_token) or None
    except UnreadableToken as error:
        if vault.lacks(known.encryption_key):
            raise Retryable(losing.lacking(known), after=60.0) from error
        return None
