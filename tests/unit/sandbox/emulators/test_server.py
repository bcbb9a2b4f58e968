"""The process that people and tests start."""

import signal
import socket
import subprocess
import sys

import pytest
import requests

from sandbox.emulators.server import LARGEST_BODY, running


def test_the_command_tells_its_address_and_stops_on_request() -> None:
    command = [sys.executable, "-m", "sandbox.emulators", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        # Whoever fails in here would wait for the process for ever.
        try:
            providers = requests.get(f"{url}/_emulator/health", timeout=5).json()["providers"]
        finally:
            process.send_signal(signal.SIGTERM)
        assert providers == [
            "resend",
            "anthropic",
            "google",
            "linkedin",
            "facebook",
            "x",
            "microsoft",
            "receiver",
            "myjobmag",
            "pictures",
            "cvs",
        ]
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


def test_connections_are_kept_alive() -> None:
    with running() as server, socket.create_connection(("127.0.0.1", server.server_port)) as connection:
        for _ in range(2):
            connection.sendall(b"GET /_emulator/health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "header", [f"Content-Length: {LARGEST_BODY + 1}", "Content-Length: x", "Transfer-Encoding: chunked"]
)
def test_bodies_that_cannot_be_measured_are_refused(header: str) -> None:
    with running() as server, socket.create_connection(("127.0.0.1", server.server_port)) as connection:
        connection.sendall(f"POST /resend/emails HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 411")
