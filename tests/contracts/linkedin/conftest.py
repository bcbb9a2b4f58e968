"""The real client against the emulator, over HTTP."""

import contextlib
from collections.abc import Callable, Iterator

import pytest

from tests.contracts.consent import CLIENT_ID, CLIENT_SECRET, agreed
from tests.factories.emulators import LinkedInEmulator
from worker.contracts.accounts import CodeAnswer
from worker.kit.http import CallLimits
from worker.providers.linkedin.oauth import LinkedInAccounts

HR = "rh@exemple.cm"
SCOPES = "w_organization_social r_organization_social rw_organization_admin r_basicprofile"

MakeAccounts = Callable[..., LinkedInAccounts]
Agree = Callable[..., CodeAnswer]


@pytest.fixture
def make_accounts(linkedin: LinkedInEmulator) -> Iterator[MakeAccounts]:
    """Make a client; without addresses it talks to the emulator."""
    with contextlib.ExitStack() as stack:

        def make(
            *, client_id: str = CLIENT_ID, token_url: str | None = None, limits: CallLimits | None = None
        ) -> LinkedInAccounts:
            accounts = LinkedInAccounts(
                client_id=client_id,
                client_secret=CLIENT_SECRET,
                token_url=token_url or linkedin.token_url,
                api_url=linkedin.api_url,
                limits=limits,
            )
            stack.callback(accounts.close)
            return accounts

        yield make


@pytest.fixture
def accounts(make_accounts: MakeAccounts) -> LinkedInAccounts:
    return make_accounts()


@pytest.fixture
def agree(linkedin: LinkedInEmulator) -> Agree:
    def agree(scopes: str = SCOPES, *, account: str = HR) -> CodeAnswer:
        return agreed(linkedin, linkedin.auth_url, scopes, account=account)

    return agree
