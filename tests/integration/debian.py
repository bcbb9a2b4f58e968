"""Debian's Postgres (15 or newer) beside the embedded one: what the main web app may run."""

import contextlib
import os
import pwd
import subprocess
from collections.abc import Iterator
from typing import Any

from tests.factories.folders import data_folder
from tests.means import POSTGRES


def as_postgres(*arguments: str) -> None:
    """Run one of Postgres' programs, which refuse to run as root."""
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = {"user": "postgres", "group": "postgres", "extra_groups": []}
    subprocess.run(arguments, check=True, cwd="/", stdout=subprocess.DEVNULL, **account)


def run_debian_server() -> Iterator[str]:
    """A server of its own, without durability; its address. Skips where the package is not installed."""
    POSTGRES.require()
    programs = POSTGRES.found()
    with data_folder("debian") as folder:
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        data = str(folder / "data")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c shared_buffers=32MB"
        try:
            as_postgres(f"{programs}/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
            as_postgres(f"{programs}/pg_ctl", "-D", data, "-l", f"{folder}/log", "-o", options, "-w", "start")
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):
                as_postgres(f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def with_database(server: str, name: str) -> str:
    address, _, options = server.partition("?")
    return f"{address.rsplit('/', 1)[0]}/{name}" + (f"?{options}" if options else "")
