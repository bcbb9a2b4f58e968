from pathlib import Path
from typing import Any

from sandbox.apps import app_settings
from sandbox.state import kept_secrets, token_key
from worker.kit.account_settings import AccountSettings
from worker.kit.crypto import fernet_keys
from worker.kit.settings import Settings
from worker.wiring import ACCOUNTS, Wiring

EMULATORS = "http://127.0.0.1:5090"


def test_every_address_of_a_provider_of_ours_is_the_emulators(tmp_path: Path) -> None:
    given = app_settings(EMULATORS, token_key(kept_secrets(tmp_path)["token_secret"]))
    values: dict[str, Any] = {name.lower(): value for name, value in given.items()}
    settings = Settings(database_url="postgresql:///unused", **values)
    assert settings.graph_base_url.startswith(f"{EMULATORS}/microsoft/")
    for name in ACCOUNTS:
        Wiring(settings).accounts(name)
    usual = {name: field.default for name, field in AccountSettings.model_fields.items()}
    addresses = [name for name, value in usual.items() if str(value).startswith("https://")]
    assert len(addresses) >= 9
    assert [name for name in addresses if not getattr(settings, name).startswith(f"{EMULATORS}/")] == []


def test_its_own_secret_encrypts_tokens(tmp_path: Path) -> None:
    key = token_key(kept_secrets(tmp_path)["token_secret"])
    assert len(fernet_keys(key)) == 1
