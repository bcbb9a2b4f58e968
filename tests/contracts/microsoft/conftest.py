"""The real MSAL against the emulator, over HTTP."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import msal
import pytest
import requests

from tests.factories.emulators import MicrosoftEmulator

HOST = "https://login.microsoftonline.com"


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
