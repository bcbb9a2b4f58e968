"""One migrated database per file, emptied between tests, and the provider's emulator."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from sandbox.postgres import EmbeddedPostgres
from tests.factories.databases import EMPTY
from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform
from worker.kit.database import Database

_numbers = count(1)

# Foreign keys keep still while tables are emptied in any order; ids count from 1 again.
PREPARE = "set session_replication_role = replica"
CHANGES = "delete from adoption_changes"
RENUMBER = "select setval(format('%I.%I', schemaname, sequencename), 1, false) from pg_sequences"


@pytest.fixture(scope="module")
def module_database_url(postgres_server: EmbeddedPostgres, template_database: str) -> Iterator[str]:
    name = f"services_{next(_numbers)}"
    url = postgres_server.create_database(name, template=template_database)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table kept_queues as select * from queues")
    yield url
    postgres_server.drop_database(name)


@pytest.fixture
def database_url(module_database_url: str) -> Iterator[str]:
    """The file's database, without rows."""
    yield module_database_url
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        for statement in (PREPARE, EMPTY, CHANGES, RENUMBER):
            connection.execute(statement)


@pytest.fixture
def platform(database: Database, emulator: ResendEmulator) -> Iterator[Platform]:
    """A worker for every task, whose mail goes to the emulator, and a market to work on."""
    platform = Platform(database, f"{emulator.url}/resend")
    platform.open_market()
    yield platform
    platform.close()
