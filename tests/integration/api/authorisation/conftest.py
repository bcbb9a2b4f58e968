"""One application for all routes and callers."""

from collections.abc import Iterator

import pytest

from sandbox.postgres import EmbeddedPostgres
from tests.integration.api.world import World, built


@pytest.fixture(scope="module")
def world(postgres_server: EmbeddedPostgres, template_database: str, emulator_url: str) -> Iterator[World]:
    with built(postgres_server, template_database, emulator_url) as world:
        yield world
