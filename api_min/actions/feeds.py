"""What job boards read at a feed's address, without a login."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import Connection

from api_min.context import context
from api_min.errors import ApiError
from api_min.limits import check_limit
from models.enums import PostingChannel
from worker.kit.crypto import UnreadableToken
from worker.kit.database import Database, transaction_with_retry
from worker.kit.logging import get_logger
from worker.services.integrations import board_feeds
from worker.services.integrations.board_feeds import BoardFeed
from worker.services.integrations.vault import TokenVault
from worker.services.publishing.boards import offers
from worker.services.publishing.boards import postings as boards
from worker.services.publishing.boards.layouts import LAYOUTS, Feed, Layout
from worker.services.publishing.boards.offers import Board, Contents

# Boards look every quarter of an hour at the most often.
LOOKS = "60 per hour"
GUESSES = "60 per minute"
# Offers that are read, written and sent at a time.
PAGE = 200
# Seconds that a feed under way waits for a database that is away.
PATIENCE = 10.0
UNREADABLE = "The key that opens this feed's address is not set here; come back later."

T = TypeVar("T")
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """A living feed. version: changes within a moment of whatever changes the feed."""

    version: str
    _database: Database
    _credential_id: int
    _board: Board
    _layout: Layout
    _platform_url: str
    _contents: Contents

    def document(self) -> Iterator[str]:
        """The feed in pieces, each read in a transaction of its own: a slow reader holds none open."""
        company = self._read(partial(offers.company, company_id=self._board.company_id))
        feed = Feed(company, self._platform_url, datetime.now(UTC))
        yield self._layout.head(feed)
        postings = self._contents.postings
        for start in range(0, len(postings), PAGE):
            page = partial(offers.offers, board=self._board, postings=postings[start : start + PAGE])
            yield "".join(self._layout.write(feed, offer) for offer in self._read(page))
        yield self._layout.tail

    def note_fetched(self) -> None:
        """The board has what the feed contains now: a write for all offers together, and only where some are new. The
        feed has been sent by then, and is whole whatever becomes of this.
        """
        try:
            with self._database.transaction() as connection:
                board_feeds.note_fetched(connection, self._credential_id)
                if self._contents.unfetched:
                    boards.note_fetched(connection, self._contents.unfetched)
        except Exception as error:  # noqa: BLE001 - the feed is whole, and the next fetch tells the same
            log.warning("feed.fetch_not_noted", credential=self._credential_id, error=type(error).__name__)

    def _read(self, work: Callable[[Connection], T]) -> T:
        return transaction_with_retry(self._database, work, seconds=PATIENCE)


def read(token: str, layout_name: str, address: str | None) -> Reading | None:
    """The feed at an address; None when it is none, or none any more. Counted per feed, and by the network address of
    those who guess. Raises ApiError 429, and 503 where this process lacks the key that sealed the token.
    """
    layout = LAYOUTS.get(layout_name)
    feed = _feed(token) if layout else None
    if layout is None or feed is None:
        check_limit(GUESSES, "board feeds", f"guess:{address}")
        return None
    check_limit(LOOKS, "board feeds", f"feed:{feed.id}:{layout.name}")
    board = Board(feed.company_id, PostingChannel.parse(feed.provider))
    with context().database.transaction() as connection:
        contents = offers.contents(connection, board)
    platform_url = context().settings.platform_url
    named = f"{layout.name} {layout.version} {platform_url} {contents.version}"
    version = sha256(named.encode()).hexdigest()[:32]
    return Reading(version, context().database, feed.id, board, layout, platform_url, contents)


def _feed(token: str) -> BoardFeed | None:
    vault = TokenVault(context().settings)
    try:
        with context().database.transaction() as connection:
            return board_feeds.read(connection, vault, token)
    except UnreadableToken:
        log.warning("feed.unreadable")
        raise ApiError(503, UNREADABLE, headers={"Retry-After": "3600"}) from None
