"""Access that ends, is renewed, is refused or cannot be had: what becomes of the account, and who is told."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import requests
from cryptography.fernet import Fernet

from tests.factories import accounts, main_web_app, runs
from tests.factories.emulators import GoogleEmulator, LinkedInEmulator
from tests.integration.services.support import Platform
from worker.catalogue.integrations import CHECK_EXPIRING, REFRESH_TOKEN, CheckExpiring, RefreshToken
from worker.contracts.providers import GOOGLE, LINKEDIN
from worker.kit.crypto import TokenCipher, key_id
from worker.kit.database import Database, Row
from worker.ledger.executor import Executor
from worker.services.integrations.storing import Owner
from worker.services.integrations.vault import TokenVault
from worker.wiring import Wiring

ACCOUNT = "rh@exemple.cm"
TOLD = "select title, message, user_id from notifications order by id"


class Accounts:
    """A platform whose recruiter has connected accounts at the emulators."""

    def __init__(self, platform: Platform, emulators: str, session: requests.Session) -> None:
        self.platform = platform
        self.google = GoogleEmulator(emulators, session)
        self.linkedin = LinkedInEmulator(emulators, session)
        self.settings = accounts.settings_at(emulators, resend_api_key="re_test", resend_api_url=f"{emulators}/resend")
        self.wiring = Wiring(self.settings)
        platform.wiring = self.wiring
        platform.worker = platform.do(lambda connection: runs.prepare(connection, accounts.USE.name))
        platform.executor = Executor(
            platform.database, {each.definition.name: each for each in accounts.tasks_of(self.wiring)}
        )

    def connect(self, provider: Any = GOOGLE) -> int:
        emulator = self.google if provider is GOOGLE else self.linkedin
        client = self.wiring.accounts(provider.name)
        return accounts.connect(self.platform.do, self.settings, provider, emulator, client, ACCOUNT)

    def connect_another(self) -> int:
        """A colleague's account at Google."""
        client = self.wiring.accounts("google")
        owner = Owner(company_id=1, user_id=4)
        return accounts.connect(self.platform.do, self.settings, GOOGLE, self.google, client, "autre@exemple.cm", owner)

    def start_anew(self, **changes: Any) -> None:
        """Another process, with other settings."""
        self.close()
        self.wiring = Wiring(self.settings.model_copy(update=changes))
        self.platform.wiring = self.wiring
        tasks = {each.definition.name: each for each in accounts.tasks_of(self.wiring)}
        self.platform.executor = Executor(self.platform.database, tasks)

    def change(self, sets: str) -> None:
        self.platform.change(f"update integration_credentials set {sets}")

    def row(self) -> Row:
        return self.platform.row("select * from integration_credentials")

    def use(self, credential_id: int) -> Row:
        """One attempt at a run that uses the account."""
        made: UUID = self.platform.enqueue(accounts.USE, accounts.Use(credential_id=credential_id))
        return self.platform.step(made)

    def told(self) -> list[Row]:
        self.platform.drain()
        return self.platform.rows(TOLD)

    def refreshes(self) -> int:
        return self.google.counters().get("token.refresh", 0)

    def close(self) -> None:
        for client in self.wiring._clients.values():
            client.close()


@pytest.fixture
def connected(platform: Platform, emulator_url: str) -> Iterator[Accounts]:
    with requests.Session() as session:
        made = Accounts(platform, emulator_url, session)
        yield made
        made.close()


def test_a_token_is_renewed_five_minutes_before_its_end(connected: Accounts) -> None:
    number = connected.connect()
    connected.change("token_expires_at = now() + interval '6 minutes'")
    assert connected.use(number)["state"] == "succeeded"
    assert connected.refreshes() == 0
    connected.change("token_expires_at = now() + interval '4 minutes'")
    before = connected.row()
    assert connected.use(number)["state"] == "succeeded"
    after = connected.row()
    assert connected.refreshes() == 1
    assert after["token_version"] == before["token_version"] + 1
    assert after["token_expires_at"] > before["token_expires_at"]
    assert after["refresh_token"] != before["refresh_token"], "the same token, sealed anew"
    vault = TokenVault(connected.settings)
    assert vault.open(after["refresh_token"]) == vault.open(before["refresh_token"])


def test_a_new_refresh_token_takes_the_place_of_the_old_one(connected: Accounts) -> None:
    number = connected.connect()
    connected.google.faults(rotate=1.0)
    before = connected.row()
    for _ in range(2):
        connected.change("token_expires_at = now()")
        assert connected.use(number)["state"] == "succeeded"
    vault = TokenVault(connected.settings)
    assert vault.open(connected.row()["refresh_token"]) != vault.open(before["refresh_token"])


def test_a_refused_token_is_replaced_once(connected: Accounts) -> None:
    number = connected.connect()
    connected.google.expire()
    run = connected.use(number)
    assert (run["state"], run["error"]["code"]) == ("queued", "account.access_refused")
    assert connected.platform.step(run["id"])["state"] == "succeeded"
    assert connected.refreshes() == 1


