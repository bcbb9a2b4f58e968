"""One migrated database per file, emptied between tests: one for each test would cost most of the time.

Rows go by `delete`: truncating fifty empty tables costs a file each.
"""

from collections.abc import Iterator
from itertools import count
from uuid import UUID

import psycopg
import pytest
from alembic import command

from migrations.config import alembic_config
from sandbox.postgres import EmbeddedPostgres
from tests.factories.databases import EMPTY
from tests.factories.ledger import SEND, prepare, write
from tests.factories.sample_effects import create_sample_table
from tests.integration.debian import with_database
from worker.kit.database import Database, libpq_url

_numbers = count(1)


@pytest.fixture(scope="session")
def embedded_template(postgres_server: EmbeddedPostgres, template_database: str) -> tuple[str, str]:
    """The server's address and the name of a migrated database on it."""
    return postgres_server.url(), template_database


@pytest.fixture(scope="session")
def debian_template(debian_server: str) -> tuple[str, str]:
    with psycopg.connect(libpq_url(debian_server), autocommit=True) as connection:
        connection.execute("create database platform_template")
    command.upgrade(alembic_config(with_database(debian_server, "platform_template")), "head")
    return debian_server, "platform_template"


@pytest.fixture(scope="module", params=["embedded", "debian"])
def module_database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """On the embedded Postgres and on Debian's: the ledger's statements must do with the older one."""
    server, template = request.getfixturevalue(f"{request.param}_template")
    name = f"ledger_{next(_numbers)}"
    with psycopg.connect(libpq_url(server), autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}".encode())
        url = with_database(server, name)
        with psycopg.connect(libpq_url(url), autocommit=True) as inside:
            inside.execute("create table kept_queues as select * from queues")
        yield url
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def database_url(module_database_url: str) -> Iterator[str]:
    """The file's database, without rows."""
    yield module_database_url
    with psycopg.connect(libpq_url(module_database_url), autocommit=True) as connection:
        connection.execute(EMPTY)


@pytest.fixture
def worker(database: Database) -> UUID:
    """A live worker that knows SEND, and row 1 for the sample effects to act for."""
    create_sample_table(database)
    return prepare(database, SEND)


@pytest.fixture
def run_id(database: Database, worker: UUID) -> UUID:
    """A queued run of SEND."""
    [run_id] = write(database, task=SEND)
    return run_id
