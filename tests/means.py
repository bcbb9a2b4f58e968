"""What some tests need beside the Python packages. `python -m tests.means` says what is here and what is skipped."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.assets import COMPILER

OLDEST_POSTGRES = 15
POSTGRES_FOLDERS = Path("/usr/lib/postgresql")
MINUTES = {False: "10 to 15 minutes", True: "1 to 2 hours"}


@dataclass(frozen=True, slots=True)
class Means:
    """`found` answers where it is, or None; `remedy` says how to have it."""

    name: str
    serves: str
    found: Callable[[], object | None]
    remedy: str

    @property
    def reason(self) -> str:
        return f"{self.serves}: needs {self.name}; {self.remedy}"

    @property
    def mark(self) -> pytest.MarkDecorator:
        return pytest.mark.skipif(self.found() is None, reason=self.reason)

    def require(self) -> None:
        """Skip the test that asks, with the reason."""
        if self.found() is None:
            pytest.skip(self.reason)


def debian_postgres() -> Path | None:
    """The folder of programs of the oldest installed version that the platform supports."""
    found = [folder for folder in POSTGRES_FOLDERS.glob("*/bin") if (folder / "initdb").exists()]
    versions = {int(folder.parent.name): folder for folder in found if folder.parent.name.isdigit()}
    return next((versions[version] for version in sorted(versions) if version >= OLDEST_POSTGRES), None)


def system_program(name: str) -> str | None:
    """Programs of the system's administration are not on everybody's PATH."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


def written_size() -> bool:
    return os.environ.get("INTOWORK_FULL") == "1"


POSTGRES = Means(
    f"Debian's Postgres {OLDEST_POSTGRES} or newer",
    "Migrations and the ledger on the main web app's Postgres",
    debian_postgres,
    "apt-get install postgresql",
)
PGBOUNCER = Means(
    "PgBouncer", "The ledger behind a pooler", lambda: system_program("pgbouncer"), "apt-get install pgbouncer"
)
REDIS_CLI = Means(
    "redis-cli",
    "The health check of Compose's Redis",
    lambda: system_program("redis-cli"),
    "apt-get install redis-tools",
)
RABBITMQ = Means(
    "INTOWORK_RABBITMQ=1 and Debian's RabbitMQ",
    "The platform on another broker",
    lambda: system_program("rabbitmq-server") if os.environ.get("INTOWORK_RABBITMQ") == "1" else None,
    "apt-get install rabbitmq-server",
)
ROOT = Means(
    "root",
    "The embedded Postgres under another account",
    lambda: True if os.geteuid() == 0 else None,
    "run as root, in a container",
)
NGINX = Means("nginx", "The proxy's configuration", lambda: system_program("nginx"), "apt-get install nginx")
MEMORY_METER = Means(
    "Linux' /proc",
    "What a request may cost",
    lambda: found if (found := Path("/proc/self/clear_refs")).exists() else None,
    "run on Linux",
)
CHROMIUM = Means(
    "Chromium",
    "Pages in a browser",
    lambda: shutil.which("chromium") or shutil.which("chromium-browser"),
    "apt-get install chromium",
)
NODE = Means(
    "the npm packages of package.json",
    "Compiling the style sheets",
    lambda: COMPILER if COMPILER.exists() else None,
    "make assets, with Node installed",
)
FULL_SIZE = Means(
    "INTOWORK_FULL=1", "Long tests at their written size", lambda: written_size() or None, "make test-full"
)

EVERYTHING = (POSTGRES, PGBOUNCER, NGINX, MEMORY_METER, REDIS_CLI, RABBITMQ, ROOT, CHROMIUM, NODE, FULL_SIZE)


def main() -> None:
    lines = [f"Tests take {MINUTES[written_size()]} on 2 cores, and 2 GB below /var/tmp."]
    lines += [f"  taken   {means.serves} ({means.name})" for means in EVERYTHING if means.found() is not None]
    lines += [f"  skipped {means.reason}" for means in EVERYTHING if means.found() is None]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
