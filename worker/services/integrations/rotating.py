"""Moving every stored token to the first key, a page at a time, while everything works on."""

from dataclasses import dataclass

from sqlalchemy import Connection

from worker.contracts.providers import CREDENTIALS, AccountTable
from worker.kit.crypto import UnreadableToken
from worker.kit.database import Row, execute, query
from worker.kit.logging import get_logger
from worker.services.integrations.vault import TokenVault

log = get_logger(__name__)

# What is readable and not under the first key, and what the main web app wrote.
OTHERS = """
select id, {kind}::text as label, access_token, refresh_token, encryption_key from {table}
 where id > %s and access_token <> '' and encryption_key is distinct from %s
 order by id limit %s for no key update
"""


@dataclass(frozen=True, slots=True)
class Rotated:
    """after: the last id of the page; None at the end."""

    moved: int
    unreadable: tuple[int, ...]
    after: int | None


def rotate(
    connection: Connection, vault: TokenVault, table: AccountTable = CREDENTIALS, *, after: int = 0, limit: int = 200
) -> Rotated:
    """Seal the tokens of the next rows with the first key. A row that no key opens is told of, and the rest goes on."""
    rows = query(connection, OTHERS.format(table=table.name, kind=table.kind), (after, vault.current_key, limit))
    moved = {row["id"]: _move(connection, vault, table, row) for row in rows}
    return Rotated(
        moved=sum(moved.values()),
        unreadable=tuple(each for each, done in moved.items() if not done),
        after=rows[-1]["id"] if len(rows) == limit else None,
    )


def rotate_states(connection: Connection, vault: TokenVault) -> None:
    """Seal what open authorisations keep with the first key too; what no key opens has to be begun again."""
    for row in query(connection, "select id, secrets from oauth_states where secrets is not null for no key update"):
        try:
            sealed = vault.seal_text(vault.open(row["secrets"]))
        except UnreadableToken:
            continue
        execute(connection, "update oauth_states set secrets = %s where id = %s", (sealed, row["id"]))


def _move(connection: Connection, vault: TokenVault, table: AccountTable, row: Row) -> bool:
    try:
        tokens = [vault.open(each) if each else None for each in (row["access_token"], row["refresh_token"])]
    except UnreadableToken:
        key = row["encryption_key"] or "unknown"
        log.warning("token.unreadable", provider=row["label"], key=key, **{table.subject: row["id"]})
        return False
    sealed = vault.seal(table.kinds.stored(row["label"]), tokens[0] or "", tokens[1])
    # The same tokens in other words: the version rises, so that this write is not taken for the main web app's.
    execute(
        connection,
        f"""
        update {table.name}
           set access_token = %s, refresh_token = %s, encryption_key = %s, token_version = token_version + 1
         where id = %s
        """,
        (sealed.access_token, sealed.refresh_token, sealed.key, row["id"]),
    )
    return True
