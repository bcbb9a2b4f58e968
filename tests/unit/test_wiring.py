import inspect
from importlib import import_module
from typing import Any

import pytest
from pydantic import SecretStr

from worker import wiring as rows
from worker.contracts.accounts import AccountProvider
from worker.contracts.calendars import CalendarProvider
from worker.contracts.email import EmailProvider
from worker.contracts.providers import AccountProviderName
from worker.kit.errors import Misconfigured
from worker.kit.settings import Settings
from worker.providers.google.client import GoogleCalendar
from worker.providers.google.oauth import GoogleAccounts
from worker.providers.microsoft.client import OutlookCalendar
from worker.providers.microsoft.oauth import MicrosoftAccounts
from worker.providers.resend.client import ResendClient
from worker.wiring import Provider, Wiring

PROVIDERS: list[Provider[Any]] = [
    rows.MAIL,
    rows.WEBHOOKS,
    rows.BOARD,
    rows.WRITING,
    rows.JUDGING,
    rows.JUDGING_BATCHES,
    *rows.ACCOUNTS.values(),
    *rows.CALENDARS.values(),
    *rows.NETWORKS.values(),
    rows.PICTURES,
    rows.CV_FILES,
]


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


def test_without_anthropics_key_nobody_judges() -> None:
    assert wiring(None).judge() is None


@pytest.mark.parametrize(
    ("setting", "variable"),
    [
        ("google", "GOOGLE_CLIENT_ID"),
        ("linkedin", "LINKEDIN_CLIENT_ID"),
        ("microsoft", "MICROSOFT_CLIENT_ID"),
        ("facebook", "FACEBOOK_APP_ID"),
        ("x", "X_CLIENT_ID"),
    ],
)
def test_without_its_app_a_provider_of_accounts_names_the_setting(setting: AccountProviderName, variable: str) -> None:
    with pytest.raises(Misconfigured, match=f"{variable} is not set"):
        wiring(None).accounts(setting)


@pytest.mark.parametrize(
    ("name", "of_accounts", "of_calendars"),
    [("google", GoogleAccounts, GoogleCalendar), ("microsoft", MicrosoftAccounts, OutlookCalendar)],
)
def test_accounts_and_calendars_of_one_provider_are_two_clients(
    name: AccountProviderName, of_accounts: type, of_calendars: type
) -> None:
    app: dict[str, Any] = {f"{name}_client_id": "id", f"{name}_client_secret": SecretStr("secret")}
    wired = Wiring(Settings(database_url="postgresql:///unused", **app))
    accounts: AccountProvider = wired.accounts(name)
    calendar: CalendarProvider = wired.calendar(name)
    assert isinstance(accounts, of_accounts)
    assert isinstance(calendar, of_calendars)
    assert (accounts, calendar) == (wired.accounts(name), wired.calendar(name))


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.path.rpartition(".")[2])
def test_a_row_fits_its_class_and_the_settings(provider: Provider[Any]) -> None:
    module, _, name = provider.path.rpartition(".")
    inspect.signature(getattr(import_module(module), name)).bind(**provider.arguments)
    assert {*provider.needs, *provider.arguments.values()} <= set(Settings.model_fields)
    assert bool(provider.needs) is ("{variable}" in provider.missing)


def test_no_two_rows_make_the_same_client() -> None:
    assert len(PROVIDERS) == len({provider.path for provider in PROVIDERS}) > 1


def test_every_row_of_the_wiring_is_looked_at() -> None:
    groups = [list(value.values()) if isinstance(value, dict) else [value] for value in vars(rows).values()]
    found = {row.path for group in groups for row in group if isinstance(row, Provider)}
    assert found == {provider.path for provider in PROVIDERS}
