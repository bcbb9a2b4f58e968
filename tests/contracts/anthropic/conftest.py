"""The real client against the emulator, over HTTP."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from sandbox.emulators.server import running
from worker.contracts.drafting import Writer
from worker.providers.anthropic.client import AnthropicClient

MODEL = "claude-sonnet-4-6"


@dataclass(frozen=True)
class Emulator:
    """The emulator's own API."""

    url: str
    session: requests.Session

    def faults(self, **switches: Any) -> None:
        self.session.put(f"{self.url}/_emulator/anthropic/faults", json=switches).raise_for_status()

    def reset(self) -> None:
        self.session.post(f"{self.url}/_emulator/reset").raise_for_status()

    def asked(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("anthropic/requests")["requests"]
        return found

    def journal(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self._get("journal?provider=anthropic")["entries"]
        return entries

    def _get(self, path: str) -> Any:
        response = self.session.get(f"{self.url}/_emulator/{path}")
        response.raise_for_status()
        return response.json()


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    with running() as server:
        yield server.url


@pytest.fixture
def emulator(emulator_url: str) -> Iterator[Emulator]:
    with requests.Session() as session:
        emulator = Emulator(emulator_url, session)
        emulator.reset()
        yield emulator


MakeWriter = Callable[..., Writer]


@pytest.fixture
def make_writer(emulator: Emulator) -> Iterator[MakeWriter]:
    """Make a client; without a url it talks to the emulator."""
    with contextlib.ExitStack() as stack:

        def make(url: str | None = None, *, api_key: str = "sk-ant-test", model: str = MODEL, **more: Any) -> Writer:
            client = AnthropicClient(api_key=api_key, url=url or f"{emulator.url}/anthropic", model=model, **more)
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def writer(make_writer: MakeWriter) -> Writer:
    return make_writer()
