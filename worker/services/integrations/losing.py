"""An account that is of no use until a person connects it again: noted once, told once, its runs parked.

Sentences here end in `last_error` and in the errors of runs: in English, like every error of these routes.
"""

from sqlalchemy import Connection

from models.enums import ConnectionState
from worker.catalogue.notifications import NOTIFY, Notify
from worker.contracts.accounts import GrantLost
from worker.contracts.providers import AUTHORISED, AuthorisedProvider
from worker.kit.errors import NeedsReconnect
from worker.ledger.enqueue import enqueue
from worker.services.integrations import storing
from worker.services.integrations.credentials import Credential, gate

UNREADABLE = "The stored access can no longer be read; connect the account again."
GONE = "The account is no longer connected; connect it again."
REASONS = {
    "revoked": "{title} no longer accepts this access: it was withdrawn, or has ended. Connect the account again.",
    "consent": "{title} asks for a new agreement to what this access may do. Connect the account again.",
    "interaction": "{title} asks its owner to sign in again. Connect the account again.",
    "code": "{title} did not take the answer of its consent page: it is too old. Connect the account again.",
}


def lose(
    connection: Connection,
    known: Credential,
    reason: str,
    state: ConnectionState = ConnectionState.NEEDS_RECONNECT,
) -> NeedsReconnect:
    """Note a loss, and have its owner told, once; what to raise. Nothing is changed where tokens were stored since."""
    if storing.lose(connection, known, state, reason):
        enqueue(
            connection,
            NOTIFY,
            Notify(kind="connection_lost", credential_id=known.id, user_ids=[known.user_id]),
            company_id=known.company_id,
            unique_key=f"connection_lost:{known.id}:{known.token_version}",
        )
    return NeedsReconnect(reason, gate=gate(AUTHORISED[known.provider], known.id))


def lost(known: Credential | None, credential_id: int) -> NeedsReconnect:
    """What to raise for an account that was lost before, or disconnected, or whose row is gone."""
    if known is None:
        return NeedsReconnect(GONE, gate=f"account:{credential_id}")
    return NeedsReconnect(known.last_error or GONE, gate=gate(AUTHORISED[known.provider], known.id))


def lacking(known: Credential) -> str:
    """This process was started without the key that sealed the tokens: nothing is lost."""
    return f"TOKEN_ENCRYPTION_KEYS of this process lacks the key {known.encryption_key}; add it and restart."


def sentence(provider: AuthorisedProvider, error: GrantLost) -> str:
    return REASONS[error.reason].format(title=provider.title)


def revoked(provider: AuthorisedProvider) -> str:
    return REASONS["revoked"].format(title=provider.title)


def ended(provider: AuthorisedProvider) -> str:
    """A token without a refresh token has ended."""
    if provider.name == "linkedin":
        return "LinkedIn must be reconnected every 60 days. Connect the account again."
    return f"The access to {provider.title} has ended and cannot be renewed. Connect the account again."


def unchanged(provider: AuthorisedProvider) -> str:
    return f"{provider.title} renewed the access with one that has ended. Connect the account again."
