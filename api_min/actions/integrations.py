"""Connecting accounts: where consent begins, what its answer means, what is connected, and its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection

from api_min.actions.once import Repeatable, Work, write_once
from api_min.actions.profiles import employer
from api_min.actions.runs import AskedRun, enqueue_run, follow
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import ApiError
from api_min.limits import check_limit
from models.enums import ConnectionState
from worker.catalogue.integrations import EXCHANGE_CODE, ExchangeCode
from worker.catalogue.notifications import NOTIFY, Notify
from worker.contracts.providers import CHANNEL_ACCOUNTS, AuthorisedProvider, ProviderKind, provider_called
from worker.kit.crypto import UnreadableToken
from worker.ledger.enqueue import NewRun, enqueue
from worker.services.integrations import authorising, channel_accounts, credentials, disconnecting, states, status
from worker.services.integrations.authorising import Registration, needs_approval, registration
from worker.services.integrations.states import NewState, Refusal, State, StateRefused
from worker.services.integrations.status import ConnectionView
from worker.services.integrations.vault import TokenVault

BEGINNINGS = "30 per minute"
ANSWERS = "60 per minute"

Answer = (
    Literal["connected", "approved", "pending", "needs_approval", "denied", "refused", "no_code", "failed"] | Refusal
)


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Where the browser goes, with the `state` that comes back."""

    address: str
    state: str
    provider: AuthorisedProvider


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a flow. code: of the error of a run or of a provider, for `failed` and `refused`; sentence: what
    it says. return_to: where the flow began.
    """

    answer: Answer
    return_to: str
    code: str = ""
    sentence: str = ""


def provider_of(name: str) -> AuthorisedProvider:
    """A provider by any of its names. Raises ApiError 400."""
    try:
        return provider_called(name)
    except ValueError as error:
        raise ApiError(400, str(error)) from None


def list_connections(caller: Caller) -> Mapping[ProviderKind, ConnectionView]:
    """What the caller's company has connected. Raises ApiError 404."""
    with context().database.transaction() as connection:
        company_id = employer(connection, caller).readable_company
        return status.views(connection, context().settings, company_id, caller.user_id or 0)


def begin(
    caller: Caller, provider: AuthorisedProvider, *, session: str | None = None, return_to: str | None = None
) -> Authorisation:
    """Begin a flow. session: of the page that it begins on; without one it is bound by its state alone.

    Raises ApiError 400 without a company, 404, 429, and 503 when the provider is not configured.
    """
    check_limit(BEGINNINGS, "connections", caller.name)
    ours = _configured(provider)
    with context().database.transaction() as connection:
        company_id = employer(connection, caller).company
        lost = _lost_account(connection, company_id, caller.user_id or 0, provider)
        new = NewState(
            provider,
            company_id,
            caller.user_id or 0,
            return_to or _dashboard(),
            ours.redirect_uri,
            ours.scopes,
            session=session,
            account_id=lost[0] if lost else None,
        )
        begun = states.begin(connection, _vault(), new)
    address = authorising.consent_address(provider, ours, begun, known_account=lost[1] if lost else None)
    return Authorisation(address, begun.state, provider)


def _configured(provider: AuthorisedProvider) -> Registration:
    ours = registration(context().settings, provider)
    if ours is None:
        raise ApiError(
            503,
            f"{provider.title} is not configured: set {provider.id_setting.upper()}, {provider.secret_setting.upper()} "
            "and TOKEN_ENCRYPTION_KEYS, then restart.",
            code="provider.configuration",
        )
    return ours


def _lost_account(
    connection: Connection, company_id: int, user_id: int, provider: AuthorisedProvider
) -> tuple[str | None, str] | None:
    """Id and label of the account that waits to be connected again."""
    known = credentials.best(connection, company_id, user_id, provider.kind)
    if known is not None and not provider.per_company and known.user_id != user_id:
        return None
    if known is None or known.state is not ConnectionState.NEEDS_RECONNECT or not known.account_label:
        return None
    return known.account_id, known.account_label


def finish(
    provider: AuthorisedProvider, parameters: Mapping[str, str], session: str | None, address: str | None
) -> Finished:
    """What came back from a consent page, or from an administrator. Raises ApiError 429 only."""
    check_limit(ANSWERS, "connections", f"address:{address}")
    with context().database.transaction() as connection:
        try:
            state = states.take(connection, provider, parameters.get("state", ""))
        except StateRefused as refused:
            return Finished(refused.why, refused.return_to or _dashboard())
        settled = _settle(connection, state, parameters, session)
        run_id = None if settled else _exchange(connection, state)
    if settled or run_id is None:
        return settled or Finished("pending", state.return_to)
    context().announcer.announce()
    return _became(follow(run_id), state.return_to)


