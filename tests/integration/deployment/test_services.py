"""Every service of docker-compose.yml starts with its exact command, passes its health check and ends in time."""

import socket
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from celeryconfig import KEY_PREFIX, TICK_SECONDS
from sandbox.postgres import EmbeddedPostgres, installed_programs
from sandbox.processes import LOOPBACK, free_port, wait_until
from sandbox.programs import descendants
from sandbox.redis import EmbeddedRedis, installed_program
from tests.integration.deployment.containers import PASSWORD, Container, filled, status
from tests.integration.deployment.files import services
from tests.means import REDIS_CLI

LASTING = ("api", "worker", "dispatcher", "beat", "flower")
START_SECONDS = 60.0
# Far less than the grace periods: an idle process has nothing to finish.
STOP_SECONDS = 15.0
START_STOP_SECONDS = 6.0


@pytest.fixture(scope="module")
def ports() -> Mapping[str, int]:
    return {"api": free_port(), "flower": free_port()}


@pytest.fixture(scope="module")
def containers(
    postgres_server: EmbeddedPostgres,
    template_database: str,
    redis_server: EmbeddedRedis,
    ports: Mapping[str, int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mapping[str, Container]]:
    """The lasting services."""
    folder = tmp_path_factory.mktemp("deployment")
    redis_server.flush()
    database_url = postgres_server.create_database("deployment", template=template_database)
    moved = {"8000": str(ports["api"]), "5555": str(ports["flower"]), "/tmp": str(folder)}
    compose = services(filled(database_url, redis_server.url))
    apart = services(filled(database_url, f"{redis_server.url.rpartition('/')[0]}/2"))
    compose["beat"] = apart["beat"]
    containers = {name: Container(name, compose[name], moved, folder) for name in LASTING}
    try:
        yield containers
    finally:
        for each in containers.values():
            each.remove()
        postgres_server.drop_database("deployment")


@pytest.fixture
def platform(containers: Mapping[str, Container]) -> Mapping[str, Container]:
    """The lasting services, all of them started: whatever the tests before have ended is started again."""
    for each in containers.values():
        if each.process is None or each.process.poll() is not None:
            each.start()
    return containers


@pytest.mark.parametrize("name", LASTING)
def test_becomes_healthy(platform: Mapping[str, Container], name: str) -> None:
    container = platform[name]
    assert container.becomes_healthy(START_SECONDS), container.log.read_text()


def test_flower_asks_for_a_password_and_changes_nothing(
    platform: Mapping[str, Container], ports: Mapping[str, int]
) -> None:
    assert platform["flower"].becomes_healthy(START_SECONDS)
    known = {"Authorization": f"Basic {b64encode(PASSWORD.encode()).decode()}"}
    shutdown = f"/api/worker/shutdown/celery@{socket.gethostname()}"
    assert status(ports["flower"], "GET", "/workers") == 401
    assert status(ports["flower"], "GET", "/workers", known) == 200
    assert status(ports["flower"], "POST", shutdown, known) == 403


def test_the_api_finds_everything_it_needs(platform: Mapping[str, Container], ports: Mapping[str, int]) -> None:
    assert platform["api"].becomes_healthy(START_SECONDS)
    assert wait_until(lambda: status(ports["api"], "GET", "/readyz") == 200, seconds=10)


def test_beat_publishes_its_tick(platform: Mapping[str, Container]) -> None:
    """Being alive is not enough; on its own broker nobody takes the message away."""
    beat = platform["beat"]
    with redis.Redis.from_url(beat.environment["BROKER_URL"]) as client:
        arrived = wait_until(lambda: client.llen(f"{KEY_PREFIX}upkeep") >= 1, seconds=TICK_SECONDS * 2)
    assert arrived, beat.log.read_text()


@pytest.mark.parametrize("name", LASTING)
def test_ends_well_within_its_grace_period(platform: Mapping[str, Container], name: str) -> None:
    container = platform[name]
    assert container.becomes_healthy(START_SECONDS)
    code, seconds = container.stop()
    assert code == 0, container.log.read_text()
    assert seconds < STOP_SECONDS


def test_nothing_is_healthy_that_does_not_run(platform: Mapping[str, Container]) -> None:
    for each in platform.values():
        each.remove()
    with ThreadPoolExecutor() as pool:
        assert not any(pool.map(Container.is_healthy, platform.values()))


@pytest.mark.parametrize("moment", ["at once", "while it loads", "while its process loads"])
def test_the_api_ends_at_once_while_it_starts(moment: str, database_url: str, broker_url: str, tmp_path: Path) -> None:
    service = services(filled(database_url, broker_url))["api"]
    container = Container("api", service, {"8000": str(free_port())}, tmp_path)
    try:
        container.start()
        pid = container.process.pid if container.process else 0
        if moment == "while it loads":
            time.sleep(0.5)
        elif moment == "while its process loads":
            assert wait_until(lambda: bool(descendants(pid)), seconds=START_SECONDS)
        _, seconds = container.stop()
        assert seconds < START_STOP_SECONDS
        assert descendants(pid) == []
    finally:
        container.remove()


def test_migrations_run_once_and_again(empty_database_url: str, broker_url: str, tmp_path: Path) -> None:
    service = services(filled(empty_database_url, broker_url))["migrate"]
    for _ in range(2):
        container = Container("migrate", service, {}, tmp_path)
        container.start()
        assert container.wait(START_SECONDS) == 0, container.log.read_text()
    with psycopg.connect(empty_database_url) as connection:
        row = connection.execute("select count(*) from task_catalogue").fetchone()
    assert row is not None
    assert row[0] > 0


def test_redis_starts_with_its_arguments(tmp_path: Path) -> None:
    """The embedded server under the name that it has in the image; it may be Valkey."""
    REDIS_CLI.require()
    port = free_port()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "redis-server").symlink_to(installed_program())
    service = {"environment": {}, **services(filled("", ""))["redis"]}
    container = Container("redis", service, {"6379": str(port)}, tmp_path, [tmp_path / "bin"])
    assert not container.is_healthy()
    try:
        container.start("--port", str(port), "--bind", LOOPBACK, "--dir", str(tmp_path))
        assert container.becomes_healthy(START_SECONDS), container.log.read_text()
        with redis.Redis(LOOPBACK, port) as client:
            assert client.config_get("append*")["appendonly"] == "yes"
            assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert client.config_get("save") == {"save": ""}
        code, _ = container.stop()
        assert code == 0, container.log.read_text()
    finally:
        container.remove()


def test_postgres_accepts_its_settings(server_folder: Path, tmp_path: Path) -> None:
    """The server of the tests runs as an account of its own, so its settings are handed to that one."""
    service = services(filled("", ""))["postgres"]
    words = service["command"]
    assert words[:2] == ["postgres", "-c"]
    settings = dict(word.split("=", 1) for word in words[2::2])
    assert words[1::2] == ["-c"] * len(settings)
    port = free_port()
    server = EmbeddedPostgres(server_folder / "deployment", port=port, options=settings)
    container = Container("postgres", service, {"5432": str(port)}, tmp_path, [installed_programs()])
    assert not container.is_healthy()
    try:
        server.start()
        assert container.is_healthy()
        with psycopg.connect(server.url()) as connection:
            shown = {name: connection.execute(f"show {name}".encode()).fetchone() for name in settings}
        assert shown == {name: (value,) for name, value in settings.items()}
    finally:
        server.stop("immediate")