def test_a_withdrawn_grant_parks_its_runs_and_is_told_once(connected: Accounts) -> None:
    number = connected.connect()
    connected.google.revoke(ACCOUNT)
    run = connected.use(number)
    for _ in range(4):
        run = connected.platform.step(run["id"])
    assert (run["state"], run["gate"], run["attempt"]) == ("queued", f"google:account:{number}", 0)
    assert "Connect the account again" in run["error"]["message"]
    row = connected.row()
    assert (row["state"], row["is_active"]) == ("needs_reconnect", True)
    assert connected.refreshes() == 1
    [told] = connected.told()
    assert told["title"] == "Google Calendar : connexion perdue"
    assert ACCOUNT in told["message"]

    assert connected.connect() == number
    assert connected.platform.run(run["id"])["ahead"] <= 0
    assert connected.platform.step(run["id"])["state"] == "succeeded"


@pytest.mark.parametrize("fault", ["invalid_client", "unauthorized_client", "deleted_client"])
def test_a_wrong_client_id_is_nobodys_fault_and_is_asked_about_once(connected: Accounts, fault: str) -> None:
    number = connected.connect()
    connected.change("token_expires_at = now()")
    before = connected.row()
    connected.google.faults(token_error=fault)
    runs = [connected.use(number) for _ in range(5)]
    assert connected.refreshes() == 1
    after = connected.row()
    for column in ("state", "is_active", "access_token", "refresh_token", "token_version", "last_error"):
        assert after[column] == before[column]
    [gate] = connected.platform.rows("select closed_at, reason from park_gates where key = 'provider:google:tokens'")
    assert gate["closed_at"] is not None
    assert gate["reason"]
    assert connected.told() == []

    connected.google.faults()
    assert connected.platform.step(runs[0]["id"])["state"] == "succeeded", "the one that tries for all"
    assert [connected.platform.step(run["id"])["state"] for run in runs[1:]] == ["succeeded"] * 4
    assert connected.refreshes() == 2


@pytest.mark.parametrize(
    "fault", [{"html_200": 1.0}, {"empty_200": 1.0}, {"error_5xx": 1.0}, {"html_503": 1.0}, {"drop_before": 1.0}]
)
def test_a_strange_answer_changes_nothing(connected: Accounts, fault: dict[str, float]) -> None:
    number = connected.connect()
    connected.change("token_expires_at = now()")
    before = connected.row()
    connected.google.faults(**fault)
    run = connected.use(number)
    assert run["state"] == "queued"
    connected.change("refresh_lease_until = null")
    assert connected.row() == before
    connected.google.faults()
    assert connected.platform.step(run["id"])["state"] == "succeeded"


def test_a_token_that_still_lasts_is_used_while_the_provider_is_away(connected: Accounts) -> None:
    number = connected.connect()
    connected.change("token_expires_at = now() + interval '4 minutes'")
    connected.google.faults(error_5xx=1.0, only="token.refresh")
    assert connected.use(number)["state"] == "succeeded"


def test_a_renewal_that_renews_nothing_is_an_error_and_says_so(connected: Accounts) -> None:
    number = connected.connect()
    connected.google.expire()
    connected.change("token_expires_at = now()")
    connected.google.faults(same_token=1.0, no_expires_in=1.0)
    connected.use(number)
    row = connected.row()
    assert (row["state"], row["is_active"]) == ("error", False)
    assert "has ended" in row["last_error"]


def test_linkedin_without_a_refresh_token_is_told_of_in_time_and_parks_at_its_end(connected: Accounts) -> None:
    """Sixty days, told fourteen, seven and one before their end, each once."""
    connected.linkedin.faults(refresh_tokens=False)
    number = connected.connect(LINKEDIN)
    told = []
    for days in (20, 14, 13, 7, 6, 1, 1):
        connected.change(f"token_expires_at = now() + interval '{days} days' - interval '1 hour'")
        connected.platform.drain()
        connected.platform.enqueue(CHECK_EXPIRING, CheckExpiring())
        told.append(len(connected.told()))
    assert told == [0, 1, 1, 2, 2, 3, 3]
    assert [row["message"].split("prend fin ")[1][:14] for row in connected.told()] == [
        "dans 14 jours.",
        "dans 7 jours. ",
        "demain. Reconn",
    ]
    connected.change("token_expires_at = now() - interval '1 hour'")
    run = connected.use(number)
    run = connected.platform.step(run["id"])
    assert run["gate"] == f"linkedin:account:{number}"
    assert "LinkedIn must be reconnected every 60 days" in run["error"]["message"]
    assert "token.refresh" not in connected.linkedin.counters()


def test_what_is_long_unused_is_renewed_before_it_ends(connected: Accounts, database: Database) -> None:
    number = connected.connect()
    connected.change("connected_at = now() - interval '89 days', refreshed_at = null")
    connected.platform.enqueue(CHECK_EXPIRING, CheckExpiring())
    connected.platform.drain()
    assert connected.refreshes() == 0
    connected.change("connected_at = now() - interval '91 days'")
    connected.platform.enqueue(CHECK_EXPIRING, CheckExpiring())
    connected.platform.drain()
    assert connected.refreshes() == 1
    run = connected.platform.enqueue(REFRESH_TOKEN, RefreshToken(credential_id=number))
    assert connected.platform.step(run)["result"] == {"renewed": True}
    assert connected.refreshes() == 2


