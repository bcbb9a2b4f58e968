"""The account that posts are made with: its limits, its use, and whether it is switched off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from worker.contracts.accounts import AccessRefused
from worker.contracts.channels import ChannelOff, Network, Published
from worker.contracts.providers import CHANNEL_ACCOUNTS
from worker.kit.database import query
from worker.ledger.handlers import RunContext
from worker.ledger.plans import Limit
from worker.services.integrations import channel_accounts, storing
from worker.services.integrations.tokens import AccessToken, TokenSource
from worker.services.publishing.channels.channel import NetworkRules

OFF = "The channel is switched off until a person switches it on again."


def limits_of(rules: NetworkRules, account_id: int) -> Sequence[Limit]:
    return (
        Limit(rules.provider, rules.application),
        Limit(rules.provider, rules.account, f"account:{account_id}"),
    )


def note_use(connection: Connection, rules: NetworkRules, account_id: int) -> None:
    storing.note_use(connection, account_id, rules.accounts)


def off_reason(connection: Connection, rules: NetworkRules, account_id: int) -> str | None:
    """Why nothing is posted with it; None where something is."""
    if rules.accounts is not CHANNEL_ACCOUNTS:
        return None
    rows = query(
        connection,
        "select coalesce(off_reason, '') as reason from channel_accounts where id = %s and off_since is not null",
        (account_id,),
    )
    return rows[0]["reason"] or OFF if rows else None


@dataclass(frozen=True, slots=True)
class Connected:
    """A network, and a company's account on it."""

    rules: NetworkRules
    network: Network
    source: TokenSource
    account_id: int

    @property
    def limits(self) -> Sequence[Limit]:
        return limits_of(self.rules, self.account_id)

    def switch_off(self, context: RunContext, why: ChannelOff) -> None:
        """Nothing more is sent with the account, and its recruiters are told; only the first reason is kept."""
        if self.rules.accounts is CHANNEL_ACCOUNTS:
            context.transaction(
                lambda connection: channel_accounts.switch_off(
                    connection, self.account_id, str(why), actor=f"run:{context.run.id}"
                )
            )

    def fresh(self) -> AccessToken:
        return self.source.fresh(self.account_id)

    def find(self, token: AccessToken, target: str, link: str, since: datetime) -> Published | None:
        """The newest post on the target that holds the link. Raises as `Network.find`."""
        try:
            return self.network.find(token.value, target, link, since)
        except AccessRefused as error:
            raise self.source.refused(token) from error

    def delete(self, token: AccessToken, target: str, post_id: str, deadline: float) -> None:
        try:
            self.network.withdraw(token.value, target, post_id, deadline=deadline)
        except AccessRefused as error:
            raise self.source.refused(token) from error
