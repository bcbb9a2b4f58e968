"""`intowork keys generate` and `intowork keys rotate`: what seals the tokens of connected accounts."""

import click
from cryptography.fernet import Fernet

from worker.cli_kit import Refused, settings_or_leave, transaction
from worker.contracts.providers import ACCOUNT_TABLES, AccountTable
from worker.kit.crypto import NoEncryptionKey
from worker.kit.settings import Settings
from worker.services.integrations import rotating
from worker.services.integrations.vault import TokenVault


@click.command()
def generate() -> None:
    """Print a new key for TOKEN_ENCRYPTION_KEYS."""
    click.echo(Fernet.generate_key().decode())


@click.command()
def rotate() -> None:
    """Seal every stored token with the first of TOKEN_ENCRYPTION_KEYS; rows that no key opens are named."""
    settings = settings_or_leave()
    vault = TokenVault(settings)
    moved, unreadable = 0, list[str]()
    for table in ACCOUNT_TABLES:
        count, rows = _rotate(settings, vault, table)
        moved, unreadable = moved + count, [*unreadable, *([f"{table.name} {rows}"] if rows else [])]
    with transaction(settings) as connection:
        rotating.rotate_states(connection, vault)
    click.echo(f"{moved} accounts are sealed with the first key now.")
    if unreadable:
        raise Refused(f"No key opens the tokens of {'; '.join(unreadable)}: their owners have to connect again.")


def _rotate(settings: Settings, vault: TokenVault, table: AccountTable) -> tuple[int, str]:
    """How many rows were moved, and the ids of those that no key opens."""
    moved, unreadable, after = 0, list[int](), 0
    while True:
        try:
            with transaction(settings) as connection:
                page = rotating.rotate(connection, vault, table, after=after)
        except NoEncryptionKey:
            raise Refused("TOKEN_ENCRYPTION_KEYS is not set; `intowork keys generate` makes a key for it.") from None
        moved, unreadable = moved + page.moved, [*unreadable, *page.unreadable]
        if page.after is None:
            return moved, ", ".join(map(str, unreadable))
        after = page.after
