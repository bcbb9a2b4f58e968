"""The real clients against the emulator, over HTTP."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from tests.factories.emulators import AnthropicEmulator
from worker.contracts.drafting import Writer
from worker.contracts.scoring import Judge, JudgeRequest
from worker.providers.anthropic.api import AnthropicApi
from worker.providers.anthropic.client import AnthropicClient
from worker.providers.anthropic.judge import AnthropicJudge

MODEL = "claude-sonnet-4-6"
REQUEST = JudgeRequest(
    candidate={"title": "Développeur", "skills": [{"name": "Python"}], "cv": "Trois ans de Python chez Ogooué Data."},
    offer={"title": "Développeur", "profil_competences": "Python, Kubernetes"},
    locale="fr",
)

Client = TypeVar("Client", bound=AnthropicApi)
MakeWriter = Callable[..., Writer]
MakeJudge = Callable[..., Judge]


@pytest.fixture
def make(anthropic: AnthropicEmulator) -> Iterator[Callable[..., Any]]:
    """Make a client of the class; without a url it talks to the emulator."""
    with contextlib.ExitStack() as stack:

        def make(
            kind: type[Client], url: str | None = None, *, api_key: str = "sk-ant-test", model: str = MODEL, **more: Any
        ) -> Client:
            client = kind(api_key=api_key, url=url or f"{anthropic.url}/anthropic", model=model, **more)
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def make_writer(make: Callable[..., Any]) -> MakeWriter:
    return lambda *values, **more: make(AnthropicClient, *values, **more)


@pytest.fixture
def writer(make_writer: MakeWriter) -> Writer:
    return make_writer()


@pytest.fixture
def make_judge(make: Callable[..., Any]) -> MakeJudge:
    return lambda *values, **more: make(AnthropicJudge, *values, **more)


@pytest.fixture
def judge(make_judge: MakeJudge) -> Judge:
    return make_judge()
