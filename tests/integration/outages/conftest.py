"""A Postgres that these tests may stop, cut off and close for writing."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from alembic import command

from migrations.config import alembic_config
from sandbox.postgres import EmbeddedPostgres
from tests.factories.databases import TEMPLATE
from tests.factories.ledger import poll

# What was committed must be there after the server was ended; only the machine's own end is not at stake.
OPTIONS = {"fsync": "off", "full_page_writes": "off"}

_numbers = count(1)


@pytest.fixture(scope="session")
def mortal_server(server_folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(server_folder / "mortal", options=OPTIONS)
    try:
        server.start()
        command.upgrade(alembic_config(server.create_database(TEMPLATE)), "head")
        yield server
    finally:
        server.stop("immediate")


@pytest.fixture
def postgres(mortal_server: EmbeddedPostgres) -> Iterator[EmbeddedPostgres]:
    """Running and writable, before the test and after it."""
    yield mortal_server
    mortal_server.start()
    set_read_only(mortal_server, on=False)


@pytest.fixture
def database_url(postgres: EmbeddedPostgres) -> str:
    """A migrated database of the test's own."""
    return postgres.create_database(f"outage_{next(_numbers)}", template=TEMPLATE)


def set_read_only(server: EmbeddedPostgres, *, on: bool) -> None:
    """As a server does that ran out of disk, or is a replica since a failover: reads go on, writes are refused."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"alter system set default_transaction_read_only = {'on' if on else 'off'}".encode())
        connection.execute("select pg_reload_conf()")
    # A server process that begins with the new value was started after all others had been told of it.
    poll(lambda: _read_only(server) is on)


def _read_only(server: EmbeddedPostgres) -> bool:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        row = connection.execute("show default_transaction_read_only").fetchone()
    return row == ("on",)
