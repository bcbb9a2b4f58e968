"""The real application on a real database; runs are ended by the real executor."""

from collections.abc import Callable, Iterator

import pytest
from flask_openapi.openapi import OpenAPI

from api_min import create_app
from api_min.context import EXTENSION
from tests.factories import runs
from tests.factories.api import ECHO, SECRET, SIGNING_SECRET, WEBHOOK_SECRET, Api
from worker.catalogue.everything import CATALOGUE
from worker.kit.database import Database
from worker.kit.settings import Settings
from worker.kit.tasks import Catalogue
from worker.ledger.synchronise import synchronise_catalogue


@pytest.fixture
def settings(database_url: str, broker_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        broker_url=broker_url,
        nextauth_secret=SECRET,
        resend_webhook_secret=WEBHOOK_SECRET,
        signing_secret=SIGNING_SECRET,
        api_threads=4,
        log_level="ERROR",
    )


@pytest.fixture
def make_app(database: Database) -> Iterator[Callable[[Settings], OpenAPI]]:
    """Makes applications that are closed with the test."""
    made: list[OpenAPI] = []
    catalogue = Catalogue([*CATALOGUE, ECHO])

    def make(settings: Settings) -> OpenAPI:
        made.append(create_app(settings, catalogue))
        return made[-1]

    yield make
    for app in made:
        app.extensions[EXTENSION].close()


@pytest.fixture
def api(make_app: Callable[[Settings], OpenAPI], settings: Settings, database: Database) -> Api:
    """With a service key of every scope."""
    app = make_app(settings)
    with database.transaction() as connection:
        worker = runs.prepare(connection, ECHO.name)
        synchronise_catalogue(connection, [ECHO])
    return Api(app, app.test_client(), database, worker).with_key("tasks:write", "tasks:read", "operations")
