"""Services of docker-compose.yml as plain processes: their exact commands, health checks and environment."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.processes import LOOPBACK, WATCHDOG, end, send, wait_until
from sandbox.redis import installed_program
from tests.integration.deployment.files import ROOT


@dataclass
class Container:
    """One service. `moved` are the texts of its commands that differ on this machine: ports and folders."""

    name: str
    service: Mapping[str, Any]
    moved: Mapping[str, str]
    folder: Path
    programs: Sequence[Path] = ()
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def start(self, *further: str) -> None:
        """The service's command, with arguments that only this machine needs behind it."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*self._here(self.service["command"]), *further],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        WATCHDOG.guard(self.process.pid)

    def wait(self, seconds: float) -> int | None:
        """The exit code of a process that ends by itself, None while it still runs after `seconds`."""
        process = self._running()
        wait_until(lambda: process.poll() is not None, seconds=seconds)
        return process.returncode

    def becomes_healthy(self, seconds: float) -> bool:
        process = self._running()
        return wait_until(self.is_healthy, seconds=seconds, running=lambda: process.poll() is None)

    def is_healthy(self) -> bool:
        """Its health check, once, as Docker runs it."""
        kind, *words = self.service["healthcheck"]["test"]
        command = ["/bin/sh", "-c", *words] if kind == "CMD-SHELL" else words
        seconds = float(self.service["healthcheck"]["timeout"].removesuffix("s"))
        checked = subprocess.run(
            self._here(command), cwd=ROOT, env=self.environment, capture_output=True, timeout=seconds * 2, check=False
        )
        return checked.returncode == 0

    def stop(self) -> tuple[int, float]:
        """SIGTERM to process 1 only, as Docker does: (exit code, seconds). Raises when the grace period does not do."""
        process = self._running()
        began = time.monotonic()
        send(process, signal.Signals[self.service.get("stop_signal", "SIGTERM")], group=False)
        code = process.wait(timeout=float(self.service["stop_grace_period"].removesuffix("s")))
        return code, time.monotonic() - began

    def remove(self) -> None:
        """End what is left of it."""
        if self.process:
            end(self.process, [])

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def environment(self) -> dict[str, str]:
        """As in a container: nothing from outside, then the service's own."""
        paths = [
            Path(sys.executable).parent,
            installed_program().parent,
            *self.programs,
            Path("/usr/bin"),
            Path("/bin"),
        ]
        outside = {
            "PATH": os.pathsep.join(map(str, paths)),
            "HOME": "/nonexistent",
            "HOSTNAME": socket.gethostname(),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
        }
        return {**outside, **self.service.get("environment", {})}

    def _here(self, command: Sequence[str]) -> list[str]:
        words = list(command)
        for text, replacement in self.moved.items():
            words = [word.replace(text, replacement) for word in words]
        return words

    def _running(self) -> "subprocess.Popen[bytes]":
        if self.process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self.process


def filled(database_url: str, broker_url: str) -> dict[str, str]:
    return {
        "POSTGRES_PASSWORD": "secret",
        "FLOWER_BASIC_AUTH": PASSWORD,
        "DATABASE_URL": database_url,
        "BROKER_URL": broker_url,
        "API_WORKERS": "1",
        "WORKER_CONCURRENCY": "1",
    }


def status(port: int, method: str, path: str, headers: Mapping[str, str] | None = None) -> int:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request(method, path, headers=dict(headers or {}))
        return connection.getresponse().status
    finally:
        connection.close()


PASSWORD = "operator:correct horse"
