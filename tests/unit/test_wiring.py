import inspect
from importlib import import_module
from typing import Any

import pytest
from pydantic import SecretStr

from worker import wiring as rows
from worker.contracts.email import EmailProvider
from worker.kit.errors import Misconfigured
from worker.kit.settings import Settings
from worker.providers.resend.client import ResendClient
from worker.wiring import Provider, Wiring

PROVIDERS = [value for value in vars(rows).values() if isinstance(value, Provider)]


def wiring(key: str | None) -> Wiring:
    return Wiring(Settings(database_url="postgresql:///unused", resend_api_key=SecretStr(key) if key else None))


@pytest.mark.parametrize("key", [None, " "])
def test_without_a_key_the_error_names_the_setting(key: str | None) -> None:
    with pytest.raises(Misconfigured, match="RESEND_API_KEY is not set") as caught:
        wiring(key).email()
    assert (caught.value.code, caught.value.status) == ("provider.configuration", 503)


def test_the_client_is_made_once() -> None:
    wired = wiring("re_key\n")
    client: EmailProvider = wired.email()
    assert client is wired.email()
    assert isinstance(client, ResendClient)
    client.close()


def test_a_key_with_foreign_characters_is_refused_at_once() -> None:
    with pytest.raises(Misconfigured, match="RESEND_API_KEY"):
        wiring("re_clé").email()


def test_without_anthropics_key_the_error_names_the_setting() -> None:
    with pytest.raises(Misconfigured, match="ANTHROPIC_API_KEY is not set") as caught:
        wiring(None).writer()
    assert (caught.value.code, caught.value.status) == ("provider.configuration", 503)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_a_row_fits_its_class_and_the_settings(provider: Provider[Any]) -> None:
    module, _, name = provider.path.rpartition(".")
    inspect.signature(getattr(import_module(module), name)).bind(**provider.arguments)
    assert {*provider.needs, *provider.arguments.values()} <= set(Settings.model_fields)
    assert "{variable}" in provider.missing


def test_no_two_providers_share_a_name() -> None:
    assert len(PROVIDERS) == len({provider.name for provider in PROVIDERS}) > 1
