"""Which stored tokens no key opens, looked at a page at a time; nothing is changed."""

from dataclasses import dataclass

from sqlalchemy import Connection

from worker.contracts.providers import CREDENTIALS, AccountTable
from worker.kit.crypto import UnreadableToken
from worker.kit.database import query
from worker.services.integrations.vault import TokenVault

STORED = """
select id, access_token, refresh_token from {table}
 where id > %s and access_token <> '' order by id limit %s
"""


@dataclass(frozen=True, slots=True)
class Page:
    """unreadable: ids of rows. after: the last id of the page; None at the end."""

    rows: int
    unreadable: tuple[int, ...]
    after: int | None


def look(
    connection: Connection, vault: TokenVault, table: AccountTable = CREDENTIALS, *, after: int = 0, limit: int = 500
) -> Page:
    """The next rows with tokens."""
    rows = query(connection, STORED.format(table=table.name), (after, limit))
    unreadable = tuple(row["id"] for row in rows if not _opens(vault, row["access_token"], row["refresh_token"]))
    return Page(len(rows), unreadable, rows[-1]["id"] if len(rows) == limit else None)


def _opens(vault: TokenVault, *stored: str | None) -> bool:
    try:
        for each in stored:
            if each:
                vault.open(each)
    except UnreadableToken:
        return False
    return True
