"""Postgres refuses to run as root: which account it uses instead, and what that account must be able to reach.

Nothing of the person's own is opened for it: programs that the account cannot read are copied, and data may
only lie below the machine's temporary folders.
"""

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.processes import SandboxError

TEMPORARY_FOLDERS = (Path("/var/tmp"), Path("/tmp"))  # noqa: S108 - parents of folders made with mkdtemp or chown
ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    user: int
    group: int

    def popen(self) -> dict[str, Any]:
        """Arguments of subprocess.Popen that start a program under this account."""
        return {"user": self.user, "group": self.group, "extra_groups": []}


def server_account(data: Path) -> Account | None:
    """None unless this process is root; then the owner of existing data, else an unprivileged account."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise SandboxError(
        f"Postgres does not run as root and this machine has none of the accounts {', '.join(ACCOUNTS)}: "
        "start this command as an ordinary user."
    )


def hand_over(data: Path, account: Account) -> None:
    """Make `data` the account's own, and its parents passable (not readable) where they are temporary folders."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    for parent in data.parents:
        mode = parent.stat().st_mode
        if mode & stat.S_IXOTH:
            continue
        if not any(root in parent.parents for root in TEMPORARY_FOLDERS):
            raise SandboxError(
                f"Postgres runs under another account and cannot enter {parent}: as root, put the data below /var/tmp."
            )
        parent.chmod(mode | stat.S_IXOTH)
    os.chown(data, account.user, account.group)


def readable_programs(programs: Path) -> Path:
    """`programs` itself, or a copy below /var/tmp when other accounts cannot reach it."""
    if _open_to_others(programs / "postgres"):
        return programs
    installation = programs.parent
    package = installation.parent
    identity = hashlib.sha256(f"{installation}{installation.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copy = TEMPORARY_FOLDERS[0] / f"intowork-postgres-{identity}"
    if not copy.is_symlink() and not copy.exists():
        _copy(installation, package.with_name(f"{package.name}.libs"), copy)
    elif copy.is_symlink() or copy.stat().st_uid != 0:
        raise SandboxError(f"{copy} was not made by this account: remove it.")
    return copy / package.name / installation.name / programs.name


def _copy(installation: Path, libraries: Path, copy: Path) -> None:
    """The programs find their libraries by the way between the two folders, so that the copy keeps it."""
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    package = installation.parent
    shutil.copytree(installation, unfinished / package.name / installation.name, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
    _open(unfinished)
    unfinished.rename(copy)


def _open_to_others(program: Path) -> bool:
    passable = all(parent.stat().st_mode & stat.S_IXOTH for parent in program.parents)
    return passable and bool(program.stat().st_mode & stat.S_IXOTH)


def _open(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
