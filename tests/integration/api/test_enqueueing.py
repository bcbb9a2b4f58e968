"""The three ways to ask for work, as docs/enqueueing.md shows them: every block is carried out."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import requests

from api_min import create_app
from api_min.documents import openapi_document
from sandbox.postgres import EmbeddedPostgres
from sandbox.redis import EmbeddedRedis
from tests.factories.ledger import poll
from tests.factories.processes import Processes, environment
from worker.catalogue.everything import CATALOGUE
from worker.kit.database import Database
from worker.kit.settings import Settings
from worker.ledger.keys import create_key
from worker.ledger.synchronise import synchronise_catalogue

PAGE = (Path(__file__).parents[3] / "docs" / "enqueueing.md").read_text("utf-8")
TASK, PAYLOAD = "alerts.rerun", {"alert_id": 7}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Site:
    """A server, a worker, and what a program has to know of them."""

    database_url: str
    environment: dict[str, str]

    def run(self, *command: str) -> str:
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def runs(self) -> dict[UUID, dict[str, Any]]:
        with psycopg.connect(self.database_url) as connection:
            rows = connection.execute("select id, payload from task_runs where task = %s", (TASK,)).fetchall()
        return dict(rows)


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: EmbeddedPostgres,
    template_database: str,
    redis_server: EmbeddedRedis,
) -> Iterator[Site]:
    url = postgres_server.create_database("enqueueing", template=template_database)
    redis_server.flush()
    database = Database(url, pool_size=1, name="intowork-tests")
    with database.transaction() as connection:
        synchronise_catalogue(connection, CATALOGUE)
        _, secret = create_key(connection, "main web app", ["tasks:write", "tasks:read"])
    database.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = environment(url, redis_server.url)
    address = f"http://127.0.0.1:{port}"
    processes = Processes(tmp_path_factory.mktemp("enqueueing"), variables)
    try:
        processes.start("api", "api_min", "--host", "127.0.0.1", "--port", str(port))
        processes.start(
            "worker", "celery", "--quiet", "-A", "worker", "worker", "--concurrency", "1", "--without-gossip"
        )
        poll(lambda: is_up(address), seconds=60)
        yield Site(url, {**variables, "PATH": os.environ["PATH"], "PLATFORM_URL": address, "SERVICE_KEY": secret})
    except BaseException:
        sys.stderr.write(processes.logs())
        raise
    finally:
        processes.stop()
        postgres_server.drop_database("enqueueing")


def is_up(address: str) -> bool | None:
    try:
        return requests.get(f"{address}/healthz", timeout=1).ok or None
    except requests.ConnectionError:
        return None


def test_every_block_of_the_page_makes_its_run(site: Site) -> None:
    before = len(site.runs())
    [curl] = blocks("sh")
    made = [json.loads(site.run("bash", "-c", curl))["id"]]
    for statement in blocks("sql"):
        with psycopg.connect(site.database_url, autocommit=True) as connection:
            connection.execute(statement.encode())
    assert len(site.runs()) == before + 2
    by_http, by_sql, by_celery = (site.run(sys.executable, "-c", block).split() for block in blocks("python"))
    assert by_http[0] == by_http[1], "one key, one run"
    made += [by_http[0], *by_sql]
    runs = poll(lambda: found if len(found := site.runs()) == before + 5 else None, seconds=60)
    assert len(by_celery) == 1
    assert runs is not None
    assert {UUID(each) for each in made} < runs.keys()
    assert all(payload == PAYLOAD for payload in runs.values())


def test_the_page_shows_the_examples_of_the_document(site: Site) -> None:
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:1/nothing", redis_url="memory://")
    shapes = openapi_document(create_app(settings))["components"]["schemas"]
    examples = [shapes[name]["examples"][0] for name in ("NewTask", "MadeRun")]
    assert [json.loads(block) for block in blocks("json")] == examples
    wanted, shown = examples
    headers = {"Authorization": f"Bearer {site.environment['SERVICE_KEY']}"}
    url = f"{site.environment['PLATFORM_URL']}/api/tasks"
    answer = requests.post(url, json=wanted, headers=headers, timeout=10)
    assert (answer.status_code, answer.json().keys()) == (202, shown.keys())
    changing = {"id", "run_at"}
    same = {name: value for name, value in answer.json().items() if name not in changing}
    assert same == {name: value for name, value in shown.items() if name not in changing}