def test_a_grant_of_another_app_waits_alone(connected: Accounts) -> None:
    """The provider renews others with our app: it is this account's grant that it does not accept."""
    number = connected.connect()
    other = connected.connect_another()
    connected.change("token_expires_at = now()")
    assert connected.use(other)["state"] == "succeeded"
    connected.google.faults(token_error="unauthorized_client")
    run = connected.use(number)
    run = connected.platform.step(run["id"])
    assert run["gate"] == f"google:account:{number}"
    assert connected.platform.rows("select 1 from park_gates where closed_at is not null") == []
    assert (
        connected.platform.row("select state from integration_credentials where id = %s", number)["state"]
        == "connected"
    )
    assert connected.use(other)["state"] == "succeeded"


def test_a_process_that_lacks_a_key_loses_nobody(connected: Accounts) -> None:
    """While keys are being replaced one process is older than another."""
    number = connected.connect()
    newer = Fernet.generate_key().decode()
    sealed = TokenCipher((newer,)).seal("a-token-of-tomorrow")
    connected.platform.change(
        "update integration_credentials set access_token = %s, encryption_key = %s, token_version = token_version + 1",
        sealed,
        key_id(newer),
    )
    run = connected.use(number)
    assert (run["state"], run["error"]["code"]) == ("queued", "run.retryable")
    assert key_id(newer) in run["error"]["message"]
    assert connected.row()["state"] == "connected"
    assert connected.told() == []


@pytest.mark.parametrize("ends", ["now() + interval '4 minutes'", "now()"])
def test_a_provider_that_asks_for_a_pause_gets_it_from_everybody(connected: Accounts, ends: str) -> None:
    number = connected.connect()
    connected.change(f"token_expires_at = {ends}")
    connected.google.faults(rate_limit=1.0, retry_after=600, only="token.refresh")
    made = [connected.use(number) for _ in range(8)]
    assert connected.refreshes() == 1
    states = {run["state"] for run in made}
    assert states == ({"queued"} if ends == "now()" else {"succeeded"})


def test_operators_hear_of_a_wrong_client_id_before_anybodys_token_has_ended(connected: Accounts) -> None:
    number = connected.connect()
    connected.change("token_expires_at = now() + interval '4 minutes'")
    connected.google.faults(token_error="invalid_client")
    assert [connected.use(number)["state"] for _ in range(5)] == ["succeeded"] * 5
    assert connected.refreshes() == 1
    [gate] = connected.platform.rows("select key from park_gates where closed_at is not null")
    assert gate["key"] == "provider:google:tokens"


def test_a_renewal_says_nothing_about_the_calendar(connected: Accounts) -> None:
    """A calendar that is closed to our app stays closed, however many tokens are renewed."""
    number = connected.connect()
    connected.platform.change(
        "insert into park_gates (key, version, closed_at, reason) values ('provider:google', 1, now(), 'API disabled')"
    )
    connected.change("token_expires_at = now()")
    assert connected.use(number)["state"] == "succeeded"
    [gate] = connected.platform.rows("select version, closed_at from park_gates where key = 'provider:google'")
    assert (gate["version"], gate["closed_at"] is None) == (1, False)


def test_nothing_is_asked_for_that_could_not_be_kept(connected: Accounts) -> None:
    number = connected.connect()
    connected.change(
        "token_expires_at = now(), access_token = 'in-clear', refresh_token = 'in-clear-too', encryption_key = null"
    )
    connected.start_anew(token_encryption_keys=None)
    run = connected.use(number)
    assert run["error"]["code"] == "provider.configuration"
    assert "TOKEN_ENCRYPTION_KEYS" in run["error"]["message"]
    assert connected.refreshes() == 0


def test_a_row_of_another_provider_stops_no_notice(connected: Accounts) -> None:
    connected.linkedin.faults(refresh_tokens=False)
    connected.connect(LINKEDIN)
    connected.change("token_expires_at = now() + interval '6 days'")

    def add_others(connection: Any) -> None:
        for provider, ends in (("JOBBERMAN", "yesterday"), ("OUTLOOK_CALENDAR", "-infinity")):
            values = {"access_token": "x", "user_id": 1, "company_id": 1, "token_expires_at": ends}
            main_web_app.insert_credential(connection, provider, **values)

    connected.platform.app(add_others)
    connected.platform.enqueue(CHECK_EXPIRING, CheckExpiring())
    assert len(connected.told()) == 1


def test_tokens_that_could_not_be_revoked_are_forgotten_after_a_week(connected: Accounts) -> None:
    connected.connect()
    connected.change("state = 'disconnected', is_active = false, updated_at = now() - interval '8 days'")
    connected.platform.enqueue(CHECK_EXPIRING, CheckExpiring())
    connected.platform.drain()
    assert (connected.row()["access_token"], connected.row()["refresh_token"]) == ("", None)
