"""The whole platform on one machine: servers, migrations, emulators and the platform's processes."""

import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from alembic import command

from migrations.config import alembic_config
from sandbox.apps import app_settings
from sandbox.postgres import EmbeddedPostgres
from sandbox.processes import LOOPBACK, SandboxError, free_port
from sandbox.programs import EVERYTHING, PARTS, Site, descendants, program
from sandbox.redis import EmbeddedRedis
from sandbox.state import kept_secrets, token_key, webhook_secret
from sandbox.supervisor import Program, Sink, Supervisor

DATABASE = "intowork"
PORTS: Mapping[str, int] = {"postgres": 54320, "redis": 63790, "emulators": 5090, "api": 5080, "flower": 5555}
LISTENING = ("emulators", "api", "flower")

Report = Callable[[str, float], None]


class Stack:
    """One sandbox in `folder`, whose data a later start uses again.

    `parts` says how many of each part of `PARTS` run (missing ones do not); Postgres and Redis always do.
    `environment` overrides settings. With `usual_ports` each port is the documented one or the next free one.
    `report` hears each step's name and seconds, `sink` each line that a process writes.
    """

    def __init__(
        self,
        folder: Path,
        parts: Mapping[str, int] = EVERYTHING,
        environment: Mapping[str, str] | None = None,
        *,
        usual_ports: bool = False,
        worker_app: str = "worker",
        concurrency: int = 2,
        sink: Sink | None = None,
        report: Report = lambda _name, _seconds: None,
    ) -> None:
        if unknown := set(parts) - set(PARTS):
            raise SandboxError(f"No such part: {', '.join(sorted(unknown))}. The parts are {', '.join(PARTS)}.")
        self.folder = folder
        self.parts = {part: parts[part] for part in PARTS if parts.get(part)}
        self._overrides = dict(environment or {})
        self._usual_ports = usual_ports
        self._worker_app = worker_app
        self._concurrency = concurrency
        self._report = report
        self._ports: dict[str, list[int]] = {}
        self._programs: dict[tuple[str, int], Program] = {}
        self.secrets: Mapping[str, str] = {}
        self.environment: dict[str, str] = {}
        self.supervisor = Supervisor(sink)
        self.postgres = EmbeddedPostgres(folder / "postgres", port=self._wanted("postgres"))
        self.redis = EmbeddedRedis(folder / "redis", self._wanted("redis"), append_only=True)

    def start(self) -> None:
        """Returns when everything is ready; raises SandboxError, with nothing left running."""
        self.secrets = kept_secrets(self.folder)
        try:
            self._step("postgres", self.postgres.start)
            self._step("redis", self.redis.start)
            self.environment = self._settings()
            self._step("migrations", self._migrate)
            self._start_programs()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """The processes first, at once; then Redis and Postgres."""
        try:
            self.supervisor.close()
        finally:
            self.redis.stop()
            self.postgres.stop()

    def url(self, name: str, index: int = 0) -> str:
        """The address of `postgres` (the platform's database), `redis` or a part that listens."""
        if name == "postgres":
            return self.postgres.url(DATABASE)
        if name == "redis":
            return self.redis.url
        return f"http://{LOOPBACK}:{self._ports[name][index]}"

    def kill(self, name: str, index: int = 0, number: signal.Signals = signal.SIGKILL) -> None:
        """Signal one main process, or kill `postgres` or `redis`; those two stay down until their `start()`."""
        if name == "postgres":
            self.postgres.kill()
        elif name == "redis":
            self.redis.kill()
        else:
            self.supervisor.kill(self._programs[name, index].name, number)

    def pids(self, name: str, index: int = 0) -> list[int]:
        """One part's main process, then its children; empty while it is down."""
        pid = self.supervisor.pid(self._programs[name, index].name)
        return [pid, *descendants(pid)] if pid else []

    def stop_part(self, name: str, index: int = 0) -> None:
        """Stop one process in order; it stays down."""
        self.supervisor.stop(self._programs[name, index].name)

    def start_part(self, name: str, index: int = 0) -> None:
        """Start a stopped process again and wait until it is ready."""
        self.supervisor.start(self._programs[name, index])
        self.supervisor.wait_ready(self._programs[name, index].name)

    def check(self) -> None:
        """Raises SandboxError when something that cannot be done without has died."""
        if death := self.supervisor.fatal():
            raise SandboxError(death.sentence())
        for name, pid in (("Postgres", self.postgres.pid), ("Redis", self.redis.pid)):
            if pid is None:
                raise SandboxError(f"The embedded {name} has died; its log is in {self.folder}.")

    def _wanted(self, name: str) -> int | None:
        return PORTS[name] if self._usual_ports else None

    def _settings(self) -> dict[str, str]:
        for part in LISTENING:
            self._ports[part] = self._choose_ports(part, max(1, self.parts.get(part, 0)))
        return {
            "DATABASE_URL": self.postgres.create_database(DATABASE),
            "BROKER_URL": self.redis.url,
            "PLATFORM_URL": self.url("api"),
            "FRONTEND_URL": self.url("api"),
            "NEXTAUTH_SECRET": self.secrets["nextauth_secret"],
            "SIGNING_SECRET": self.secrets["signing_secret"],
            "RESEND_WEBHOOK_SECRET": webhook_secret(self.secrets["webhook_secret"]),
            "RESEND_API_KEY": "re_sandbox",
            "RESEND_API_URL": f"{self.url('emulators')}/resend",
            "ANTHROPIC_API_KEY": "sk-ant-sandbox",
            "ANTHROPIC_BASE_URL": f"{self.url('emulators')}/anthropic",
            **app_settings(self.url("emulators"), token_key(self.secrets["token_secret"])),
            **self._overrides,
        }

    def _choose_ports(self, part: str, count: int) -> list[int]:
        ports: list[int] = []
        for _ in range(count):
            wanted = self._wanted(part)
            ports.append(free_port(max([wanted - 1, *ports]) + 1 if wanted else None))
        return ports

    @property
    def site(self) -> Site:
        return Site(
            self.folder,
            self.environment["DATABASE_URL"],
            self.environment,
            self.secrets["flower_password"],
            self._worker_app,
            self._concurrency,
        )

    def _migrate(self) -> None:
        command.upgrade(alembic_config(self.environment["DATABASE_URL"]), "head")

    def _start_programs(self) -> None:
        began = time.monotonic()
        for part, count in self.parts.items():
            for index in range(count):
                port = self._ports[part][index] if part in LISTENING else None
                self._programs[part, index] = program(part, index, count, port, self.site)
                self.supervisor.start(self._programs[part, index])
        for planned in self._programs.values():
            self.supervisor.wait_ready(planned.name)
            self._report(planned.name, time.monotonic() - began)

    def _step(self, name: str, work: Callable[[], object]) -> None:
        began = time.monotonic()
        work()
        self._report(name, time.monotonic() - began)


def wait_for_ever(stack: Stack, every: float, work: Callable[[], None]) -> None:
    """Call `work` every so many seconds until something dies (SandboxError) or the process is told to leave."""
    pause = threading.Event()
    while True:
        stack.check()
        work()
        pause.wait(every)
