"""Real workers and dispatchers of the tests' own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from sandbox.processes import WATCHDOG, end, last_lines

CHECKOUT = Path(__file__).parents[3]
LEAVING = [(signal.SIGTERM, 15.0)]


def environment(database_url: str, broker_url: str) -> dict[str, str]:
    """What every process of the platform needs."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("CELERY_", "DATABASE_"))},
        "DATABASE_URL": database_url,
        "BROKER_URL": broker_url,
        "LOG_LEVEL": "INFO",
        "PYTHONWARNINGS": "ignore",
    }


class Processes:
    """Processes on one database and one broker, each in a group of its own, with a log each."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=CHECKOUT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        WATCHDOG.guard(process.pid)
        self._running[name] = process

    def signal(self, name: str, number: signal.Signals) -> subprocess.Popen[bytes]:
        """Signal the main process alone, as a container runtime does."""
        os.kill(self._running[name].pid, number)
        return self._running[name]

    def stop(self) -> None:
        for process in self._running.values():
            end(process, LEAVING, group=False)

    def logs(self) -> str:
        return "\n".join(f"{name}:\n{last_lines(self._folder / f'{name}.log')}" for name in self._running)


def start_worker(processes: Processes) -> None:
    processes.start(
        "worker",
        *("celery", "-A", "tests.factories.worker_app", "worker", "--pool=prefork", "--concurrency=2"),
        *("--without-gossip", "--without-mingle"),
    )
