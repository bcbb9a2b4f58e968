"""A task that uses a connected account, for real workers: a token, and a look at the account's calendar with it."""

import os
import signal
from functools import cache
from pathlib import Path

from worker.kit.http import build_session
from worker.kit.settings import load_settings
from worker.kit.tasks import Payload, TaskDefinition
from worker.ledger.handlers import BoundTask, Outcome, RunContext
from worker.ledger.outcomes import Done
from worker.services.integrations.tokens import TokenSource
from worker.services.integrations.vault import TokenVault
from worker.wiring import Wiring


class UseAccount(Payload):
    """killed: the file that remembers that a child was killed while it asked for a fresh token."""

    credential_id: int
    killed: str = ""


class Killed:
    """The real client, whose first caller dies once the provider has answered and before anything is stored."""

    def __init__(self, accounts: object, marker: str) -> None:
        self._accounts = accounts
        self._marker = Path(marker)

    def __getattr__(self, name: str) -> object:
        return getattr(self._accounts, name)

    def refresh(self, refresh_token: str, scopes: frozenset[str]) -> object:
        tokens = self._accounts.refresh(refresh_token, scopes)  # type: ignore[attr-defined]
        if not self._marker.exists():
            self._marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return tokens


@cache
def wiring() -> Wiring:
    return Wiring(load_settings())


def use_account(context: RunContext, payload: UseAccount) -> Outcome:
    accounts = wiring().accounts("google")
    if payload.killed:
        accounts = Killed(accounts, payload.killed)  # type: ignore[assignment]
    source = TokenSource(context, accounts, TokenVault(wiring().settings))
    token = source.fresh(payload.credential_id)
    address = f"{wiring().settings.google_calendar_endpoint}calendars/primary"
    with build_session() as session:
        answer = session.get(address, headers={"Authorization": f"Bearer {token.value}"})
    if answer.status_code == 401:
        raise source.refused(token)
    answer.raise_for_status()
    return Done({"version": token.version})


USE_ACCOUNT = BoundTask(
    TaskDefinition("test.use_account", UseAccount, "Look at an account's calendar.", timeout=60), use_account
)