def _settle(
    connection: Connection, state: State, parameters: Mapping[str, str], session: str | None
) -> Finished | None:
    """What can be said without the provider; None when there is a code to exchange, which is kept then."""
    if state.purpose == "approve":
        return _approved(connection, state, parameters)
    if not state.begun_in(session):
        return Finished("other_browser", state.return_to)
    error, description = parameters.get("error", ""), parameters.get("error_description", "")
    if error:
        return _refused(connection, state, error, description)
    if not parameters.get("code"):
        return Finished("no_code", state.return_to)
    try:
        states.keep_code(connection, _vault(), state, parameters)
    except UnreadableToken:
        return Finished("expired", state.return_to)
    return None


def _refused(connection: Connection, state: State, error: str, description: str) -> Finished:
    if needs_approval(state.provider, error, description):
        _ask_for_approval(connection, state)
        return Finished("needs_approval", state.return_to)
    denied = error in ("access_denied", "user_cancelled_login", "user_cancelled_authorize")
    return Finished("denied" if denied else "refused", state.return_to, code=error[:60])


def _ask_for_approval(connection: Connection, state: State) -> None:
    """A state for the administrator's answer: it lives for days and grants nothing by itself."""
    approval = NewState(
        state.provider,
        state.company_id,
        state.user_id,
        state.return_to,
        state.redirect_uri,
        state.scopes,
        purpose="approve",
    )
    states.begin(connection, _vault(), approval)


def _approved(connection: Connection, state: State, parameters: Mapping[str, str]) -> Finished:
    """An administrator's answer comes from a browser that nobody knows; the recruiter is told, and connects himself."""
    if parameters.get("admin_consent", "").lower() != "true" or parameters.get("error"):
        return Finished("denied", state.return_to)
    told = Notify(kind="access_approved", provider=state.provider.kind.value, user_ids=[state.user_id])
    enqueue(connection, NOTIFY, told, company_id=state.company_id)
    return Finished("approved", state.return_to)


def _exchange(connection: Connection, state: State) -> UUID:
    """The run that exchanges the code, in the transaction that uses the state up."""
    run = NewRun(EXCHANGE_CODE.name, ExchangeCode(state_id=state.id).model_dump(), company_id=state.company_id)
    beginner = Caller("user", str(state.user_id), user_id=state.user_id)
    return enqueue_run(connection, beginner, run).id


def _became(asked: AskedRun, return_to: str) -> Finished:
    if not asked.ended:
        return Finished("pending", return_to)
    if asked.run.state != "succeeded":
        error = asked.run.error or {}
        return Finished("failed", return_to, error.get("code", ""), error.get("message", ""))
    result = asked.run.result or {}
    if not result.get("connected"):
        return Finished("failed", return_to, "account.access_missing", result.get("reason") or "")
    return Finished("connected", return_to)


def disconnect(caller: Caller, provider: AuthorisedProvider, request: Repeatable[int]) -> int:
    """End the caller's connection, or the company's where it is shared; how many ended. Raises ApiError 404, 429."""

    def prepare() -> Work[int]:
        check_limit(BEGINNINGS, "connections", caller.name)
        with context().database.transaction() as connection:
            company_id = employer(connection, caller).readable_company
        return lambda connection: disconnecting.disconnect(
            connection, provider, company_id, caller.user_id or 0, caller.name
        )

    return write_once(caller, request, prepare)


def switch_on(caller: Caller, provider: AuthorisedProvider, request: Repeatable[int]) -> int:
    """Let the company's accounts at a provider post again; how many may that might not. Raises ApiError 400 for a
    provider where nothing is switched off, 404, 429.
    """
    if provider.table is not CHANNEL_ACCOUNTS:
        raise ApiError(400, f"Nothing is ever switched off at {provider.title}.")

    def prepare() -> Work[int]:
        check_limit(BEGINNINGS, "connections", caller.name)
        with context().database.transaction() as connection:
            company_id = employer(connection, caller).company
        return lambda connection: _switch_on(connection, caller, provider, company_id)

    return write_once(caller, request, prepare)


def _switch_on(connection: Connection, caller: Caller, provider: AuthorisedProvider, company_id: int) -> int:
    known = credentials.of_company(connection, company_id, caller.user_id or 0, provider.table)
    ours = [each.id for each in known if each.provider is provider.kind]
    return sum(channel_accounts.switch_on(connection, each, actor=caller.name) for each in ours)


def _vault() -> TokenVault:
    return TokenVault(context().settings)


def _dashboard() -> str:
    return f"{context().settings.frontend_url.rstrip('/')}/dashboard/integrations"
