"""A setting that is wrong for every mail fails no mail: they wait until it is mended."""

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform
from worker.ledger import gates
from worker.providers.resend.errors import refusal

GATE = "provider:resend"


def misplaced(platform: Platform) -> None:
    platform.resend_url = f"{platform.resend_url}/nowhere"
    platform.connect_provider()


def malformed(platform: Platform) -> None:
    platform.connect_provider(key="wrong")


def unknown(platform: Platform) -> None:
    platform.connect_provider(key="re_unknown")


def foreign(platform: Platform) -> None:
    platform.connect_provider(key="re_clé")


def absent(platform: Platform) -> None:
    platform.connect_provider(key=" ")


def told(platform: Platform) -> list[str]:
    rows = platform.rows("select reason from audit_log where action = 'gate.close' and subject = %s", GATE)
    return [row["reason"] for row in rows]


def deliveries(platform: Platform, count: int) -> list[UUID]:
    """So many batches of a mail each; the runs that deliver them."""
    jobs = [platform.offer()]
    for number in range(count):
        platform.write(1, jobs=jobs, source=f"test:{number}")
        platform.fill()
    return [run["id"] for run in platform.deliveries()]


@pytest.mark.parametrize("spoil", [misplaced, malformed, unknown, foreign, absent])
def test_mails_wait_for_the_setting(
    platform: Platform, emulator: ResendEmulator, spoil: Callable[[Platform], None]
) -> None:
    right = platform.resend_url
    spoil(platform)
    run_id = platform.batch(3)
    for _ in range(3):
        parked = platform.step(run_id)
        assert (parked["state"], parked["attempt"], parked["gate"]) == ("queued", 0, GATE)
        assert parked["error"]["code"] == "provider.configuration"
        assert 30 < parked["ahead"] <= gates.PROBE
    assert platform.states() == ["pending"] * 3
    assert len(told(platform)) == 1
    platform.resend_url = right
    platform.connect_provider()
    assert platform.step(run_id)["state"] == "succeeded"
    assert platform.states() == ["sent"] * 3
    assert len(emulator.mails()) == 3


def test_one_run_asks_for_all(platform: Platform, emulator: ResendEmulator) -> None:
    first, *others = deliveries(platform, 4)
    platform.connect_provider(key="re_invalid")
    for run_id in (first, *others, first):
        assert platform.step(run_id)["state"] == "queued"
    assert [request["status"] for request in emulator.requests()] == [400, 400]
    assert platform.states() == ["pending"] * 4
    assert platform.rows("select 1 from email_batches where count <> 1") == []
    assert len(told(platform)) == 1
    platform.connect_provider()
    assert platform.step(first)["state"] == "queued"
    assert platform.step(others[0])["state"] == "succeeded"
    platform.drain()
    assert platform.states() == ["sent"] * 4
    assert platform.row("select closed_at, reason from park_gates where key = %s", GATE) == {
        "closed_at": None,
        "reason": None,
    }
    platform.connect_provider(key="re_invalid")
    platform.step(deliveries(platform, 5)[-1])
    assert len(told(platform)) == 2


def test_whoever_should_ask_and_does_not_is_replaced(platform: Platform, emulator: ResendEmulator) -> None:
    first, second = deliveries(platform, 2)
    platform.connect_provider(key="re_invalid")
    platform.step(first)
    platform.connect_provider()
    platform.change("update task_runs set state = 'cancelled', finished_at = now() where id = %s", first)
    assert (platform.step(second)["state"], len(emulator.requests())) == ("queued", 1)
    platform.change("update park_gates set probe_at = now() - interval '2 minutes'")
    assert platform.step(second)["state"] == "succeeded"
    assert platform.rows("select 1 from park_gates where closed_at is not null") == []


def test_a_mail_that_is_refused_shows_that_the_account_works(platform: Platform, emulator: ResendEmulator) -> None:
    bad, good = deliveries(platform, 2)
    platform.change("update email_messages set recipient = 'ohne-at' where source = 'test:0'")
    platform.connect_provider(key="re_invalid")
    platform.step(bad)
    platform.step(good)
    platform.connect_provider()
    platform.step(bad)
    platform.drain()
    assert (platform.run(bad)["state"], platform.run(good)["state"]) == ("succeeded", "succeeded")
    assert platform.states() == ["failed", "sent"]


def test_an_answer_that_was_lost_is_asked_for_when_the_account_works_again(
    platform: Platform, emulator: ResendEmulator
) -> None:
    emulator.faults(drop_after_recording=1, times=1)
    run_id = platform.batch(2)
    platform.step(run_id)
    platform.connect_provider(key="re_invalid")
    assert platform.step(run_id)["gate"] == GATE
    assert platform.states() == ["sending"] * 2
    platform.connect_provider()
    assert platform.step(run_id)["state"] == "succeeded"
    assert len(emulator.mails()) == 2


def test_what_was_answered_is_written_down_though_the_gate_is_closed(
    platform: Platform, emulator: ResendEmulator
) -> None:
    run_id = platform.batch(1)
    platform.step(run_id)
    platform.change("update email_batches set state = 'sending', finished_at = null")
    platform.change("insert into park_gates (key, closed_at, probe_at) values (%s, now(), now())", GATE)
    platform.change("update task_runs set state = 'queued', finished_at = null where id = %s", run_id)
    assert platform.step(run_id)["state"] == "succeeded"
    assert len(emulator.requests()) == 1


def test_a_sender_that_is_refused_is_no_fault_of_the_mails() -> None:
    message = "Invalid `from` field. The email address needs to follow the `email@example.com` format."
    assert refusal(422, "validation_error", message, {}).code == "provider.configuration"
    assert refusal(422, "validation_error", "Invalid `to` field.", {}).code == "provider.refused"
