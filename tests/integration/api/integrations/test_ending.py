"""The end of a connection, here and at the provider; keys that are replaced or gone."""

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from tests.factories import main_web_app
from tests.integration.api import repeating
from tests.integration.api.integrations.conftest import (
    ACCOUNT,
    COLLEAGUE,
    RECRUITER,
    URL,
    Connecting,
)
from worker.catalogue.integrations import REVOKE
from worker.cli import main
from worker.kit.crypto import TokenCipher, key_id
from worker.kit.logging import configure_logging


def disconnect(connecting: Connecting, user_id: int = RECRUITER) -> None:
    answer = connecting.user(user_id).call("DELETE", f"{URL}/google-calendar/disconnect")
    assert answer.status_code == 200
    connecting.work()


def test_a_disconnected_account_is_revoked_and_its_tokens_are_forgotten(connecting: Connecting) -> None:
    connecting.connect()
    disconnect(connecting)
    assert connecting.google.counters()["revoke"] == 1
    [row] = connecting.credentials()
    assert (row["state"], row["is_active"], row["access_token"], row["refresh_token"]) == (
        "disconnected",
        False,
        "",
        None,
    )
    assert not connecting.status()["google_calendar"]["is_connected"]
    [run] = connecting.rows("select payload, result from task_runs where task = %s", REVOKE.name)
    assert run == {"payload": {"credential_id": row["id"]}, "result": {"revoked": True, "shared": False}}
    disconnect(connecting)
    assert connecting.google.counters()["revoke"] == 1


def test_an_end_that_is_asked_for_twice_is_one(connecting: Connecting) -> None:
    connecting.connect()
    asked, _ = repeating.CONNECTIONS
    other = asked._replace(values=("linkedin",))
    repeating.check(connecting.recruiter, asked, other, "audit_log", "task_runs", "integration_credentials")


def test_an_account_that_a_colleague_uses_is_not_revoked(connecting: Connecting) -> None:
    connecting.connect()
    connecting.connect(user_id=COLLEAGUE)
    disconnect(connecting)
    assert "revoke" not in connecting.google.counters()
    assert connecting.status(COLLEAGUE)["google_calendar"]["is_connected"]
    disconnect(connecting, COLLEAGUE)
    assert connecting.google.counters()["revoke"] == 1


def test_one_unreadable_row_breaks_nothing_and_is_named_in_the_log(connecting: Connecting) -> None:
    """Three rows, one of them sealed with a key that is gone."""
    lost = Fernet.generate_key().decode()
    connecting.connect()
    connecting.connect("linkedin")
    sealed = TokenCipher((lost,)).seal("a-token-of-somebody")
    number = connecting.app(
        lambda connection: main_web_app.insert_credential(
            connection, "OUTLOOK_CALENDAR", access_token=sealed, user_id=RECRUITER, company_id=1
        )
    )
    connecting.api.database.autocommit(
        "update integration_credentials set encryption_key = %(key)s where provider = 'OUTLOOK_CALENDAR'",
        {"key": key_id(lost)},
    )
    configure_logging("WARNING")
    with capture_logs() as logged:
        shown = connecting.status()
    assert [shown[name]["state"] for name in ("linkedin", "google_calendar", "outlook_calendar")] == [
        "connected",
        "connected",
        "needs_reconnect",
    ]
    assert "n’est plus lisible" in shown["outlook_calendar"]["reason"]
    [line] = [each for each in logged if each["event"] == "token.unreadable"]
    assert (line["provider"], line["credential"]) == ("outlook_calendar", number)
    assert (line["key"], line["error"]) == (key_id(lost), "UnreadableToken")
    assert sealed not in str(logged)


