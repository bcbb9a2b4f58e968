"""The committed proxy before the real API: who is slow or silent holds nobody up."""

import http.client
import os
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sandbox.postgres import EmbeddedPostgres
from sandbox.processes import LOOPBACK, free_port, wait_until
from sandbox.redis import EmbeddedRedis
from tests.integration.deployment.containers import Container, filled, status
from tests.integration.deployment.files import ROOT, services
from tests.means import NGINX

PROGRAM = str(NGINX.found())
IDLE = 600
DRIPPING = 50
ASKED = 15
SECONDS = 0.1

pytestmark = NGINX.mark


def configuration(folder: Path, port: int, api_port: int) -> str:
    """nginx.conf with this machine's ports and folders."""
    text = (ROOT / "nginx.conf").read_text()
    moved = {
        "listen 8080": f"listen {LOOPBACK}:{port}",
        "server api:8000": f"server {LOOPBACK}:{api_port}",
        "/tmp/": f"{folder}/",
        "/etc/nginx/tls/": f"{folder}/tls/",
    }
    for committed, here in moved.items():
        assert committed in text
        text = text.replace(committed, here)
    return text


@pytest.fixture(scope="module")
def ports() -> tuple[int, int]:
    """The proxy's and the API's."""
    return free_port(), free_port()


@pytest.fixture(scope="module")
def proxy(ports: tuple[int, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    folder = tmp_path_factory.mktemp("proxy")
    own = folder / "nginx.conf"
    own.write_text(configuration(folder, *ports))
    daemon = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    moved = {"/etc/nginx/intowork.conf": str(own), "daemon off;": daemon}
    container = Container("proxy", services(filled("", ""))["proxy"], moved, folder, [Path(PROGRAM).parent])
    try:
        container.start()
        assert wait_until(lambda: _is_open(ports[0]), seconds=30), container.log.read_text()
        yield container
    finally:
        container.remove()


@pytest.fixture(scope="module")
def api(
    ports: tuple[int, int],
    postgres_server: EmbeddedPostgres,
    template_database: str,
    redis_server: EmbeddedRedis,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Container]:
    url = postgres_server.create_database("proxied", template=template_database)
    service = services(filled(url, redis_server.url))["api"]
    container = Container("api", service, {"8000": str(ports[1])}, tmp_path_factory.mktemp("proxied"))
    try:
        container.start()
        assert container.becomes_healthy(60), container.log.read_text()
        yield container
    finally:
        container.remove()
        postgres_server.drop_database("proxied")


def _is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((LOOPBACK, port)) == 0


def test_nobody_is_held_up_by_the_silent_and_the_slow(proxy: Container, api: Container, ports: tuple[int, int]) -> None:
    head = b"POST /api/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    with ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection((LOOPBACK, ports[0]))) for _ in range(IDLE)]
        dripping = [stack.enter_context(socket.create_connection((LOOPBACK, ports[0]))) for _ in range(DRIPPING)]
        for each in dripping:
            each.sendall(head)
        times = []
        for _ in range(ASKED):
            for each in dripping:
                each.sendall(b"{")
            began = time.monotonic()
            assert status(ports[0], "GET", "/healthz") == 200
            times.append(time.monotonic() - began)
        assert len(idle) == IDLE
    assert statistics.median(times) <= SECONDS, times


def test_a_slow_body_reaches_the_api_once_it_is_whole(proxy: Container, api: Container, ports: tuple[int, int]) -> None:
    connection = http.client.HTTPConnection(LOOPBACK, ports[0], timeout=30)
    body = (part for part in (b'{"task": ', b'"x"}'))
    connection.request("POST", "/api/tasks", body, {"Content-Type": "application/json"}, encode_chunked=True)
    assert connection.getresponse().status == 401
    connection.close()


@pytest.mark.parametrize(
    ("path", "size", "headers", "expected"),
    [
        ("/api/tasks", 2 * 1024 * 1024, {}, 413),
        ("/api/webhooks/resend", 512 * 1024, {}, 413),
        ("/api/tasks/batch", 2 * 1024 * 1024, {}, 401),
        ("/api/tasks", 2, {"X-Anything": "x" * 20_000}, 431),
    ],
)
def test_what_is_too_large_is_refused_in_our_words(
    proxy: Container,
    api: Container,
    ports: tuple[int, int],
    path: str,
    size: int,
    headers: dict[str, str],
    expected: int,
) -> None:
    connection = http.client.HTTPConnection(LOOPBACK, ports[0], timeout=30)
    connection.putrequest("POST", path)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(size), **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    if expected == 401:
        connection.send(b"x" * size)
    answer = connection.getresponse()
    assert answer.status == expected
    assert answer.headers["Content-Type"] == "application/problem+json"
    connection.close()


def test_while_the_api_is_away_the_answer_is_503(proxy: Container, api: Container, ports: tuple[int, int]) -> None:
    elsewhere = proxy.folder / "elsewhere"
    elsewhere.mkdir()
    port = free_port()
    text = configuration(elsewhere, port, free_port())
    (elsewhere / "nginx.conf").write_text(text)
    daemon = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    moved = {"/etc/nginx/intowork.conf": str(elsewhere / "nginx.conf"), "daemon off;": daemon}
    alone = Container("alone", proxy.service, moved, elsewhere, proxy.programs)
    try:
        alone.start()
        assert wait_until(lambda: _is_open(port), seconds=30)
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=30)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
        assert answer.headers["Content-Type"] == "application/problem+json"
        connection.close()
    finally:
        alone.remove()


def test_the_configuration_with_a_certificate_is_accepted(tmp_path: Path) -> None:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"),
            *("-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    (tmp_path / "tls").mkdir()
    own = (ROOT / "nginx.tls.conf").read_text().replace("/etc/nginx/certificates", str(tmp_path))
    (tmp_path / "tls" / "tls.conf").write_text(own.replace("8443", f"{LOOPBACK}:{free_port()}"))
    (tmp_path / "nginx.conf").write_text(configuration(tmp_path, free_port(), free_port()))
    tried = subprocess.run([PROGRAM, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
