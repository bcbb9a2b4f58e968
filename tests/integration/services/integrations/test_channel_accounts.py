"""Accounts on Facebook and X beside one at LinkedIn with the same number: renewed, told of, lost, sealed."""

import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import requests
from click.testing import CliRunner
from cryptography.fernet import Fernet

from tests.factories import accounts, runs
from tests.factories.emulators import AccountEmulator, FacebookEmulator, LinkedInEmulator, XEmulator
from tests.integration.services.support import Platform
from worker.catalogue.integrations import CHECK_EXPIRING, REFRESH_TOKEN, CheckExpiring, RefreshToken
from worker.cli import main
from worker.contracts.providers import CHANNEL_ACCOUNTS, FACEBOOK, LINKEDIN, AuthorisedProvider, X
from worker.kit.crypto import TokenCipher, key_id
from worker.kit.database import Row
from worker.ledger.executor import Executor
from worker.services.integrations.vault import TokenVault
from worker.wiring import Wiring

ACCOUNT = "rh@exemple.cm"
EMULATORS: dict[str, type[AccountEmulator]] = {
    "linkedin": LinkedInEmulator,
    "facebook": FacebookEmulator,
    "x": XEmulator,
}


class Accounts:
    """A platform whose recruiter connects accounts at the emulators."""

    def __init__(self, platform: Platform, emulators: str, session: requests.Session) -> None:
        self.platform = platform
        self.emulators = {name: kind(emulators, session) for name, kind in EMULATORS.items()}
        self.settings = accounts.settings_at(emulators, resend_api_key="re_test", resend_api_url=f"{emulators}/resend")
        self.wiring = platform.wiring = Wiring(self.settings)
        platform.worker = platform.do(lambda connection: runs.prepare(connection, accounts.USE.name))
        tasks = {each.definition.name: each for each in accounts.tasks_of(self.wiring)}
        platform.executor = Executor(platform.database, tasks)

    def connect(self, provider: AuthorisedProvider) -> int:
        client = self.wiring.accounts(provider.name)
        emulator = self.emulators[provider.name]
        return accounts.connect(self.platform.do, self.settings, provider, emulator, client, ACCOUNT)

    def change(self, sets: str, *parameters: Any) -> None:
        self.platform.change(f"update channel_accounts set {sets}", *parameters)

    def row(self) -> Row:
        return self.platform.row("select * from channel_accounts")

    def asked(self, row_id: int) -> UUID:
        return self.platform.enqueue(accounts.USE, accounts.Use(**CHANNEL_ACCOUNTS.reference(row_id)))

    def use(self, row_id: int) -> Row:
        """One attempt at a run that uses the account."""
        return self.platform.step(self.asked(row_id))

    def told(self) -> list[Row]:
        self.platform.drain()
        return self.platform.rows("select title, message, user_id from notifications order by id")

    def close(self) -> None:
        for client in self.wiring._clients.values():
            client.close()


@pytest.fixture
def connected(platform: Platform, emulator_url: str) -> Iterator[Accounts]:
    with requests.Session() as session:
        made = Accounts(platform, emulator_url, session)
        yield made
        made.close()


def test_a_refresh_token_of_x_is_good_once_and_the_next_one_is_stored_before_use(connected: Accounts) -> None:
    connected.connect(LINKEDIN)
    before = connected.platform.rows("select * from integration_credentials")
    number = connected.connect(X)
    vault, seen = TokenVault(connected.settings), {connected.row()["refresh_token"]}
    for _ in range(3):
        connected.change("token_expires_at = now()")
        run = connected.use(number)
        assert run["state"] == "succeeded", run["error"]
        seen.add(connected.row()["refresh_token"])
    assert len({vault.open(each) for each in seen}) == 4
    renewal = connected.platform.enqueue(REFRESH_TOKEN, RefreshToken(channel_account_id=number))
    assert connected.platform.step(renewal)["result"] == {"renewed": True}
    assert connected.row()["token_version"] == 5
    assert connected.emulators["x"].counters()["token.refresh"] == 4
    assert connected.platform.rows("select * from integration_credentials") == before


