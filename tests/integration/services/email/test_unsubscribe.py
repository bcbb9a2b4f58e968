"""Subscribed mail can be ended by one click; other mail has no such header."""

import re
from typing import Any

import pytest

from tasks import bound_tasks
from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform, settings_for
from worker.ledger.executor import Executor
from worker.services.alerts import eligibility
from worker.services.email.recipients import unsubscribing
from worker.services.email.recipients.unsubscribing import Grant
from worker.wiring import Wiring

SECRET = "the secret that signs the links of these tests"
USER = 2


@pytest.fixture
def signing(platform: Platform) -> Platform:
    """The platform with a secret for its links."""
    platform.close()
    platform.settings = settings_for("postgresql://nowhere/none", platform.resend_url, signing_secret=SECRET)
    platform.wiring = Wiring(platform.settings)
    tasks = {each.definition.name: each for each in bound_tasks(platform.wiring)}
    platform.executor = Executor(platform.database, tasks)
    return platform


def alert_mail(platform: Platform, emulator: ResendEmulator) -> dict[str, Any]:
    platform.step(platform.batch(1, user_id=USER, context={"alert_id": 17}))
    [taken] = emulator.mails()
    found: dict[str, Any] = emulator.mail(taken["id"])
    return found


def test_a_digest_can_be_ended_by_one_click(signing: Platform, emulator: ResendEmulator) -> None:
    mail = alert_mail(signing, emulator)
    headers = dict(mail["headers"])
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = headers["List-Unsubscribe"].removeprefix("<").removesuffix(">")
    assert link == unsubscribing.link(signing.settings, user_id=USER, alert_id=17)
    token = link.removeprefix(f"{signing.settings.platform_url}/u/")
    assert unsubscribing.read(signing.settings, token) == Grant(USER, 17)


@pytest.mark.parametrize("part", ["html", "text"])
def test_a_digest_says_how_to_end_it(signing: Platform, emulator: ResendEmulator, part: str) -> None:
    mail = alert_mail(signing, emulator)
    links = set(re.findall(r"http://localhost:5080/u/[A-Za-z0-9_.-]+(?:/preferences)?", mail[part]))
    assert links == {
        unsubscribing.link(signing.settings, user_id=USER, alert_id=17),
        unsubscribing.preferences_link(signing.settings, user_id=USER, alert_id=17),
    }


def test_without_a_secret_a_digest_names_the_page_with_a_login(platform: Platform, emulator: ResendEmulator) -> None:
    mail = alert_mail(platform, emulator)
    assert not [name for name in mail["headers"] if name.startswith("List-")]
    assert "/dashboard/job-alerts" in mail["text"]
    assert "/u/" not in mail["text"]


def test_stopping_reaches_mail_that_is_on_its_way(signing: Platform, emulator: ResendEmulator) -> None:
    run_id = signing.batch(1, user_id=USER)
    assert signing.do(lambda connection: eligibility.set_stopped(connection, USER, stopped=True))
    signing.step(run_id)
    assert signing.states() == ["suppressed"]
    assert emulator.mails() == []


def test_pausing_reaches_mail_that_is_on_its_way(signing: Platform, emulator: ResendEmulator) -> None:
    alert = signing.alert(1, origin="platform")
    run_id = signing.batch(1, user_id=USER, source="alert_digest:1", context={"alert_id": alert})
    assert signing.do(lambda connection: eligibility.set_active(connection, USER, alert, active=False))
    signing.step(run_id)
    assert signing.states() == ["suppressed"]
    assert emulator.mails() == []


def test_a_frequency_that_only_we_know(signing: Platform) -> None:
    alert = signing.alert(1, origin="platform", own_frequency="monthly", frequency="WEEKLY")
    found = signing.do(lambda connection: eligibility.find(connection, USER))
    assert found is not None
    assert [(each.id, each.frequency) for each in found.alerts] == [(alert, "monthly")]
    signing.change("update job_alerts set frequency = 'DAILY'")
    found = signing.do(lambda connection: eligibility.find(connection, USER, alert))
    assert found is not None
    assert [each.frequency for each in found.alerts] == ["daily"]