def test_every_row_is_moved_to_the_first_key_and_an_unreadable_one_is_named(
    connecting: Connecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    connecting.connect()
    connecting.connect("linkedin")
    in_clear = connecting.app(
        lambda connection: main_web_app.insert_credential(
            connection, "OUTLOOK_CALENDAR", access_token="in-clear", refresh_token="also", user_id=1, company_id=1
        )
    )
    broken = connecting.app(
        lambda connection: main_web_app.insert_credential(
            connection,
            "JOBBERMAN",
            access_token=TokenCipher((Fernet.generate_key().decode(),)).seal("x"),
            user_id=1,
            company_id=1,
        )
    )
    before = {row["id"]: row["access_token"] for row in connecting.credentials()}
    old, new = str(connecting.settings.token_encryption_keys.get_secret_value()), Fernet.generate_key().decode()  # type: ignore[union-attr]
    monkeypatch.setenv("DATABASE_URL", connecting.settings.database_url.plain)
    monkeypatch.setenv("TOKEN_ENCRYPTION_KEYS", f"{new},{old}")
    told = CliRunner().invoke(main, ["keys", "rotate"])
    assert "3 accounts are sealed with the first key now." in told.output
    assert told.exit_code == 1
    assert f"integration_credentials {broken}:" in told.output
    only_new = TokenCipher((new,))
    rows = {row["id"]: row for row in connecting.credentials()}
    assert rows[broken]["access_token"] == before[broken]
    for number, row in rows.items():
        if number != broken:
            assert row["encryption_key"] == key_id(new)
            assert row["state"] in (None, "connected")
            only_new.open(row["access_token"])
    assert only_new.open(rows[in_clear]["refresh_token"]).token == "also"
    assert "0 accounts" in CliRunner().invoke(main, ["keys", "rotate"]).output


def test_a_key_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    made = CliRunner().invoke(main, ["keys", "generate"]).output.strip()
    Fernet(made)


def test_what_the_main_web_app_stores_is_read_and_counts_anew(connecting: Connecting) -> None:
    connecting.connect()
    connecting.api.database.autocommit("update integration_credentials set state = 'needs_reconnect'", {})
    assert connecting.status()["google_calendar"]["state"] == "needs_reconnect"
    connecting.api.database.autocommit(
        "update integration_credentials set access_token = 'ya29.theirs', refresh_token = 'theirs', is_active = true",
        {},
    )
    [row] = connecting.credentials()
    assert (row["state"], row["scopes"], row["account_label"], row["encryption_key"]) == (None, None, None, None)
    assert connecting.status()["google_calendar"]["is_connected"]
    assert ACCOUNT not in str(connecting.status())


def test_an_account_that_may_be_a_colleagues_is_not_revoked(connecting: Connecting) -> None:
    """The main web app does not say whose account a row is."""
    connecting.connect()
    connecting.app(
        lambda connection: main_web_app.insert_credential(
            connection, "GOOGLE_CALENDAR", access_token="in-clear", user_id=COLLEAGUE, company_id=1
        )
    )
    disconnect(connecting)
    assert "revoke" not in connecting.google.counters()


def test_a_token_that_is_no_text_of_ours_breaks_nothing(
    connecting: Connecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    connecting.connect()
    connecting.api.database.autocommit(
        "update integration_credentials set access_token = 'gAAAAA\u00e9', token_version = token_version + 1", {}
    )
    assert connecting.status()["google_calendar"]["state"] == "needs_reconnect"
    keys = connecting.settings.token_encryption_keys
    assert keys is not None
    monkeypatch.setenv("DATABASE_URL", connecting.settings.database_url.plain)
    monkeypatch.setenv("TOKEN_ENCRYPTION_KEYS", f"{Fernet.generate_key().decode()},{keys.get_secret_value()}")
    assert "0 accounts are sealed" in CliRunner().invoke(main, ["keys", "rotate"]).output


def test_what_open_authorisations_keep_is_moved_to_the_first_key_too(
    connecting: Connecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    connecting.begin()
    keys = connecting.settings.token_encryption_keys
    assert keys is not None
    new = Fernet.generate_key().decode()
    monkeypatch.setenv("DATABASE_URL", connecting.settings.database_url.plain)
    monkeypatch.setenv("TOKEN_ENCRYPTION_KEYS", f"{new},{keys.get_secret_value()}")
    CliRunner().invoke(main, ["keys", "rotate"])
    [row] = connecting.rows("select secrets from oauth_states")
    assert "verifier" in TokenCipher((new,)).open(row["secrets"]).token
