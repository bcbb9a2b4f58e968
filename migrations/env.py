"""How migrations meet the database.

The address is, in this order: `config.attributes["url"]`, `-x url=…`, the settings. The version table is our
own: the main web app's Alembic owns `alembic_version`. Each migration is one transaction that waits for a
table at most `config.attributes["lock_timeout"]` (a Postgres interval, 10 s).
"""

import pkgutil
from importlib import import_module
from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

import models
from models.base import is_ours, metadata
from worker.kit.settings import load_settings

MIGRATION_LOCK = 4_938_217_650_113
DEFAULT_LOCK_TIMEOUT = "10s"
VERSION_TABLE = "platform_alembic_version"


def database_url() -> str:
    url = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True).get("url")
    return str(url or load_settings().direct_url.plain)


def lock_timeout() -> str:
    return str(context.config.attributes.get("lock_timeout", DEFAULT_LOCK_TIMEOUT))


def load_models() -> None:
    for module in pkgutil.iter_modules(models.__path__):
        import_module(f"models.{module.name}")


def migrate(connection: Connection) -> None:
    # One migrator at a time: the second waits here and then finds nothing left to do.
    connection.execute(text("set lock_timeout = 0"))
    connection.execute(text("select pg_advisory_lock(:number)"), {"number": MIGRATION_LOCK})
    connection.execute(text("select set_config('lock_timeout', :limit, false)"), {"limit": lock_timeout()})
    connection.commit()
    options: dict[str, Any] = {
        "connection": connection,
        "target_metadata": metadata,
        "version_table": VERSION_TABLE,
        "transaction_per_migration": True,
        "include_object": is_ours,
        "compare_type": True,
        "compare_server_default": True,
    }
    context.configure(**options)
    with context.begin_transaction():
        context.run_migrations()
    if not context.get_context().get_current_heads():
        connection.execute(text(f"drop table if exists {VERSION_TABLE}"))
        connection.commit()


def run() -> None:
    if context.is_offline_mode():
        raise RuntimeError("Migrations look at the database to decide what to adopt: run them without --sql.")
    load_models()
    url = make_url(database_url()).set(drivername="postgresql+psycopg")
    engine = create_engine(
        url, poolclass=NullPool, connect_args={"options": "-c timezone=UTC", "target_session_attrs": "read-write"}
    )
    try:
        with engine.connect() as connection:
            migrate(connection)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != "55P03":
            raise
        raise RuntimeError(
            f"A migration waited {lock_timeout()} for a table that another transaction holds and gave up; "
            "finished migrations stay, this one left nothing behind. Run the command again."
        ) from error
    finally:
        engine.dispose()


run()
