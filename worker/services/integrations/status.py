"""What a company's connections are good for, as people are told."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from models.enums import ConnectionState, IntegrationProvider
from worker.contracts.providers import AUTHORISED, FREE_BUSY, AuthorisedProvider
from worker.kit.crypto import UnreadableToken
from worker.kit.logging import get_logger
from worker.kit.settings import Settings
from worker.services.integrations import credentials, losing, states
from worker.services.integrations.authorising import approval_address, registration
from worker.services.integrations.credentials import Credential
from worker.services.integrations.states import State
from worker.services.integrations.vault import TokenVault

NO_FREE_BUSY = "Free/busy was not granted: nobody can say when people are free. Connect the account again to grant it."
APPROVAL = "An administrator of your organisation must approve the access. Hand on the link, then connect again."
NOT_CONFIGURED = "This platform has no app at {title} yet: its client id and secret are not set."

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """credential: None where nothing was ever connected. reason: why it is of no use, or not of all; empty else.
    approval_url: for an administrator, who has to agree first.
    """

    provider: IntegrationProvider
    state: ConnectionState
    credential: Credential | None
    reason: str = ""
    approval_url: str | None = None

    @property
    def is_connected(self) -> bool:
        return self.state is ConnectionState.CONNECTED


def views(
    connection: Connection, settings: Settings, company_id: int, user_id: int
) -> Mapping[IntegrationProvider, ConnectionView]:
    """Every provider at which accounts are connected, and whatever else the company's rows name. One that cannot be
    read is told of, and the others are shown.
    """
    vault = TokenVault(settings)
    best: dict[IntegrationProvider, Credential] = {}
    for each in credentials.of_company(connection, company_id, user_id):
        best.setdefault(each.provider, each)
    approvals = {each.provider.kind: each for each in reversed(states.open_approvals(connection, company_id, user_id))}
    return {
        kind: _view(settings, vault, kind, best.get(kind), approvals.get(kind))
        for kind in dict.fromkeys([*AUTHORISED, *best])
    }


def _view(
    settings: Settings,
    vault: TokenVault,
    kind: IntegrationProvider,
    known: Credential | None,
    approval: State | None,
) -> ConnectionView:
    state = known.state if known else ConnectionState.DISCONNECTED
    if known is not None and known.works and not _readable(vault, known):
        state = ConnectionState.NEEDS_RECONNECT
        return ConnectionView(kind, state, known, losing.UNREADABLE)
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
        return NO_FREE_BUSY if known and _lacks_free_busy(known) else ""
    if approval_url:
        return APPROVAL
    if known is not None and known.last_error:
        return known.last_error
    if provider is not None and registration(settings, provider) is None:
        return NOT_CONFIGURED.format(title=provider.title)
    return ""


def _lacks_free_busy(known: Credential) -> bool:
    """Rows of the main web app name no scopes: it asks for the whole calendar."""
    google = known.provider is IntegrationProvider.GOOGLE_CALENDAR
    return google and bool(known.scopes) and not known.scopes & FREE_BUSY


def _readable(vault: TokenVault, known: Credential) -> bool:
    try:
        vault.open(known.access_token)
    except UnreadableToken as error:
        key = known.encryption_key or "unknown"
        kind = type(error).__name__
        log.warning("token.unreadable", provider=known.provider.value, credential=known.id, key=key, error=kind)
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
