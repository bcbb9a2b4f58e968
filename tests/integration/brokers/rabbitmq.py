"""A RabbitMQ of our own on loopback: Debian's rabbitmq-server, with its data in a folder of the test's."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

from kombu.connection import Connection as BrokerConnection

from sandbox.processes import LOOPBACK, WATCHDOG, SandboxError, answers, end, free_port, last_lines, send, wait_until

# Debian's /usr/sbin/rabbitmq-server changes to a user of its own, who may not write into a test's folder.
PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_SECONDS = 60.0


class RabbitMQ:
    """One node and its name server; the same ports as long as this object lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._names_port = free_port()
        self._distribution_port = free_port()
        self._node: subprocess.Popen[bytes] | None = None
        self._names: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{LOOPBACK}:{self.port}//"

    def start(self) -> str:
        """The address, once a client can open a channel."""
        if not PROGRAM.exists():
            raise SandboxError("No RabbitMQ on this machine: install Debian's package rabbitmq-server.")
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._names is None:
            # Erlang would otherwise start one as a daemon that outlives the test.
            self._names = self._launch("epmd", "-address", LOOPBACK, "-port", str(self._names_port))
            wait_until(lambda: answers(self._names_port), seconds=10)
        node = self._node = self._launch(str(PROGRAM))
        if not wait_until(self._serves, seconds=START_SECONDS, running=lambda: node.poll() is None):
            self.stop()
            raise SandboxError(f"RabbitMQ did not start:\n{last_lines(self.folder / 'rabbitmq-server.log')}")
        return self.url

    def kill(self) -> None:
        """SIGKILL to the node; what it had promised to keep is on its disk."""
        if self._node:
            send(self._node, signal.SIGKILL)
            end(self._node, [])
            self._node = None

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP makes it silent without closing a connection, SIGCONT ends that."""
        if self._node:
            send(self._node, number)

    def restart(self, *, empty: bool = False) -> None:
        """Kill and start again; with `empty` as a node that has never seen us."""
        self.kill()
        if empty:
            shutil.rmtree(self.folder / "mnesia")
        self.start()

    def stop(self) -> None:
        for process in (self._node, self._names):
            if process:
                end(process, [(signal.SIGTERM, 15.0)])
        self._node = self._names = None

    def _serves(self) -> bool:
        connect: Any = BrokerConnection
        with connect(self.url, connect_timeout=2) as connection:
            try:
                connection.connect()
            except connection.connection_errors:
                return False
        return True

    def _launch(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{Path(program).name}.log").open("ab") as log:
            process = subprocess.Popen(
                [program, *arguments],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        WATCHDOG.guard(process.pid)
        return process

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))}
        return {
            **kept,
            "HOME": str(self.folder),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_EPMD_PORT": str(self._names_port),
            "RABBITMQ_NODENAME": f"intowork{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "logs"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
        }