def test_two_who_need_a_fresh_token_at_once_ask_x_once(connected: Accounts) -> None:
    number = connected.connect(X)
    connected.change("token_expires_at = now()")
    connected.emulators["x"].faults(slow_seconds=0.3, slow_p=1.0, only="token.refresh")
    asked = [connected.asked(number) for _ in range(4)]
    threads = [threading.Thread(target=connected.platform.step, args=(each,)) for each in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended = [connected.platform.run(each) for each in asked]
    for run in ended:
        if run["state"] != "succeeded":
            assert run["error"]["code"] == "account.refreshing"
            assert connected.platform.step(run["id"])["state"] == "succeeded"
    assert connected.emulators["x"].counters()["token.refresh"] == 1
    assert connected.row()["state"] == "connected"


def test_an_answer_of_x_that_was_lost_takes_a_new_connection(connected: Accounts) -> None:
    connected.connect(LINKEDIN)
    number = connected.connect(X)
    connected.change("token_expires_at = now()")
    connected.emulators["x"].faults(drop_after=1.0, only="token.refresh")
    run = connected.use(number)
    assert run["state"] == "queued"
    assert connected.row()["state"] == "connected", "nobody knows yet"
    connected.emulators["x"].faults()
    connected.change("refresh_lease_until = null")
    for _ in range(2):
        run = connected.platform.step(run["id"])
    assert (run["state"], run["gate"], run["attempt"]) == ("queued", f"x:account:{number}", 1)
    assert "X no longer accepts this access" in run["error"]["message"]
    assert connected.row()["state"] == "needs_reconnect"
    assert connected.platform.rows("select distinct state from integration_credentials") == [{"state": "connected"}]
    [told] = connected.told()
    assert told["title"] == "X : connexion perdue"
    assert connected.connect(X) == number
    assert connected.platform.step(run["id"])["state"] == "succeeded"


def test_an_access_to_facebook_that_ends_is_told_of_in_time_and_parks_at_its_end(connected: Accounts) -> None:
    number = connected.connect(FACEBOOK)
    told = []
    for days in (20, 14, 13, 7, 6, 1, 1):
        connected.change(f"token_expires_at = now() + interval '{days} days' - interval '1 hour'")
        connected.platform.drain()
        connected.platform.enqueue(CHECK_EXPIRING, CheckExpiring())
        told.append(len(connected.told()))
    assert told == [0, 1, 1, 2, 2, 3, 3]
    assert connected.told()[0]["title"] == "Facebook : à reconnecter"
    connected.change("token_expires_at = now() - interval '1 hour'")
    run = connected.use(number)
    run = connected.platform.step(run["id"])
    assert run["gate"] == f"facebook:account:{number}"
    assert "Facebook must be reconnected every 60 days" in run["error"]["message"]


def test_an_access_to_x_that_nobody_uses_is_renewed_before_it_ends(connected: Accounts) -> None:
    connected.connect(X)
    for days, refreshes in ((89, 0), (91, 1)):
        connected.change(f"connected_at = now() - interval '{days} days', refreshed_at = null")
        connected.platform.enqueue(CHECK_EXPIRING, CheckExpiring())
        connected.platform.drain()
        assert connected.emulators["x"].counters().get("token.refresh", 0) == refreshes


def test_an_account_whose_owner_is_gone_is_told_of_to_the_companys_recruiters(connected: Accounts) -> None:
    number = connected.connect(X)
    connected.change("user_id = null, token_expires_at = now()")
    connected.emulators["x"].revoke(ACCOUNT)
    connected.platform.drain()
    connected.use(number)
    recruiters = connected.platform.rows("select user_id from employers where company_id = 1 order by user_id")
    assert [row["user_id"] for row in connected.told()] == [row["user_id"] for row in recruiters]


def test_every_table_is_moved_to_the_first_key_and_what_no_key_opens_is_named(
    connected: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected.connect(LINKEDIN)
    connected.connect(X)
    facebook = connected.connect(FACEBOOK)
    lost = TokenCipher((Fernet.generate_key().decode(),)).seal("a-token-of-nobody")
    connected.change("access_token = %s where id = %s", lost, facebook)
    keys, new = connected.settings.token_encryption_keys, Fernet.generate_key().decode()
    assert keys is not None
    monkeypatch.setenv("DATABASE_URL", connected.platform.database._url)
    monkeypatch.setenv("TOKEN_ENCRYPTION_KEYS", f"{new},{keys.get_secret_value()}")
    told = CliRunner().invoke(main, ["keys", "rotate"])
    assert "2 accounts are sealed with the first key now." in told.output
    assert f"channel_accounts {facebook}:" in told.output
    rows = connected.platform.rows(
        """select encryption_key, access_token, refresh_token from integration_credentials union all
           select encryption_key, access_token, refresh_token from channel_accounts where channel = 'twitter'"""
    )
    assert {row["encryption_key"] for row in rows} == {key_id(new)}
    for row in rows:
        TokenCipher((new,)).open(row["access_token"])
    doctor = CliRunner().invoke(main, ["doctor", "--providers"])
    assert f"(channel_accounts {facebook})" in " ".join(doctor.output.replace("│", " ").split())
