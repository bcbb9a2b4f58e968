"""An account that is of no use until a person connects it again: noted once, told once, its runs parked."""

from sqlalchemy import Connection

from models.enums import ConnectionState
from worker.contracts.providers import AUTHORISED, AccountTable
from worker.kit.errors import NeedsReconnect
from worker.services.integrations import reasons, recruiters, storing
from worker.services.integrations.credentials import Credential, gate


def lose(
    connection: Connection,
    known: Credential,
    reason: str,
    state: ConnectionState = ConnectionState.NEEDS_RECONNECT,
) -> NeedsReconnect:
    """Note a loss, and have its owner told, once; what to raise. Nothing is changed where tokens were stored since.

    reason: one of `reasons`.
    """
    provider = AUTHORISED[known.provider]
    sentence = reasons.in_english(reason, provider)
    if storing.lose(connection, known, state, sentence):
        key = f"connection_lost:{gate(provider, known.id)}:{known.token_version}"
        recruiters.tell(connection, "connection_lost", known, unique_key=key)
    return NeedsReconnect(sentence, gate=gate(provider, known.id))


def lost(known: Credential | None, table: AccountTable, row_id: int) -> NeedsReconnect:
    """What to raise for an account that was lost before, or disconnected, or whose row is gone."""
    if known is None:
        return NeedsReconnect(reasons.in_english(reasons.GONE), gate=f"{table.subject}:{row_id}")
    sentence = known.last_error or reasons.in_english(reasons.GONE)
    return NeedsReconnect(sentence, gate=gate(AUTHORISED[known.provider], known.id))


def lacking(known: Credential) -> str:
    """This process was started without the key that sealed the tokens: nothing is lost."""
    return f"TOKEN_ENCRYPTION_KEYS of this process lacks the key {known.encryption_key}; add it and restart."
