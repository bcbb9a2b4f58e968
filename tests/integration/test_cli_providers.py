"""`intowork doctor --providers`: what each provider says of us, with real clients and emulators."""

import contextlib
import re
import socket

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet

from tests.factories import accounts, main_web_app
from tests.factories.emulators import (
    AnthropicEmulator,
    GoogleEmulator,
    LinkedInEmulator,
    MicrosoftEmulator,
    ResendEmulator,
)
from tests.factories.ledger import transact
from worker import cli, cli_providers
from worker.contracts.providers import LINKEDIN
from worker.kit.database import Database, execute, raw
from worker.kit.settings import Settings, load_settings, variables
from worker.ledger import dispatch
from worker.wiring import Wiring

EVERYTHING = {
    "RESEND_API_KEY": "re_emulator",
    "RESEND_WEBHOOK_SECRET": "whsec_aW50b3dvcmstdGVzdC1zZWNyZXQ=",
    "SIGNING_SECRET": "s" * 32,
    "NEXTAUTH_SECRET": "n" * 32,
    "PLATFORM_URL": "https://platform.example",
    "ANTHROPIC_API_KEY": "sk-ant-hidden-word",
}
SECRETS = ("re_emulator", "hidden-word", "sandbox-secret", "s" * 32, "n" * 32)
PROVIDERS = ("Google Calendar", "Outlook", "Facebook", "X", "LinkedIn", "LinkedIn API", "Resend", "Anthropic")


@pytest.fixture
def environment(
    monkeypatch: pytest.MonkeyPatch, database_url: str, broker_url: str, database: Database, emulator_url: str
) -> pytest.MonkeyPatch:
    """A platform that works, with every provider at its emulator."""
    for name, field in Settings.model_fields.items():
        for variable in variables(name, field):
            monkeypatch.delenv(variable, raising=False)
    addresses = {
        "DATABASE_URL": database_url,
        "BROKER_URL": broker_url,
        "RESEND_API_URL": f"{emulator_url}/resend",
        "ANTHROPIC_BASE_URL": f"{emulator_url}/anthropic",
        "WEBHOOK_LOCAL_RECEIVERS": "false",
    }
    for name, value in {**EVERYTHING, **accounts.emulated(emulator_url), **addresses}.items():
        monkeypatch.setenv(name, value)
    with database.transaction() as connection:
        dispatch.note_alive(connection, broker_reachable=True)
    return monkeypatch


