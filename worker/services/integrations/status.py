"""What a company's connections are good for, as people are told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from models.enums import ConnectionState
from worker.contracts.providers import (
    ACCOUNT_TABLES,
    AUTHORISED,
    CHANNEL_ACCOUNTS,
    FREE_BUSY,
    GOOGLE,
    AuthorisedProvider,
    ProviderKind,
)
from worker.kit.crypto import UnreadableToken
from worker.kit.logging import get_logger
from worker.kit.settings import Settings
from worker.services.integrations import channel_accounts, credentials, reasons, states
from worker.services.integrations.authorising import approval_address, registration
from worker.services.integrations.board_feeds import BOARDS
from worker.services.integrations.credentials import Credential
from worker.services.integrations.states import State
from worker.services.integrations.vault import TokenVault

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """credential: None where nothing was ever connected. reason: why it is of no use, or not of all, as a text of
    `reasons` with `title` to be filled in; empty else. approval_url: for an administrator, who has to agree first.
    off_since: since when nothing is posted, until a person switches it on again.
    """

    provider: ProviderKind
    state: ConnectionState
    credential: Credential | None
    reason: str = ""
    approval_url: str | None = None
    off_since: datetime | None = None

    @property
    def is_connected(self) -> bool:
        return self.state is ConnectionState.CONNECTED

    @property
    def title(self) -> str:
        known = AUTHORISED.get(self.provider)
        return known.title if known else self.provider.value


def views(
    connection: Connection, settings: Settings, company_id: int, user_id: int
) -> Mapping[ProviderKind, ConnectionView]:
    """Every provider at which accounts are connected, every job board, and whatever else the company's rows name. One
    that cannot be read is told of, and the others are shown.
    """
    vault = TokenVault(settings)
    best: dict[ProviderKind, Credential] = {}
    for table in ACCOUNT_TABLES:
        for each in credentials.of_company(connection, company_id, user_id, table):
            best.setdefault(each.provider, each)
    approvals = {each.provider.kind: each for each in reversed(states.open_approvals(connection, company_id, user_id))}
    return {
        kind: _mind_off(connection, _view(settings, vault, kind, best.get(kind), approvals.get(kind)))
        for kind in dict.fromkeys([*AUTHORISED, *BOARDS, *best])
    }


def _mind_off(connection: Connection, view: ConnectionView) -> ConnectionView:
    known = view.credential
    if known is None or known.table is not CHANNEL_ACCOUNTS or not view.is_connected:
        return view
    since = channel_accounts.off_since(connection, known.id)
    return replace(view, off_since=since, reason=reasons.OFF) if since else view


def _view(
    settings: Settings,
    vault: TokenVault,
    kind: ProviderKind,
    known: Credential | None,
    approval: State | None,
) -> ConnectionView:
    state = known.state if known else ConnectionState.DISCONNECTED
    if known is not None and known.works and not _readable(vault, known):
        state = ConnectionState.NEEDS_RECONNECT
        return ConnectionView(kind, state, known, reasons.UNREADABLE)
    provider = AUTHORISED.get(kind)
    url = _approval_url(settings, vault, provider, approval) if approval and state is not _CONNECTED else None
    return ConnectionView(kind, state, known, _reason(settings, provider, known, state, url), url)


_CONNECTED = ConnectionState.CONNECTED


def _reason(
    settings: Settings,
    provider: AuthorisedProvider | None,
    known: Credential | None,
    state: ConnectionState,
    approval_url: str | None,
) -> str:
    if state is _CONNECTED:
        return reasons.NO_FREE_BUSY if known and _lacks_free_busy(known) else ""
    if approval_url:
        return reasons.APPROVAL
    if known is not None and known.last_error:
        return reasons.as_text(known.last_error, provider)
    if provider is not None and registration(settings, provider) is None:
        return reasons.NOT_CONFIGURED
    return ""


def _lacks_free_busy(known: Credential) -> bool:
    """Rows of the main web app name no scopes: it asks for the whole calendar."""
    return known.provider is GOOGLE.kind and bool(known.scopes) and not known.scopes & FREE_BUSY


def _readable(vault: TokenVault, known: Credential) -> bool:
    try:
        vault.open(known.access_token)
    except UnreadableToken as error:
        key = known.encryption_key or "unknown"
        kind = type(error).__name__
        row = {known.table.subject: known.id}
        log.warning("token.unreadable", provider=known.provider.value, key=key, error=kind, **row)
        return False
    return True


def _approval_url(
    settings: Settings, vault: TokenVault, provider: AuthorisedProvider | None, approval: State
) -> str | None:
    ours = registration(settings, provider) if provider else None
    if ours is None:
        return None
    try:
        return approval_address(settings, ours, approval.hidden(vault)["state"])
    except UnreadableToken:
        return None
