"""Accounts lie in two tables, whose ids are never taken for each other's."""

import pytest
from pydantic import ValidationError

from models.enums import IntegrationProvider, PostingChannel
from tests.factories.accounts import KEY
from worker.catalogue.integrations import RefreshToken, Revoke
from worker.catalogue.notifications import Notify
from worker.contracts.providers import (
    ACCOUNT_TABLES,
    AUTHORISED,
    CHANNEL_ACCOUNTS,
    CREDENTIALS,
    FACEBOOK,
    GOOGLE,
    LINKEDIN,
    X,
    provider_called,
)
from worker.kit.settings import Settings
from worker.services.integrations import authorising
from worker.services.integrations.authorising import Registration
from worker.services.integrations.credentials import gate
from worker.services.integrations.states import Begun
from worker.services.integrations.vault import TokenVault


def test_a_kind_has_one_table() -> None:
    assert {provider.title: provider.table.name for provider in AUTHORISED.values()} == {
        "LinkedIn": "integration_credentials",
        "Google Calendar": "integration_credentials",
        "Outlook": "integration_credentials",
        "Facebook": "channel_accounts",
        "X": "channel_accounts",
    }
    assert (CREDENTIALS.stored(IntegrationProvider.LINKEDIN), CHANNEL_ACCOUNTS.stored(PostingChannel.TWITTER)) == (
        "LINKEDIN",
        "twitter",
    )


def test_no_gate_is_two_accounts() -> None:
    gates = [gate(provider, 7) for provider in AUTHORISED.values()]
    assert len(set(gates)) == len(gates)
    assert gate(X, 7) == "x:account:7"


def test_payloads_name_one_table() -> None:
    assert Revoke(**CHANNEL_ACCOUNTS.reference(7)).model_dump(mode="json") == {
        "credential_id": None,
        "channel_account_id": 7,
    }
    for wrong in ({}, {"credential_id": 7, "channel_account_id": 7}):
        for payload in (Revoke, RefreshToken):
            with pytest.raises(ValidationError):
                payload.model_validate(wrong)
    with pytest.raises(ValidationError):
        Notify(kind="connection_lost", user_ids=[1], credential_id=7, channel_account_id=7)


def test_payloads_are_read_by_the_last_release_and_read_what_it_wrote() -> None:
    """It knows `credential_id`, and refuses unknown members."""
    assert Revoke(credential_id=7).model_dump(mode="json") == {"credential_id": 7}
    assert Revoke.model_validate({"credential_id": 7}).credential_id == 7
    written = {"kind": "access_approved", "user_ids": [1], "credential_id": None, "provider": "outlook", "days": None}
    assert Notify.model_validate(written).model_dump(mode="json") == written


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("facebook", "Facebook"),
        ("twitter", "X"),
        ("X", "X"),
        ("google-calendar", "Google Calendar"),
        ("LinkedIn", "LinkedIn"),
    ],
)
def test_providers_are_called_by_their_names(name: str, title: str) -> None:
    assert provider_called(name).title == title


def test_channels_without_consent_pages_are_no_providers() -> None:
    for name in ("custom", "jobberman", "intowork", "tiktok", ""):
        with pytest.raises(ValueError, match="known are linkedin, google-calendar, outlook, facebook, twitter"):
            provider_called(name)


def test_the_main_web_app_reads_no_tokens_of_channels() -> None:
    settings = Settings(
        database_url="postgresql://nowhere/none",
        token_encryption_keys=KEY,
        nextauth_secret="n" * 32,
        main_app_reads_tokens=True,
    )
    vault = TokenVault(settings)
    assert vault.seal(GOOGLE.kind, "token", None).access_token == "token"
    for table, provider in zip(ACCOUNT_TABLES, (LINKEDIN, X), strict=True):
        assert (vault.seal(provider.kind, "token", None).key is None) is (table is CREDENTIALS)


def test_consent_pages_of_networks_are_asked_with_what_they_know() -> None:
    ours = Registration("app", "https://platform.example/callback", ("one", "two"), "https://network.example/ask")
    begun = Begun("state", "verifier", "nonce")
    facebook = authorising.consent_address(FACEBOOK, ours, begun, known_account="Awa")
    assert "auth_type=rerequest" in facebook
    assert "scope=one+two" in facebook
    assert "code_challenge" not in facebook
    x = authorising.consent_address(X, ours, begun, known_account="@exemple")
    assert "code_challenge_method=S256" in x
    assert "login_hint" not in x
    hint = authorising.consent_address(GOOGLE, ours, begun, known_account="rh@exemple.cm")
    assert "login_hint=rh%40exemple.cm" in hint
