"""Servers for every test that asks for them: one Postgres and one Redis per session, one database per test.

The servers are embedded, guarded by the sandbox's watchdog: they end however the session ends.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import requests
import structlog
from alembic import command
from hypothesis import HealthCheck, settings

from migrations.config import alembic_config
from sandbox.emulators.server import running
from sandbox.postgres import EmbeddedPostgres
from sandbox.redis import EmbeddedRedis
from tests.factories.databases import FAST, TEMPLATE
from tests.factories.emulators import (
    AnthropicEmulator,
    FacebookEmulator,
    GoogleEmulator,
    LinkedInEmulator,
    MicrosoftEmulator,
    MyJobMagEmulator,
    ReceiverEmulator,
    ResendEmulator,
    XEmulator,
)
from tests.factories.folders import data_folder
from tests.means import FULL_SIZE
from worker.kit.database import Database

_numbers = count(1)


def pytest_configure() -> None:
    """How fast examples are made says something of the machine, nothing of the code."""
    settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests at the written size run only under `make test-full`."""
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(FULL_SIZE.mark)


@pytest.fixture(autouse=True)
def plain_logging() -> None:
    """An application that an earlier test made may have set the level of all logging."""
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    with data_folder("tests") as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_server(server_folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(server_folder / "data", options=FAST)
    try:
        server.start()
        yield server
    finally:
        server.stop("immediate")


@pytest.fixture(scope="session")
def template_database(postgres_server: EmbeddedPostgres) -> str:
    """The name of a migrated database without rows."""
    url = postgres_server.create_database(TEMPLATE)
    command.upgrade(alembic_config(url), "head")
    return TEMPLATE


@pytest.fixture
def empty_database_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A database without any table."""
    name = f"empty_{next(_numbers)}"
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)


@pytest.fixture
def database_url(postgres_server: EmbeddedPostgres, template_database: str) -> Iterator[str]:
    """A migrated database of the test's own."""
    name = f"test_{next(_numbers)}"
    yield postgres_server.create_database(name, template=template_database)
    postgres_server.drop_database(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, pool_size=4, name="intowork-tests")
    yield database
    database.close()


@pytest.fixture(scope="session")
def redis_server(server_folder: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(server_folder / "redis")
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def broker_url(redis_server: EmbeddedRedis) -> str:
    """A Redis without keys."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    """Every provider's emulator; what they hold is forgotten by the fixture of any of them."""
    with running() as server:
        yield server.url


@pytest.fixture
def emulator(emulator_url: str) -> Iterator[ResendEmulator]:
    """The mail provider."""
    with requests.Session() as session:
        emulator = ResendEmulator(emulator_url, session)
        emulator.reset()
        yield emulator


@pytest.fixture
def anthropic(emulator_url: str) -> Iterator[AnthropicEmulator]:
    with requests.Session() as session:
        emulator = AnthropicEmulator(emulator_url, session)
        emulator.reset()
        yield emulator


@pytest.fixture
def google(emulator_url: str) -> Iterator[GoogleEmulator]:
    with requests.Session() as session:
        emulator = GoogleEmulator(emulator_url, session)
        emulator.reset()
        yield emulator


@pytest.fixture
def linkedin(emulator_url: str) -> Iterator[LinkedInEmulator]:
    with requests.Session() as session:
        emulator = LinkedInEmulator(emulator_url, session)
        emulator.reset()
        yield emulator


@pytest.fixture
def microsoft(emulator_url: str) -> Iterator[MicrosoftEmulator]:
    with requests.Session() as session:
        emulator = MicrosoftEmulator(emulator_url, session)
        emulator.reset()
        yield emulator


@pytest.fixture
def facebook(emulator_url: str) -> Iterator[FacebookEmulator]:
    with requests.Session() as session:
        emulator = FacebookEmulator(emulator_url, session)
        emulator.reset()
        yield emulator


@pytest.fixture
def x(emulator_url: str) -> Iterator[XEmulator]:
    with requests.Session() as session:
        emulator = XEmulator(emulator_url, session)
        emulator.reset()
        yield emulator


@pytest.fixture
def receiver(emulator_url: str) -> Iterator[ReceiverEmulator]:
    """A partner's program that receives webhooks."""
    with requests.Session() as session:
        emulator = ReceiverEmulator(emulator_url, session)
        emulator.reset()
        yield emulator


@pytest.fixture
def myjobmag(emulator_url: str) -> Iterator[MyJobMagEmulator]:
    with requests.Session() as session:
        emulator = MyJobMagEmulator(emulator_url, session)
        emulator.reset()
        yield emulator
