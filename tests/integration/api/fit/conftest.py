"""The platform on the main web app's own database, in both of its variants, with rows as that app writes them."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from alembic import command

from migrations.config import alembic_config
from sandbox.postgres import EmbeddedPostgres
from tests.factories import main_web_app
from tests.factories.main_web_app import Variant
from tests.integration.api.world import World, opened
from worker.catalogue.alerts import TIDY
from worker.kit.database import libpq_url
from worker.ledger.enqueue import NewRun, enqueue_all

# The main web app's test vector: what it encrypts with this secret.
ENCRYPTION_KEY = "intowork-compat-test-secret-000000000000"
TOKEN = "ya29.access-token-example"
ENCRYPTED = (
    "gAAAAABpVbkAOf4KimMnp4q03mx0hVN11PyqUgElQsgeKX0T13ZcsUYjcMvEPeKXVZzZXTOH70jjiYVts1au5n6Wq9f7Lt8RBNIwApVIlBFCGuw9"
    "-QzuJe4="
)
# What stands for `https://intowork[a-z0-9-]*\\.vercel\\.app`.
PREVIEWS = "https://intowork*.vercel.app"


@pytest.fixture(scope="module", params=["production", "models"])
def world(request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres, emulator_url: str) -> Iterator[World]:
    variant: Variant = request.param
    url = postgres_server.create_database(f"fit_{variant}")
    with psycopg.connect(libpq_url(url)) as connection:
        main_web_app.build(connection, variant)
        main_web_app.populate(connection)
        _connect_accounts(connection)
    command.upgrade(alembic_config(url), "head")
    changes = {
        "encryption_key": ENCRYPTION_KEY,
        "allowed_origins": PREVIEWS,
        "anthropic_api_key": None,
        "interactive_wait": 10.0,
    }
    try:
        with opened(url, emulator_url, **changes) as world:
            _prepare_searches(world)
            yield world
    finally:
        postgres_server.drop_database(f"fit_{variant}")


def _prepare_searches(world: World) -> None:
    """As the clock does."""
    with world.api.database.transaction() as connection:
        enqueue_all(connection, [NewRun(TIDY.name, {})])
    world.work()


def _connect_accounts(connection: psycopg.Connection[Any]) -> None:
    """A recruiter of the other company; LinkedIn's token encrypted, calendars' in clear."""
    user_id = main_web_app.insert_user(connection, "jean.obiang@example.org", "EMPLOYER")
    main_web_app.insert(connection, "employers", user_id=user_id, company_id=2)
    for provider, token in (("LINKEDIN", ENCRYPTED), ("GOOGLE_CALENDAR", TOKEN)):
        connection.execute(
            "update integration_credentials set access_token = %s where provider = %s", [token, provider]
        )
