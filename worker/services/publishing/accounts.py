"""The account that posts are made with: its limits, its use, and whether it is switched off."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from worker.contracts.accounts import AccessRefused
from worker.contracts.channels import Network as Client
from worker.kit.database import execute, query
from worker.ledger.plans import Limit
from worker.services.integrations.tokens import AccessToken, TokenSource
from worker.services.publishing.channels.channel import Network

OFF = "The channel is switched off until a person switches it on again."


def limits_of(rules: Network, account_id: int) -> Sequence[Limit]:
    return (
        Limit(rules.provider, rules.application),
        Limit(rules.provider, rules.account, f"account:{account_id}"),
    )


def note_use(connection: Connection, rules: Network, account_id: int) -> None:
    execute(connection, f"update {rules.accounts} set last_used_at = now() where id = %s", (account_id,))


def off_reason(connection: Connection, rules: Network, account_id: int) -> str | None:
    """Why nothing is posted with it; None where something is."""
    if rules.accounts != "channel_accounts":
        return None
    rows = query(
        connection,
        "select coalesce(off_reason, '') as reason from channel_accounts where id = %s and off_since is not null",
        (account_id,),
    )
    return rows[0]["reason"] if rows else None


def switch_off(connection: Connection, rules: Network, account_id: int, reason: str) -> None:
    """Nothing more is sent with it; only the first reason is kept."""
    if rules.accounts == "channel_accounts":
        execute(
            connection,
            """
            update channel_accounts set off_since = now(), off_reason = left(%s, 500), updated_at = now()
             where id = %s and off_since is null
            """,
            (reason, account_id),
        )


@dataclass(frozen=True, slots=True)
class Connected:
    """A network, and a company's account on it."""

    rules: Network
    network: Client
    source: TokenSource
    account_id: int

    @property
    def limits(self) -> Sequence[Limit]:
        return limits_of(self.rules, self.account_id)

    def fresh(self) -> AccessToken:
        return self.source.fresh(self.account_id)

    def delete(self, token: AccessToken, target: str, post_id: str, deadline: float) -> None:
        try:
            self.network.withdraw(token.value, target, post_id, deadline=deadline)
        except AccessRefused as error:
            raise self.source.refused(token) from error
