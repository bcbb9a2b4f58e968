"""The real client against the emulator, over HTTP."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.factories.emulators import AnthropicEmulator
from worker.contracts.drafting import Writer
from worker.providers.anthropic.client import AnthropicClient

MODEL = "claude-sonnet-4-6"


MakeWriter = Callable[..., Writer]


@pytest.fixture
def make_writer(anthropic: AnthropicEmulator) -> Iterator[MakeWriter]:
    """Make a client; without a url it talks to the emulator."""
    with contextlib.ExitStack() as stack:

        def make(url: str | None = None, *, api_key: str = "sk-ant-test", model: str = MODEL, **more: Any) -> Writer:
            client = AnthropicClient(api_key=api_key, url=url or f"{anthropic.url}/anthropic", model=model, **more)
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def writer(make_writer: MakeWriter) -> Writer:
    return make_writer()
