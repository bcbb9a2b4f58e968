"""The embedded servers: quick restarts on the same port, nothing lost that was promised, nothing left behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from sandbox.postgres import EmbeddedPostgres, is_server
from sandbox.processes import answers, wait_until
from sandbox.redis import ONCE, EmbeddedRedis


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="intowork-servers-", dir="/var/tmp"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def postgres(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder / "data")
    server.start()
    yield server
    server.stop("immediate")


@pytest.fixture(params=[True, False], ids=["append-only", "memory"])
def redis_server(folder: Path, request: pytest.FixtureRequest) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(folder, append_only=request.param)
    server.start()
    yield server
    server.stop()


def scalar(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
        return row[0] if row else None


def test_committed_rows_survive_kill_and_restart_on_the_same_port(postgres: EmbeddedPostgres) -> None:
    url = postgres.url()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table notes (text text)")
        connection.execute("insert into notes values ('kept')")
        postgres.kill()
        assert postgres.start() == url
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    assert scalar(postgres.restart("immediate"), "select text from notes") == "kept"
    assert scalar(postgres.restart("fast"), "select text from notes") == "kept"


def test_a_second_object_uses_the_same_data_and_ends_a_leftover_server(postgres: EmbeddedPostgres) -> None:
    first = postgres.pid
    postgres.create_database("kept")
    second = EmbeddedPostgres(postgres.data)
    try:
        second.start()
        assert first is not None
        assert postgres.pid is None
        assert scalar(second.url(), "select count(*) from pg_database where datname = 'kept'") == 1
    finally:
        second.stop("immediate")


def test_a_stranger_needs_the_password(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{postgres.port}/postgres", connect_timeout=2)


def test_accents_fold_the_same_on_every_machine(postgres: EmbeddedPostgres) -> None:
    assert scalar(postgres.url(), "select lower('ÉCOLE')") == "école"


def test_a_wanted_port_that_is_taken_moves_up(postgres: EmbeddedPostgres, folder: Path) -> None:
    second = EmbeddedPostgres(folder / "second", port=postgres.port)
    try:
        second.start()
        assert second.port != postgres.port
    finally:
        second.stop("immediate")


def test_redis_restarts_empty_on_the_same_port(redis_server: EmbeddedRedis) -> None:
    url = redis_server.url
    with redis.Redis.from_url(url) as client:
        client.set("key", "value")
    assert redis_server.restart(empty=True) == url
    with redis.Redis.from_url(url) as client:
        assert client.get("key") is None


def test_redis_keeps_its_keys_only_when_it_appends(folder: Path) -> None:
    server = EmbeddedRedis(folder, append_only=True)
    server.start()
    try:
        with redis.Redis.from_url(server.url) as client:
            client.set("key", "value")
        server.stop()
        with redis.Redis.from_url(server.start()) as client:
            assert client.get("key") == b"value"
    finally:
        server.kill()


def test_redis_refuses_a_stranger(redis_server: EmbeddedRedis) -> None:
    with redis.Redis(port=redis_server.port, retry=ONCE) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


OWNER = """
import sys, time
from pathlib import Path
from sandbox.postgres import EmbeddedPostgres
from sandbox.redis import EmbeddedRedis
postgres, redis = EmbeddedPostgres(Path(sys.argv[1], "data")), EmbeddedRedis(Path(sys.argv[1], "redis"))
postgres.start(); redis.start()
print(postgres.pid, postgres.port, redis.port, flush=True)
time.sleep(600)
"""


def test_servers_end_with_a_killed_owner(folder: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert owner.stdout
    with owner.stdout:
        pid, *ports = (int(word) for word in owner.stdout.readline().split())
    assert all(answers(port) for port in ports)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    assert wait_until(lambda: not any(answers(port) for port in ports) and not is_server(pid), seconds=10)