def doctor(exit_code: int) -> str:
    """What it prints, with every run of blanks as one."""
    result = CliRunner().invoke(cli.main, ["doctor", "--providers"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert not [secret for secret in SECRETS if secret in result.output]
    assert result.exit_code == exit_code, result.output
    return re.sub(r"[\s│]+", " ", result.output)


def test_providers_that_accept_us_are_well_and_told_what_to_register(
    environment: pytest.MonkeyPatch, anthropic: AnthropicEmulator, database: Database
) -> None:
    told = doctor(0)
    for name in PROVIDERS:
        assert f"ok {name} " in told
    assert "It does not refuse version 202609" in told
    assert "intowork.com is verified" in told
    assert "knows claude-sonnet-4-6" in told
    assert "ok stored tokens Our keys open the tokens of all 0 connected accounts" in told
    for slug in ("google-calendar", "outlook", "linkedin", "facebook", "twitter"):
        assert f" https://platform.example/api/integrations/{slug}/callback" in told


def test_providers_that_do_not_accept_us_say_why(
    environment: pytest.MonkeyPatch,
    google: GoogleEmulator,
    microsoft: MicrosoftEmulator,
    linkedin: LinkedInEmulator,
) -> None:
    google.steer("PUT", "client", client_id="another")
    microsoft.steer("PUT", "client", secret_expired=True)
    linkedin.steer("PUT", "client", client_secret="another")
    environment.setenv("RESEND_API_KEY", "re_unknown")
    environment.setenv("ANTHROPIC_MODEL", "gone")
    environment.setenv("LINKEDIN_API_VERSION", "202509")
    told = doctor(1)
    assert "no Google Calendar Google does not accept our app (invalid_client)" in told
    assert re.search(r"no Outlook Microsoft does not accept our app \(invalid_client.*its secret has expired", told)
    assert "no LinkedIn LinkedIn does not accept our app (invalid_client)" in told
    assert "no LINKEDIN_API_VERSION LinkedIn ended version 202509 of its API on 15 September 2026" in told
    assert "no LinkedIn API LinkedIn does not serve the version of its API that we ask for (426" in told
    assert "Check GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, GOOGLE_REDIRECT_URI" in told
    assert "no Resend Resend does not accept our account (403 invalid_api_key)" in told
    assert "no Anthropic Anthropic does not accept our account (404)" in told


def test_faults_of_settings_are_told_before_anybody_meets_them(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GOOGLE_TOKEN_URL", str(Settings.model_fields["google_token_url"].default))
    environment.setenv("GOOGLE_CLIENT_ID", "hidden-word")
    environment.delenv("GOOGLE_CLIENT_SECRET")
    environment.setenv("LINKEDIN_SCOPES", "openid profile")
    environment.setenv("LINKEDIN_REDIRECT_URI", "http://platform.example/api/integrations/linkedin/callback")
    environment.setenv("MICROSOFT_REDIRECT_URI", "https://platform.example/api/integrations/microsoft/callback")
    told = doctor(1)
    assert "no GOOGLE_CLIENT_ID It has not the form" in told
    assert "no GOOGLE_CLIENT_SECRET Not set: nobody connects Google Calendar." in told
    assert "no LINKEDIN_SCOPES Without w_member_social or w_organization_social" in told
    assert "no LINKEDIN_REDIRECT_URI It has to begin with https://" in told
    assert "no MICROSOFT_REDIRECT_URI It has to end in /api/integrations/outlook/callback" in told
    assert " Google Calendar It" not in told


def test_a_connected_account_asks_whether_the_version_of_the_api_lives(
    environment: pytest.MonkeyPatch, linkedin: LinkedInEmulator, database: Database
) -> None:
    settings = load_settings()
    with database.transaction() as connection:
        main_web_app.populate_people(raw(connection))
    with contextlib.closing(Wiring(settings)) as wiring:
        client = wiring.accounts("linkedin")
        accounts.connect(lambda work: transact(database, work), settings, LINKEDIN, linkedin, client)
    assert (
        "ok LinkedIn API It takes version 202609. Pages at which the account that was connected last may post: 1."
        in doctor(0)
    )
    linkedin.revoke("rh@exemple.cm")
    assert "ok LinkedIn API It does not refuse version 202609, as far as it tells" in doctor(0)
    environment.setenv("LINKEDIN_API_VERSION", "202601")
    linkedin.faults(versions=["202609"])
    told = doctor(1)
    assert "no LinkedIn API LinkedIn does not serve the version of its API" in told


def test_tokens_that_no_key_opens_are_told_by_their_rows(environment: pytest.MonkeyPatch, database: Database) -> None:
    lost = Fernet(Fernet.generate_key()).encrypt(b"token").decode()
    with database.transaction() as connection:
        main_web_app.populate_people(raw(connection))
        for number, token in enumerate(("in clear", lost), 1):
            execute(
                connection,
                "insert into integration_credentials (id, company_id, user_id, provider, access_token, is_active)"
                " values (%s, 1, 1, 'LINKEDIN', %s, true)",
                (number, token),
            )
    told = doctor(1)
    assert "No key opens 1 of the tokens of all 2 connected accounts (integration_credentials 2)." in told
    assert "TOKEN_ENCRYPTION_KEYS" in told


def test_nobody_waits_for_a_provider_that_does_not_answer(
    environment: pytest.MonkeyPatch, google: GoogleEmulator
) -> None:
    environment.setattr(cli_providers, "PATIENCE", 1.0)
    google.faults(slow_seconds=2, slow_p=1.0)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        environment.setenv("LINKEDIN_TOKEN_URL", f"http://127.0.0.1:{closed.getsockname()[1]}/token")
        told = doctor(1)
    assert "no Google Calendar It did not answer within 1 s." in told
    assert re.search(r"no LinkedIn .*(reached|refused|connect)", told, re.IGNORECASE)


def test_without_apps_only_what_is_set_is_asked(environment: pytest.MonkeyPatch) -> None:
    for app in ("GOOGLE_CLIENT", "MICROSOFT_CLIENT", "LINKEDIN_CLIENT", "FACEBOOK_APP", "X_CLIENT"):
        environment.delenv(f"{app}_ID")
        environment.delenv(f"{app}_SECRET")
    environment.delenv("ANTHROPIC_API_KEY")
    environment.setenv("RESEND_API_KEY", "re_restricted")
    told = doctor(0)
    assert "ok Resend Resend accepts our key, which may only send" in told
    assert "No app of Google, Microsoft, LinkedIn, Facebook or X is set" in told
    assert " Outlook It" not in told


@pytest.mark.parametrize(
    ("domains", "said"),
    [
        ({}, "is not a domain of this account"),
        ({"intowork.com": "pending"}, "is not verified yet (pending)"),
        ({"INTOWORK.com": "verified"}, "intowork.com is verified"),
    ],
)
def test_the_senders_domain_is_looked_up(
    environment: pytest.MonkeyPatch, emulator: ResendEmulator, domains: dict[str, str], said: str
) -> None:
    emulator.faults(domains=domains)
    settings = Settings()
    (finding,) = [each for each in cli_providers.examine(settings) if each.subject == "Resend"]
    assert said in finding.sentence
    assert finding.well is ("is verified" in said)


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("google_client_id", "1234567890-abc123def456.apps.googleusercontent.com", True),
        ("google_client_id", "abc", False),
        ("google_client_secret", "GOCSPX-AbCdEfGhIjKlMnOpQrStUvWxYz12", True),
        ("google_client_secret", '"GOCSPX-AbCdEfGhIj"', False),
        ("microsoft_client_id", "5a4db0c5-0000-4000-8000-5a4db0c5a4db", True),
        ("microsoft_client_id", "app", False),
        ("microsoft_client_secret", "Abc8Q~1234567890abcdefghijklmnop", True),
        ("microsoft_client_secret", "5a4db0c5-0000-4000-8000-5a4db0c5a4db", False),
        ("linkedin_client_id", "77abcdefghijkl", True),
        ("linkedin_client_secret", "WPL_AP1.AbCdEfGhIjKlMnOp.AbCdEf==", True),
        ("facebook_app_id", "1234567890123456", True),
        ("facebook_app_id", "exemple", False),
        ("facebook_app_secret", "0123456789abcdef0123456789abcdef", True),
        ("facebook_app_secret", "1234567890123456", False),
        ("x_client_id", "rG9n6402A3dbUJKzXTNX4oWHJ0aBcDeFgHi", True),
        ("x_client_secret", "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_AbCdEfGhIjKlM", True),
        ("x_client_secret", "too-short", False),
        ("resend_api_key", "re_AbCdEfGh_1234567890", True),
        ("resend_api_key", "sk-ant-1234567890", False),
        ("anthropic_api_key", "sk-ant-api03-1234567890", True),
    ],
)
def test_ids_and_secrets_have_forms(name: str, value: str, good: bool) -> None:
    assert bool(re.fullmatch(cli_providers.SHAPES[name].pattern, value)) is good
