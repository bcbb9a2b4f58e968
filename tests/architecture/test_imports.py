"""Nothing happens at import: no settings, no network, no process, no thread, no file written."""

import ast
import subprocess
import sys

import pytest

from tests.factories.source import ROOT, sources

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


def test_tests_share_what_lies_in_factories_or_above_them() -> None:
    """A test module is imported by nobody, a conftest by its own folder, a helper by its own folder and those below."""
    taken = [
        f"{source.where(node)} imports {module}"
        for source in sources("tests")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in imported_tests(node)
        if not may_share(source.path.rpartition("/")[0].replace("/", "."), module)
    ]
    assert taken == []


def imported_tests(node: ast.Import | ast.ImportFrom) -> list[str]:
    """The modules of tests that a statement imports, by their dotted names."""
    room = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
    names = [f"{room}{alias.name}" for alias in node.names]
    candidates = [name if is_module(name) else name.rpartition(".")[0] for name in names]
    return [name for name in candidates if name.startswith("tests.")]


def is_module(name: str) -> bool:
    return (ROOT / name.replace(".", "/")).with_suffix(".py").is_file()


def may_share(folder: str, module: str) -> bool:
    home, _, name = module.rpartition(".")
    if home == "tests.factories":
        return True
    if name.startswith("test_"):
        return False
    return folder == home if name == "conftest" else f"{folder}.".startswith(f"{home}.")
