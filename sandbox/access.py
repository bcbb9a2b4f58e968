"""The sandbox's own service key, and how to tell whether this shell points at something real."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.processes import SandboxError
from worker.kit.database import Database
from worker.ledger.keys import SCOPES, create_key, find_key

LOCAL_HOSTS = frozenset({"", "localhost", "127.0.0.1", "::1"})
ADDRESSES = ("DATABASE_PRIVATE_URL", "DATABASE_URL", "DATABASE_DIRECT_URL", "BROKER_URL", "REDIS_URL")
HOSTED = ("RAILWAY_ENVIRONMENT", "RAILWAY_ENVIRONMENT_NAME", "RAILWAY_PROJECT_ID")
TRUE = frozenset({"1", "true", "yes", "on"})


def service_key(database: Database, folder: Path) -> str:
    """A key with every scope, made once per folder."""
    file = folder / "service-key"
    with database.transaction() as connection:
        if file.exists() and find_key(connection, known := file.read_text().strip()):
            return known
        _, secret = create_key(connection, "sandbox", SCOPES, actor="sandbox")
    file.touch(mode=0o600)
    file.write_text(secret)
    return secret


def refuse_production(environment: Mapping[str, str] = os.environ) -> None:
    """Raises SandboxError where the settings look like a running service: a sandbox does not belong there.

    The sandbox would not use them; whoever starts it there is in the wrong window.
    """
    for name in HOSTED:
        if environment.get(name):
            raise SandboxError(f"{name} is set: this is a deployed service, and the sandbox is for a laptop.")
    if environment.get("NEXT_PUBLIC_FORCE_HTTPS", "").lower() in TRUE:
        raise SandboxError("NEXT_PUBLIC_FORCE_HTTPS is on, as in production: unset it to start the sandbox.")
    for name in ADDRESSES:
        host = urlsplit(environment.get(name, "")).hostname or ""
        if host not in LOCAL_HOSTS:
            raise SandboxError(
                f"{name} points to another machine ({host}), as in production: unset it to start the sandbox."
            )
