"""Offers on job boards that have no API: exported in a feed, fetched by the board, published when a person says where.

A posting's way: exported (it stands in the feed), awaiting_partner (a feed that contained it was fetched), published (a
person gave the board's address of it). It leaves the feed with its offer, whatever its state.
"""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import Connection

from models.enums import IntegrationProvider, PostingChannel
from worker.kit.database import execute, query
from worker.ledger.audit import audit
from worker.services.integrations import board_feeds
from worker.services.integrations.board_feeds import BOARDS
from worker.services.publishing.careers.structured_data import web_address

CHANNELS = {PostingChannel.parse(board): board for board in BOARDS}
# A company's own partner may have an offer and not say where.
CONFIRMED = (*CHANNELS, PostingChannel.CUSTOM)
LONGEST_ADDRESS = 2_000
NO_ADDRESS = (
    "external_url: give the address of the offer's page on the board, beginning with https:// or http://, of at most "
    f"{LONGEST_ADDRESS} characters."
)
NOT_LISTED = "This posting waits for nobody's confirmation."


class ConfirmationRefused(Exception):
    """why: `address` where the address is none, `state` where the posting waits for none; the message says it."""

    def __init__(self, why: Literal["address", "state"], sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


def board_of(channel: PostingChannel) -> IntegrationProvider | None:
    """The board that a channel means; None for a channel that is none."""
    return CHANNELS.get(channel)


def has_feed(connection: Connection, company_id: int, channel: PostingChannel) -> bool:
    """Whether the company has a living feed for the board that the channel means."""
    board = board_of(channel)
    return board is not None and board_feeds.credential_of(connection, company_id, board) is not None


def note_fetched(connection: Connection, postings: Sequence[int]) -> int:
    """A feed that contained these was fetched; how many changed by it."""
    return execute(
        connection,
        """
        update job_postings set state = 'awaiting_partner', updated_at = now()
         where id = any(%s) and state = 'exported'
        """,
        (list(postings),),
    )


def confirm(connection: Connection, posting_id: int, external_url: str, by: str) -> None:
    """A person has seen the offer on the board, or at the company's partner, at this address. by: as `audit` names
    actors.

    A second confirmation corrects the address. Raises ConfirmationRefused.
    """
    address = web_address(external_url)
    if address is None or len(address) > LONGEST_ADDRESS:
        raise ConfirmationRefused("address", NO_ADDRESS)
    changed = query(
        connection,
        """
        update job_postings
           set state = 'published', external_url = %s, is_active = true, posted_at = coalesce(posted_at, now()),
               updated_at = now()
         where id = %s and channel::text = any(%s) and state in ('exported', 'awaiting_partner', 'published')
        returning id
        """,
        (address, posting_id, [channel.label for channel in CONFIRMED]),
    )
    if not changed:
        raise ConfirmationRefused("state", NOT_LISTED)
    audit(connection, by, "posting.confirm", f"posting:{posting_id}")
