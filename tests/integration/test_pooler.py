"""PgBouncer in transaction mode between the platform and Postgres."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from sandbox.processes import LOOPBACK, WATCHDOG, end, free_port
from tests.factories import runs
from tests.factories.ledger import poll, prepare, transact, write
from tests.means import PGBOUNCER
from worker.kit.database import Database, raw

CLIENTS = 4
ROUNDS = 20
CONFIGURATION = """[databases]
{name} = host={host} port={port} user={user} password={password}
[pgbouncer]
listen_addr = {loopback}
listen_port = {own_port}
auth_type = any
pool_mode = transaction
default_pool_size = 3
ignore_startup_parameters = options
unix_socket_dir =
"""


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=1).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture
def pooled(database_url: str) -> Iterator[Database]:
    """The same database through a pooler with fewer server connections than it has clients."""
    PGBOUNCER.require()
    program = str(PGBOUNCER.found())
    url = make_url(database_url)
    port = free_port()
    with tempfile.NamedTemporaryFile("w", dir="/var/tmp", suffix=".ini") as file:
        values = {"host": url.host, "port": url.port, "user": url.username, "password": url.password or ""}
        file.write(CONFIGURATION.format(name=url.database, loopback=LOOPBACK, own_port=port, **values))
        file.flush()
        Path(file.name).chmod(0o644)
        as_nobody = ["-u", "nobody"] if os.getuid() == 0 else []
        process = subprocess.Popen([program, "-q", *as_nobody, file.name], start_new_session=True)
        WATCHDOG.guard(process.pid)
        through = f"postgresql://{url.username}@{LOOPBACK}:{port}/{url.database}"
        poll(lambda: answers(through))
        database = Database(through, pool_size=CLIENTS)
        yield database
        database.close()
        end(process, [(signal.SIGINT, 5.0)], group=False)


def test_runs_are_written_and_claimed_through_a_pooler(database: Database, pooled: Database) -> None:
    worker = prepare(database)

    def client(_number: int) -> int:
        return sum(len(runs.start(pooled, worker, write(pooled, 2))) for _ in range(ROUNDS))

    with ThreadPoolExecutor(CLIENTS) as clients:
        assert sum(clients.map(client, range(CLIENTS))) == CLIENTS * ROUNDS * 2


def test_statements_are_prepared_without_a_pooler_only(database: Database, pooled: Database) -> None:
    assert transact(pooled, lambda connection: raw(connection).prepare_threshold) is None
    assert transact(database, lambda connection: raw(connection).prepare_threshold) == 5
