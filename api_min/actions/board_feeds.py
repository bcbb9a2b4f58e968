"""A company's feeds for job boards: their addresses, which only its recruiters are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from api_min.actions.once import Repeatable, Work, write_once
from api_min.actions.profiles import Employer, employer
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import ApiError
from api_min.limits import check_limit
from models.enums import ConnectionState, IntegrationProvider
from worker.kit.crypto import UnreadableToken
from worker.services.integrations import board_feeds, reasons
from worker.services.integrations.board_feeds import BOARDS
from worker.services.integrations.vault import TokenVault
from worker.services.publishing.boards.layouts import LAYOUTS

CHANGES = "20 per hour"
NO_KEY = "There are no feeds for job boards: set TOKEN_ENCRYPTION_KEYS, then restart."


@dataclass(frozen=True, slots=True)
class FeedView:
    """addresses: by layout; empty where there is no feed, and where nobody can read its address any more, as `reason`
    says (a French text of the catalogue). connected_at: since when it has its address.
    """

    state: ConnectionState
    addresses: Mapping[str, str] = field(default_factory=dict, repr=False)
    connected_at: datetime | None = None
    last_used_at: datetime | None = None
    reason: str = ""


NO_FEED = FeedView(ConnectionState.DISCONNECTED)


def find_board(name: str) -> IntegrationProvider | None:
    """A board by any of its names; None for anything else."""
    try:
        found = IntegrationProvider.parse(name)
    except ValueError:
        return None
    return found if found in BOARDS else None


def board_of(name: str) -> IntegrationProvider:
    """A board by any of its names. Raises ApiError 400."""
    board = find_board(name)
    if board is None:
        raise ApiError(400, f"There is no feed for {name[:40]!r}; feeds are made for {', '.join(BOARDS)}.")
    return board


def find(caller: Caller, board: IntegrationProvider) -> FeedView:
    """Raises ApiError 404 without a profile."""
    vault = TokenVault(context().settings)
    with context().database.transaction() as connection:
        company_id = employer(connection, caller).readable_company
        try:
            feed = board_feeds.find(connection, vault, company_id, board)
        except UnreadableToken:
            return FeedView(ConnectionState.NEEDS_RECONNECT, reason=reasons.UNREADABLE)
    if feed is None:
        return NO_FEED
    root = f"{context().settings.platform_url.rstrip('/')}/feeds/{feed.token}"
    addresses = {name: f"{root}/{name}.xml" for name in LAYOUTS}
    return FeedView(ConnectionState.CONNECTED, addresses, feed.connected_at, feed.last_used_at)


def renew(caller: Caller, board: IntegrationProvider, request: Repeatable[None]) -> None:
    """Give the feed an address; the one before ends. Raises ApiError 400 without a company, 404, 409, 429 and 503."""
    vault = TokenVault(context().settings)
    if not vault.can_seal(board):
        raise ApiError(503, NO_KEY, code="provider.configuration")

    def work(connection: Connection, who: Employer) -> None:
        board_feeds.renew(connection, vault, who.company, who.user_id, board, caller.name)

    _change(caller, request, work)


def withdraw(caller: Caller, board: IntegrationProvider, request: Repeatable[None]) -> None:
    """End the feed, also when there is none. Raises ApiError 404, 409 and 429."""

    def work(connection: Connection, who: Employer) -> None:
        board_feeds.withdraw(connection, who.readable_company, board, caller.name)

    _change(caller, request, work)


def _change(caller: Caller, request: Repeatable[None], work: Callable[[Connection, Employer], None]) -> None:
    def prepare() -> Work[None]:
        check_limit(CHANGES, "board feeds", caller.name)
        return lambda connection: work(connection, employer(connection, caller))

    write_once(caller, request, prepare)
