"""Through the real server: granian with its threads, sockets and limits."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.factories.api import Api
from worker.kit.settings import Settings

ROOT = Path(__file__).parents[3]


@pytest.fixture
def address(api: Api, settings: Settings) -> Iterator[tuple[str, int]]:
    """The API's own program, as production runs it, with the catalogue of the release."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "api_min", "--host", "127.0.0.1", "--port", str(port)]
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": settings.database_url.plain,
        "BROKER_URL": settings.broker_url.plain,
        "API_THREADS": "4",
        "LOG_LEVEL": "ERROR",
    }
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _await(port)
        yield "127.0.0.1", port
    finally:
        server.terminate()
        server.wait(timeout=20)


def _await(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("granian did not start")


def post(address: tuple[str, int], api: Api, body: bytes, **headers: str) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection(*address, timeout=30)
    try:
        connection.request("POST", "/api/tasks", body, {"Content-Type": "application/json", **api.headers, **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_runs_are_made_over_real_sockets(api: Api, address: tuple[str, int]) -> None:
    body = json.dumps({"task": "upkeep.prune", "payload": {"limit": 7}}).encode()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(address, api, body), range(80)))
    assert {status for status, _ in answers} == {202}
    assert len(api.rows("select id from task_runs")) == 80

    status, made = post(address, api, body, Prefer="wait=1")
    assert (status, made["state"]) == (202, "queued")

    status, problem = post(address, api, b"{")
    assert (status, problem["status"]) == (422, 422)
    status, problem = post(address, api, b'{"task": "' + b"x" * 10_000_000 + b'"}')
    assert (status, problem["status"]) == (413, 413)
    assert len(api.rows("select id from task_runs")) == 81


def test_a_chunked_body_is_read_and_bounded(api: Api, address: tuple[str, int]) -> None:
    connection = http.client.HTTPConnection(*address, timeout=30)
    chunks = [b'{"task": "upkeep.prune", ', b'"payload": {"limit": 3}}']
    headers = {"Content-Type": "application/json", **api.headers}
    connection.request("POST", "/api/tasks", iter(chunks), headers, encode_chunked=True)
    assert connection.getresponse().status == 202
    connection.close()
