"""Feeds for job boards that have no API: the address of a company's feed is its credential at the board.

A feed's token names its row and carries a secret, which the row keeps sealed as it keeps the tokens of connected
accounts: a request finds the row by its primary key, a copy of the table opens no feed, and a new secret ends the one
before.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from models.enums import ConnectionState, IntegrationProvider
from worker.kit.database import Row, execute, query
from worker.ledger.audit import audit
from worker.services.integrations import storing
from worker.services.integrations.vault import Sealed, TokenVault

BOARDS: Mapping[IntegrationProvider, str] = {
    IntegrationProvider.JOBBERMAN: "Jobberman",
    IntegrationProvider.BRIGHTERMONDAY: "BrighterMonday",
}

_TOKEN = re.compile(r"([1-9][0-9]{0,9})\.([A-Za-z0-9_-]{43})", re.ASCII)
_SECRET_BYTES = 32
_LARGEST_ID = 2**31 - 1

COLUMNS = """
    id, company_id, provider::text as label, access_token, coalesce(is_active, true) as active, state,
    coalesce(connected_at, created_at) as connected_at, last_used_at
"""
NEWEST = f"""
select {COLUMNS} from integration_credentials where company_id = %s and provider::text = %s
 order by coalesce(is_active, true) desc, id desc limit 1
"""
MINUTE = "interval '1 minute'"


@dataclass(frozen=True, slots=True)
class BoardFeed:
    """A living feed. connected_at: since when it has its address. last_used_at: when it was last fetched."""

    id: int
    company_id: int
    provider: IntegrationProvider
    token: str = field(repr=False)
    connected_at: datetime | None
    last_used_at: datetime | None


def find(connection: Connection, vault: TokenVault, company_id: int, board: IntegrationProvider) -> BoardFeed | None:
    """The company's feed for a board; None where there is none. Raises UnreadableToken."""
    rows = query(connection, NEWEST, (company_id, board.label))
    return _feed(rows[0], vault.open(rows[0]["access_token"])) if rows and _lives(rows[0]) else None


def credential_of(connection: Connection, company_id: int, board: IntegrationProvider) -> int | None:
    """The row of the company's living feed for a board; None where there is none."""
    rows = query(connection, NEWEST, (company_id, board.label))
    return int(rows[0]["id"]) if rows and _lives(rows[0]) else None


def read(connection: Connection, vault: TokenVault, token: str) -> BoardFeed | None:
    """The feed whose address holds this token; None when it is none, or none any more. Raises UnreadableToken."""
    parts = _TOKEN.fullmatch(token)
    if parts is None or int(parts[1]) > _LARGEST_ID:
        return None
    rows = query(
        connection,
        f"select {COLUMNS} from integration_credentials where id = %s and provider::text = any(%s)",
        (int(parts[1]), [board.label for board in BOARDS]),
    )
    if not rows or not _lives(rows[0]):
        return None
    secret = vault.open(rows[0]["access_token"])
    return _feed(rows[0], secret) if hmac.compare_digest(secret, parts[2]) else None


def renew(
    connection: Connection, vault: TokenVault, company_id: int, user_id: int, board: IntegrationProvider, actor: str
) -> None:
    """Give the company's feed an address; whoever knew another one reads nothing any more. Raises NoEncryptionKey."""
    sealed = vault.seal(board, secrets.token_urlsafe(_SECRET_BYTES), None)
    query(connection, storing.ONE_AT_A_TIME, (company_id,))
    known = query(connection, NEWEST, (company_id, board.label))
    _end(connection, company_id, board)
    if known:
        _replace(connection, known[0]["id"], user_id, sealed)
    row_id = known[0]["id"] if known else _insert(connection, company_id, user_id, board, sealed)
    audit(connection, actor, "feed.renew", f"credential:{row_id}")


def withdraw(connection: Connection, company_id: int, board: IntegrationProvider, actor: str) -> int:
    """End the company's feed for a board, also when there is none; how many ended."""
    ended = _end(connection, company_id, board)
    for each in ended:
        audit(connection, actor, "feed.end", f"credential:{each}")
    return len(ended)


def note_fetched(connection: Connection, credential_id: int) -> None:
    """Remember that the feed was fetched; at most one write a minute."""
    execute(
        connection,
        f"""
        update integration_credentials set last_used_at = now()
         where id = %s and (last_used_at is null or last_used_at < now() - {MINUTE})
        """,
        (credential_id,),
    )


def _lives(row: Row) -> bool:
    state = ConnectionState.stored(row["state"], active=row["active"])
    return state is ConnectionState.CONNECTED and bool(row["access_token"])


def _feed(row: Row, secret: str) -> BoardFeed:
    return BoardFeed(
        id=row["id"],
        company_id=row["company_id"],
        provider=IntegrationProvider.stored(row["label"]),
        token=f"{row['id']}.{secret}",
        connected_at=row["connected_at"],
        last_used_at=row["last_used_at"],
    )


def _insert(connection: Connection, company_id: int, user_id: int, board: IntegrationProvider, sealed: Sealed) -> int:
    rows = query(
        connection,
        """
        insert into integration_credentials
               (company_id, user_id, provider, access_token, encryption_key, is_active, state, connected_at,
                created_at, updated_at)
        values (%s, %s, %s, %s, %s, true, 'connected', now(), now(), now())
        returning id
        """,
        (company_id, user_id, board.label, sealed.access_token, sealed.key),
    )
    return int(rows[0]["id"])


def _replace(connection: Connection, row_id: int, user_id: int, sealed: Sealed) -> None:
    # The version rises, so that this write is not taken for the main web app's.
    execute(
        connection,
        """
        update integration_credentials
           set access_token = %s, encryption_key = %s, user_id = %s, token_version = token_version + 1,
               is_active = true, state = 'connected', connected_at = now(), last_used_at = null, last_error = null,
               updated_at = now()
         where id = %s
        """,
        (sealed.access_token, sealed.key, user_id, row_id),
    )


def _end(connection: Connection, company_id: int, board: IntegrationProvider) -> list[int]:
    rows = query(
        connection,
        """
        update integration_credentials
           set access_token = '', refresh_token = null, encryption_key = null, token_version = token_version + 1,
               is_active = false, state = 'disconnected', last_error = null, updated_at = now()
         where company_id = %s and provider::text = %s and (coalesce(is_active, true) or access_token <> '')
        returning id
        """,
        (company_id, board.label),
    )
    return [row["id"] for row in rows]
