"""Two servers: the embedded one (18) and Debian's (15 or newer); one database per test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, get_args

import psycopg
import pytest
from alembic import command
from psycopg.rows import dict_row

from migrations.config import alembic_config
from sandbox.postgres import EmbeddedPostgres
from tests.factories import main_web_app
from tests.factories.folders import data_folder
from tests.integration.debian import with_database
from worker.kit.database import libpq_url

Connection = psycopg.Connection[dict[str, Any]]


@dataclass(frozen=True)
class Site:
    """One database and what may be done with it."""

    url: str

    def connect(self) -> Connection:
        return psycopg.connect(libpq_url(self.url), autocommit=True, row_factory=dict_row)

    def rows(self, statement: str, *parameters: Any) -> list[dict[str, Any]]:
        with self.connect() as connection:
            return connection.execute(statement.encode(), parameters).fetchall()

    def run(self, statement: str) -> None:
        with self.connect() as connection:
            connection.execute(statement.encode())

    def upgrade(self, revision: str = "head", **attributes: Any) -> None:
        config = alembic_config(self.url)
        config.attributes.update(attributes)
        command.upgrade(config, revision)

    def downgrade(self, revision: str = "base") -> None:
        command.downgrade(alembic_config(self.url), revision)


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[str]:
    with data_folder("embedded") as folder:
        server = EmbeddedPostgres(folder / "data", options={"fsync": "off", "max_prepared_transactions": "2"})
        try:
            yield server.start()
        finally:
            server.stop()


@pytest.fixture(scope="session", params=["embedded", "debian"])
def server(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_server")
    return url


@pytest.fixture
def site(server: str, request: pytest.FixtureRequest) -> Iterator[Site]:
    """An empty database."""
    yield from new_site(server, "site")


@pytest.fixture
def embedded_site(embedded_server: str) -> Iterator[Site]:
    """An empty database on the embedded server, where the version makes no difference."""
    yield from new_site(embedded_server, "embedded_site")


def new_site(server: str, name: str) -> Iterator[Site]:
    with psycopg.connect(libpq_url(server), autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
        try:
            yield Site(with_database(server, name))
        finally:
            connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture(params=get_args(main_web_app.Variant))
def variant(request: pytest.FixtureRequest) -> main_web_app.Variant:
    chosen: main_web_app.Variant = request.param
    return chosen


@pytest.fixture
def adopt(site: Site) -> Callable[[main_web_app.Variant], None]:
    """Build a variant with rows in the empty database, and upgrade it."""

    def build_and_upgrade(variant: main_web_app.Variant) -> None:
        build(site, variant)
        site.upgrade()

    return build_and_upgrade


def build(site: Site, variant: main_web_app.Variant) -> None:
    with site.connect() as connection:
        main_web_app.build(connection, variant)
        main_web_app.populate(connection)
