"""Nothing happens at import: no settings, no network, no process, no thread, no file written."""

import subprocess
import sys

import pytest

from tests.architecture.source import ROOT, sources

# Alembic runs this one, it is no module; `celery -A worker` is a process from the environment, by Celery's own rule.
STARTS_SOMETHING = {"migrations.env", "worker.celery"}

PROBE = """
import sys, threading

FORBIDDEN = ("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.fork")

def watch(event, arguments):
    if event in FORBIDDEN:
        raise RuntimeError(f"{event} while importing")
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        if arguments[0] not in ("/dev/null", 1, 2):
            raise RuntimeError(f"{arguments[0]} was opened for writing while importing")

sys.path.insert(0, sys.argv[1])
sys.addaudithook(watch)
for name in sys.argv[2:]:
    try:
        __import__(name)
    except Exception as error:
        sys.exit(f"import {name}: {type(error).__name__}: {error}")
others = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
sys.exit(f"threads were started: {others}" if others else 0)
"""


def probe(*modules: str, **environment: str) -> str:
    """Import in a process of its own with this environment only; returns what went wrong."""
    command = [sys.executable, "-B", "-c", PROBE, str(ROOT), *modules]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return done.stderr.strip() if done.returncode else ""


@pytest.mark.parametrize("room", ["models", "migrations", "worker", "tasks", "api_min", "celeryconfig.py", "sandbox"])
def test_importing_does_nothing(room: str) -> None:
    modules = [source.module for source in sources(room) if source.module not in STARTS_SOMETHING]
    assert probe(*modules) == ""


def test_the_celery_app_needs_settings_and_connects_nowhere() -> None:
    assert probe("worker.celery").startswith("DATABASE_URL or DATABASE_PRIVATE_URL is missing")
    assert probe("worker.celery", DATABASE_URL="postgresql://nowhere.invalid/none") == ""
