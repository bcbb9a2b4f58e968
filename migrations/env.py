"""How migrations meet the database.

The address is, in this order: `config.attributes["url"]`, `-x url=…`, the settings. The version table is our
own: the main web app's Alembic owns `alembic_version`. A migration of our own tables is one transaction that waits
for a table at most `config.attributes["lock_timeout"]` (a Postgres interval, 10 s); one that touches a shared table
goes in steps (`migrations/steps.py`).
"""

import pkgutil
import time
from importlib import import_module
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

import models
from migrations.steps import STEPS_TABLE
from models.base import is_ours, metadata
from worker.kit.locks import Lock
from worker.kit.settings import load_settings

TAKE_LOCK = f"select pg_try_advisory_lock({Lock.MIGRATING})"
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


def wait_for_other_migrators(connection: Connection) -> None:
    """The second then finds nothing left to do. It asks again and again, because a statement that waits would keep an
    old snapshot, and the first would wait for that when it makes an index.
    """
    while not connection.execute(text(TAKE_LOCK)).scalar():
        connection.commit()
        time.sleep(0.2)


def migrate(connection: Connection) -> None:
    wait_for_other_migrators(connection)
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
        "on_version_apply": forget_steps,
    }
    context.configure(**options)
    with context.begin_transaction():
        context.run_migrations()
    if not context.get_context().get_current_heads():
        connection.execute(text(f"drop table if exists {VERSION_TABLE}"))
        connection.commit()


def forget_steps(ctx: MigrationContext, **_rest: Any) -> None:
    """In the transaction that notes the migration as done."""
    if ctx.connection is not None:
        ctx.connection.execute(text(f"drop table if exists {STEPS_TABLE}"))


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
