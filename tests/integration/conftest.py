"""Servers that several kinds of integration tests share."""

from collections.abc import Iterator

import pytest

from tests.integration.debian import run_debian_server


@pytest.fixture(scope="session")
def debian_server() -> Iterator[str]:
    yield from run_debian_server()
