import json
from pathlib import Path

import pytest

from sandbox.processes import SandboxError
from sandbox.state import kept_secrets, own_folder, sole_user, state_folder, wipe


def test_two_checkouts_never_share_their_data(tmp_path: Path) -> None:
    assert state_folder(tmp_path / "one") != state_folder(tmp_path / "two")
    assert state_folder(tmp_path / "one") == state_folder(tmp_path / "one")


def test_secrets_are_kept_and_for_the_owner_only(tmp_path: Path) -> None:
    first = kept_secrets(tmp_path / "state")
    assert first == kept_secrets(tmp_path / "state")
    assert len(set(first.values())) == len(first)
    assert (tmp_path / "state" / "secrets.json").stat().st_mode & 0o077 == 0


def test_a_secret_that_came_later_is_added(tmp_path: Path) -> None:
    first = kept_secrets(tmp_path)
    (tmp_path / "secrets.json").write_text(json.dumps({"nextauth_secret": first["nextauth_secret"]}))
    second = kept_secrets(tmp_path)
    assert second.keys() == first.keys()
    assert second["nextauth_secret"] == first["nextauth_secret"]


def test_a_second_sandbox_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with sole_user(tmp_path), pytest.raises(SandboxError, match="already runs"), sole_user(tmp_path):
        pass
    with sole_user(tmp_path):
        pass


def test_wiping_removes_everything_but_the_lock(tmp_path: Path) -> None:
    with sole_user(tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "file").touch()
        (tmp_path / "secrets.json").touch()
        wipe(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_folder_behind_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "state").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SandboxError, match="remove it"):
        own_folder(tmp_path / "state")
