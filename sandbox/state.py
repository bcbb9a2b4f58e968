"""Where a sandbox keeps its data between two starts, and the secrets that it made for itself."""

import base64
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.accounts import TEMPORARY_FOLDERS
from sandbox.processes import SandboxError

CHECKOUT = Path(__file__).resolve().parent.parent
SECRETS = ("nextauth_secret", "flower_password", "signing_secret", "webhook_secret", "token_secret")


def state_folder(checkout: Path = CHECKOUT) -> Path:
    """`.sandbox` in the checkout; for root a folder below /var/tmp that belongs to this checkout alone."""
    if os.geteuid() != 0:
        return checkout / ".sandbox"
    identity = hashlib.sha256(str(checkout).encode()).hexdigest()[:12]
    return TEMPORARY_FOLDERS[0] / f"intowork-sandbox-{identity}"


def own_folder(folder: Path) -> Path:
    """Make the folder, passable but not readable for others; refuse one that somebody else put there."""
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise SandboxError(f"{folder} was not made by this account: remove it.")
    return folder


@contextmanager
def sole_user(folder: Path) -> Iterator[None]:
    """Hold the folder: a second sandbox on the same data is refused. Freed when the process ends."""
    with (own_folder(folder) / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SandboxError(f"Another sandbox already runs on {folder}: stop it first (Ctrl-C there).") from error
        yield


def wipe(folder: Path) -> None:
    """Remove all data but the lock that the caller holds."""
    for path in folder.iterdir():
        if path.name == "lock":
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def kept_secrets(folder: Path) -> dict[str, str]:
    """The sandbox's own secrets by name, made once per folder so that tokens outlive a restart."""
    file = own_folder(folder) / "secrets.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    if missing := {name: secrets.token_urlsafe(32) for name in SECRETS if name not in known}:
        known |= missing
        file.touch(mode=0o600)
        file.write_text(json.dumps(known))
    return known


def webhook_secret(secret: str) -> str:
    """A secret in the form in which the mail provider hands it out."""
    return f"whsec_{base64.b64encode(secret.encode()).decode()}"


def token_key(secret: str) -> str:
    """A secret of 32 bytes as a Fernet key."""
    return f"{secret}="


def main() -> None:
    """`python -m sandbox.state`: remove this checkout's data, unless a sandbox runs on them."""
    folder = state_folder()
    for part in [path for path in folder.glob("*") if path.is_dir()]:
        with sole_user(part):
            wipe(part)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except SandboxError as error:
        raise SystemExit(str(error)) from None
