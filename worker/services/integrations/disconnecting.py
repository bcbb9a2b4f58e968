"""Ending a connection: at once here, and at the provider by a run of its own."""

from sqlalchemy import Connection

from worker.catalogue.integrations import REVOKE, Revoke
from worker.contracts.accounts import AccountProvider
from worker.contracts.providers import AuthorisedProvider
from worker.kit.crypto import UnreadableToken
from worker.kit.database import query
from worker.ledger.audit import audit
from worker.ledger.enqueue import enqueue
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Done, Write
from worker.services.integrations import credentials, storing
from worker.services.integrations.credentials import Credential
from worker.services.integrations.vault import TokenVault

# At Google an end of one token is the end of all that the account granted us.
OTHERS = """
select 1 from integration_credentials
 where id <> %(id)s and provider::text = %(label)s and account_id = %(account)s and coalesce(is_active, true) limit 1
"""


def disconnect(connection: Connection, provider: AuthorisedProvider, company_id: int, user_id: int, actor: str) -> int:
    """Disconnect the user's accounts of a provider, or the company's where they are shared; how many."""
    mine = [
        each.id
        for each in credentials.of_company(connection, company_id, user_id)
        if each.provider is provider.kind and (provider.per_company or each.user_id == user_id)
    ]
    ended = storing.disconnect(connection, company_id, mine)
    for each in ended:
        audit(connection, actor, "connection.end", f"credential:{each}")
        enqueue(connection, REVOKE, Revoke(credential_id=each), company_id=company_id)
    return len(ended)


def revoke(context: RunContext, vault: TokenVault, accounts: AccountProvider, known: Credential) -> Outcome:
    """End the grant at the provider, unless a colleague uses the same account, and forget the tokens."""
    shared = context.transaction(lambda connection: _is_shared(connection, known))
    token = None if shared else _token(vault, known)
    if token:
        accounts.revoke(token)

    def work(connection: Connection) -> Done:
        storing.forget_tokens(connection, known.id)
        return Done({"revoked": token is not None, "shared": shared})

    return Write(work)


def _is_shared(connection: Connection, known: Credential) -> bool:
    values = {"id": known.id, "label": known.provider.label, "account": known.account_id}
    return known.account_id is not None and bool(query(connection, OTHERS, values))


def _token(vault: TokenVault, known: Credential) -> str | None:
    """What can be revoked; None when nobody can read it any more."""
    try:
        return vault.open(known.refresh_token or known.access_token) or None
    except UnreadableToken:
        return None
