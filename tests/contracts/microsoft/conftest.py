"""The real MSAL and the real clients against the emulator, over HTTP."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import msal
import pytest
import requests

from tests.contracts.microsoft.support import HOST, Recruiter, agreed
from tests.factories.emulators import MicrosoftEmulator
from worker.contracts.accounts import AccountProvider
from worker.contracts.calendars import CalendarProvider
from worker.providers.microsoft.client import OutlookCalendar
from worker.providers.microsoft.oauth import MicrosoftAccounts


class RewritingClient:
    """What MSAL calls with: it refuses http, so that the host is exchanged below it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()

    def get(self, url: str, **arguments: Any) -> requests.Response:
        return self._session.get(self._there(url), timeout=5, **arguments)

    def post(self, url: str, **arguments: Any) -> requests.Response:
        return self._session.post(self._there(url), timeout=5, **arguments)

    def close(self) -> None:
        self._session.close()

    def _there(self, url: str) -> str:
        assert url.startswith(f"{HOST}/"), url
        return self._url + url.removeprefix(HOST)


MakeApplication = Callable[[], msal.ConfidentialClientApplication]


@pytest.fixture
def make_application(microsoft: MicrosoftEmulator) -> Iterator[MakeApplication]:
    """A fresh one each time: within one, refusals are remembered for a minute."""
    with contextlib.ExitStack() as stack:

        def make() -> msal.ConfidentialClientApplication:
            client = RewritingClient(microsoft.identity_url)
            stack.callback(client.close)
            return msal.ConfidentialClientApplication(
                "app",
                client_credential="secret",
                authority=f"{HOST}/common",
                http_client=client,
                instance_discovery=False,
            )

        yield make


MakeAccounts = Callable[..., AccountProvider]
MakeCalendar = Callable[..., CalendarProvider]
Connect = Callable[..., Recruiter]


@pytest.fixture
def make_accounts(microsoft: MicrosoftEmulator) -> Iterator[MakeAccounts]:
    """Make a client; without addresses it talks to the emulator."""
    with contextlib.ExitStack() as stack:

        def make(**changes: Any) -> AccountProvider:
            given = {
                "client_id": "app",
                "client_secret": "secret",
                "tenant": "common",
                "authority": microsoft.identity_url,
                "graph_url": microsoft.graph_url,
                "scopes": "User.Read Calendars.ReadWrite offline_access",
            }
            client = MicrosoftAccounts(**{**given, **changes})
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def accounts(make_accounts: MakeAccounts) -> AccountProvider:
    return make_accounts()


@pytest.fixture
def make_calendar(microsoft: MicrosoftEmulator) -> Iterator[MakeCalendar]:
    with contextlib.ExitStack() as stack:

        def make(url: str | None = None, **more: Any) -> CalendarProvider:
            client = OutlookCalendar(url=url or microsoft.graph_url, **{"pauses": (0.0, 0.0, 0.0), **more})
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def connect(microsoft: MicrosoftEmulator, accounts: AccountProvider, make_calendar: MakeCalendar) -> Connect:
    """An account of the emulator (work, personal, …) is connected."""

    def connected(account: str = "work", calendar: CalendarProvider | None = None) -> Recruiter:
        grant = accounts.exchange(agreed(microsoft, account))
        return Recruiter(calendar or make_calendar(), grant.tokens.access_token)

    return connected


@pytest.fixture
def recruiter(connect: Connect) -> Recruiter:
    return connect()
