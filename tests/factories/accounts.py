"""Accounts that are connected as people do it, without a browser: the emulated provider decides for them."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from cryptography.fernet import Fernet
from sqlalchemy import Connection

from sandbox.apps import app_settings
from tasks import bound_tasks
from tests.factories.emulators import AccountEmulator
from worker.catalogue.integrations import OneAccount
from worker.contracts.accounts import AccountProvider, CodeAnswer
from worker.contracts.providers import AUTHORISED, AuthorisedProvider
from worker.kit.http import build_session
from worker.kit.settings import Settings
from worker.kit.tasks import TaskDefinition
from worker.ledger.handlers import BoundTask, Outcome, RunContext
from worker.ledger.outcomes import Done
from worker.services.integrations import authorising, credentials, storing
from worker.services.integrations.authorising import registration
from worker.services.integrations.states import Begun
from worker.services.integrations.storing import Owner
from worker.services.integrations.tokens import TokenSource
from worker.services.integrations.vault import TokenVault
from worker.wiring import Wiring

KEY = Fernet.generate_key().decode()
OWNER = Owner(company_id=1, user_id=1)


def emulated(emulators: str) -> dict[str, str]:
    """The settings of every provider of accounts at the emulators, by variable."""
    return app_settings(emulators, KEY)


def settings_at(emulators: str, database_url: str = "postgresql://nowhere/none", **changes: object) -> Settings:
    given = {name.lower(): value for name, value in emulated(emulators).items()}
    return Settings(**{"database_url": database_url, **given, **changes})  # type: ignore[arg-type]


def connect(
    do: Callable[[Callable[[Connection], int | None]], int | None],
    settings: Settings,
    provider: AuthorisedProvider,
    emulator: AccountEmulator,
    accounts: AccountProvider,
    account: str = "rh@exemple.cm",
    owner: Owner = OWNER,
) -> int:
    """Connect an account with everything granted; the credential's id. do: runs a function in a transaction."""
    ours = registration(settings, provider)
    assert ours is not None
    begun = Begun("state-of-a-test", "verifier-" * 8, "nonce-of-a-test")
    location = emulator.authorize(authorising.consent_address(provider, ours, begun, known_account=None), account)
    assert location is not None
    parameters = dict(parse_qsl(urlsplit(location).query))
    answer = CodeAnswer(
        code=parameters["code"],
        redirect_uri=ours.redirect_uri,
        scopes=ours.scopes,
        state=begun.state,
        verifier=begun.verifier if provider.pkce else None,
        nonce=begun.nonce if provider.nonce else None,
        parameters=parameters,
    )
    grant = accounts.exchange(answer)
    made = do(lambda connection: storing.store_grant(connection, TokenVault(settings), provider, grant, owner))
    assert made is not None
    return made


class Use(OneAccount):
    """An account of either table."""


def tasks_of(wiring: Wiring) -> list[BoundTask]:
    """Every task of the platform, and one that uses an account: it asks who the account is."""

    def use(context: RunContext, payload: Use) -> Outcome:
        known = context.transaction(lambda connection: credentials.named(connection, payload))
        assert known is not None
        name = AUTHORISED[known.provider].name
        source = TokenSource(context, wiring.accounts(name), TokenVault(wiring.settings), known.table)
        token = source.fresh(known.id)
        if name == "google":
            address = f"{wiring.settings.google_calendar_endpoint}calendars/primary"
            with build_session() as session:
                answer = session.get(address, headers={"Authorization": f"Bearer {token.value}"})
            if answer.status_code == 401:
                raise source.refused(token)
        return Done({"version": token.version})

    return [*bound_tasks(wiring), BoundTask(USE, use)]


USE = TaskDefinition("test.use", Use, "Use an account.")
