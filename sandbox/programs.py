"""The platform's processes as the supervisor starts them; how they are started in production too."""

import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import requests
from pydantic import AliasChoices

from sandbox.processes import LOOPBACK, answers
from sandbox.state import CHECKOUT
from sandbox.supervisor import Program
from worker.kit.settings import Settings

PARTS = ("emulators", "dispatcher", "worker", "beat", "api", "flower")
EVERYTHING: Mapping[str, int] = dict.fromkeys(PARTS, 1)
# A killed worker, dispatcher, beat or API comes back, as under a container runtime.
RESTARTED = frozenset({"dispatcher", "worker", "beat", "api"})
QUIET_FLOWER = ("--read-only=true", "--logging=error")
# Celery warns at each start as root, where a sandbox in a container is at home.
QUIET_ROOT = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
FOREIGN_PREFIXES = ("CELERY_", "FLOWER_", "GRANIAN_")


@dataclass(frozen=True, slots=True)
class Site:
    """What the processes of one sandbox have in common. `environment` holds the platform's settings by name."""

    folder: Path
    database_url: str
    environment: Mapping[str, str]
    flower_password: str
    worker_app: str = "worker"
    concurrency: int = 2


def setting_names() -> frozenset[str]:
    """Every environment variable that the platform reads."""
    names: set[str] = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            names.update(str(choice).upper() for choice in alias.choices)
        names.add(name.upper())
    return frozenset(names)


def process_environment(site: Site) -> dict[str, str]:
    """The shell's environment without any setting of its own: a sandbox never talks to what the shell points to."""
    ours = setting_names()
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() not in ours and not name.startswith(FOREIGN_PREFIXES)
    }
    quiet = QUIET_ROOT if os.geteuid() == 0 else {}
    return {**kept, **quiet, "PYTHONUNBUFFERED": "1", **site.environment}


def program(part: str, index: int, count: int, port: int | None, site: Site) -> Program:
    """Instance `index` (from 0) of `count` of one part, on `port` where it listens."""
    plain = Program(
        name=part if count == 1 else f"{part} {index + 1}",
        command=_command(part, index, port, site),
        environment=process_environment(site),
        folder=CHECKOUT,
        ready=_probe(part, index, port, site),
        restart=part in RESTARTED,
    )
    if part == "flower":
        secret = {"FLOWER_BASIC_AUTH": f"intowork:{site.flower_password}"}
        return replace(plain, environment={**plain.environment, **secret})
    return plain


def _command(part: str, index: int, port: int | None, site: Site) -> Sequence[str]:
    celery = ("-m", "celery", "--quiet", "-A", site.worker_app)
    commands: Mapping[str, Sequence[str]] = {
        "emulators": ("-m", "sandbox.emulators", "--port", str(port)),
        "dispatcher": ("-m", "worker.dispatcher"),
        "worker": (*celery, "worker", *_worker_options(index, site)),
        "beat": (*celery, "beat", "--schedule", str(site.folder / f"beat-schedule-{index + 1}"), "--pidfile="),
        "api": ("-m", "api_min", "--host", LOOPBACK, "--port", str(port)),
        "flower": (*celery, "flower", f"--address={LOOPBACK}", f"--port={port}", *QUIET_FLOWER),
    }
    return (sys.executable, *commands[part])


def _worker_options(index: int, site: Site) -> Sequence[str]:
    pool = ("-P", "prefork", "--concurrency", str(site.concurrency))
    return (*pool, "--without-gossip", "--without-mingle", "--hostname", f"worker{index + 1}@%h")


def _probe(part: str, index: int, port: int | None, site: Site) -> Callable[[int], bool] | None:
    if part == "api":
        return lambda _pid: _says_ok(f"http://{LOOPBACK}:{port}/readyz")
    if part == "flower":
        return lambda _pid: _says_ok(f"http://{LOOPBACK}:{port}/healthcheck")
    if part == "emulators":
        return lambda _pid: port is not None and answers(port)
    if part == "worker":
        return lambda pid: _found(site, REGISTERED, (pid, socket.gethostname()))
    if part == "dispatcher":
        return lambda _pid: _found(site, DISPATCHING, (index,))
    return None


REGISTERED = "select 1 from workers where pid = %s and host = %s and parent_id is null and expires_at > now()"
# Each dispatcher has written the catalogue and the schedules before it opens the session in which it dispatches.
DISPATCHING = """
select 1 from platform_state
 where key = 'dispatcher' and updated_at > now() - interval '3 seconds'
   and (select count(*) from pg_stat_activity
         where datname = current_database() and application_name = 'intowork-dispatcher') > %s
"""


def _found(site: Site, statement: str, parameters: tuple[object, ...]) -> bool:
    with psycopg.connect(site.database_url, connect_timeout=2, autocommit=True) as connection:
        return connection.execute(statement.encode(), parameters).fetchone() is not None


def _says_ok(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def descendants(pid: int) -> list[int]:
    """The living children of a process and theirs, parents first (from /proc)."""
    parents: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state not in "ZX":
            parents.setdefault(int(parent), []).append(int(status.parent.name))
    found = list(parents.get(pid, []))
    for child in found:
        found.extend(parents.get(child, []))
    return found
