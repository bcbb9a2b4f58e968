"""Where a company may post: the accounts that it connected, and what a network says they may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from models.enums import PostingChannel
from worker.contracts.channels import Target
from worker.contracts.providers import CHANNEL_ACCOUNTS, CREDENTIALS, AccountTable
from worker.kit.database import execute, query
from worker.services.publishing.channels.everything import CHANNELS

PERSONAL = "personal"
PERSON = "urn:li:person:"
MEMBER_SCOPE = "w_member_social"
MOST_KNOWN = 100

# The newest of a company that was not ended; one that lost its grant is found as well: its runs wait for a person.
OF_COMPANY: Mapping[AccountTable, str] = {
    CREDENTIALS: """
        select id, account_id, account_label, coalesce(scopes, '{}') as scopes, coalesce(provider_data, '{}') as data,
               null::timestamptz as off_since, null::text as off_reason
          from integration_credentials
         where company_id = %s and provider::text = %s and coalesce(is_active, true)
         order by coalesce(connected_at, created_at) desc nulls last, id desc limit 1
    """,
    CHANNEL_ACCOUNTS: """
        select id, account_id, account_label, coalesce(scopes, '{}') as scopes, settings as data, off_since, off_reason
          from channel_accounts where company_id = %s and channel = %s and is_active
         order by coalesce(connected_at, created_at) desc, id desc limit 1
    """,
}
REMEMBER: Mapping[AccountTable, str] = {
    CREDENTIALS: """
        update integration_credentials set provider_data = coalesce(provider_data, '{}'::jsonb) || %s where id = %s
    """,
    CHANNEL_ACCOUNTS: "update channel_accounts set settings = settings || %s where id = %s",
}


@dataclass(frozen=True, slots=True)
class Account:
    """A company's account on a channel. data: what is kept beside its tokens; never a secret. off: why nothing is
    posted with it, or None.
    """

    id: int
    account_id: str | None
    label: str
    scopes: frozenset[str]
    data: Mapping[str, Any]
    off: str | None

    @property
    def stored_target(self) -> str | None:
        """What the main web app or a recruiter chose once."""
        value = self.data.get("organization_id")
        return value if isinstance(value, str) and value.strip() else None

    @property
    def known(self) -> Mapping[str, str]:
        """Names of targets by their ids, as the network told them last."""
        told = self.data.get("targets")
        pairs = told.items() if isinstance(told, dict) else ()
        return {key: name for key, name in pairs if isinstance(name, str)}

    @property
    def personal_target(self) -> str | None:
        """The member's own profile, where the grant allows posts there and says who it is."""
        if MEMBER_SCOPE not in self.scopes or not self.account_id:
            return None
        return self.account_id if self.account_id.startswith(PERSON) else f"{PERSON}{self.account_id}"


def account_of(connection: Connection, company_id: int, channel: PostingChannel) -> Account | None:
    """The account that a company's posts on a network are made with; None where it has none."""
    network = CHANNELS[channel].network
    if network is None:
        return None
    rows = query(connection, OF_COMPANY[network.accounts], (company_id, _stored(network.accounts, channel)))
    if not rows:
        return None
    row = rows[0]
    off = (row["off_reason"] or "") if row["off_since"] else None
    data = row["data"] if isinstance(row["data"], dict) else {}
    label = row["account_label"] or ""
    return Account(row["id"], row["account_id"], label, frozenset(row["scopes"]), data, off)


def _stored(table: AccountTable, channel: PostingChannel) -> str:
    """LinkedIn is called the same in the main web app's two enum types."""
    return channel.label if table is CREDENTIALS else table.stored(channel)


def remember(connection: Connection, channel: PostingChannel, account_id: int, found: Sequence[Target]) -> None:
    """Keep what a network told about where an account may post."""
    network = CHANNELS[channel].network
    if network is not None:
        told = {target.id: target.name for target in found[:MOST_KNOWN]}
        execute(connection, REMEMBER[network.accounts], (Jsonb({"targets": told}), account_id))
