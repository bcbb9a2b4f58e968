"""An address is the same however it is spelt: for what is sent, for what is held back, and for what was wished."""

from datetime import UTC, datetime

import pytest

from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform
from worker.kit.mailboxes import comparable
from worker.services.alerts import eligibility
from worker.services.email.delivery import events
from worker.services.email.recipients import suppression

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
SPELLINGS = [
    ("Jose.Mba@Example.CM", "jose.mba@example.cm"),
    ("josé@exemple.cm", "JOSÉ@exemple.cm"),
    ("awa@exämple.cm", "awa@xn--exmple-cua.cm"),
    ("awa@xn--exmple-cua.cm", "awa@exämple.cm"),
    ("awa@ｅxample.cm", "awa@example.cm"),
    ("awa@example.cm.", "awa@example.cm"),
    ("josé@exemple.cm", "jose\u0301@exemple.cm"),
    ("paul.ndong@example.org", " paul.ndong@example.org "),
]


def alert_of(platform: Platform, email: str) -> None:
    platform.own_alert(1)
    platform.offer()
    platform.change("update users set email = %s where id = 2", email)


def report(platform: Platform, address: str) -> None:
    """The mail provider reports that this address does not exist."""
    event = {
        "type": "email.bounced",
        "created_at": "2026-11-22T10:00:00Z",
        "data": {"email_id": "e-1", "to": [address], "bounce": {"type": "Permanent"}},
    }
    read = events.read(event)
    assert read is not None
    platform.do(lambda connection: events.receive(connection, "msg_1", read))
    platform.step(platform.row("select id from task_runs where task = 'email.apply_event'")["id"])


@pytest.mark.parametrize(("refused", "known"), SPELLINGS)
@pytest.mark.parametrize("way", ["report", "hand"])
def test_an_alert_of_a_refused_address_is_passed_over(
    platform: Platform, emulator: ResendEmulator, refused: str, known: str, way: str
) -> None:
    if way == "report":
        report(platform, refused)
    else:
        platform.do(lambda connection: suppression.add_by_hand(connection, refused, actor="user:5", reason=None))
    alert_of(platform, known)
    assert platform.run_alerts("daily", MONDAY)["result"]["skipped"] == {"suppressed": 1}
    assert (platform.mails(), emulator.mails()) == ([], [])


@pytest.mark.parametrize(("refused", "known"), SPELLINGS)
def test_a_mail_to_a_refused_address_is_held_back(
    platform: Platform, emulator: ResendEmulator, refused: str, known: str
) -> None:
    run_id = platform.batch(2, recipient=known)
    report(platform, refused)
    platform.step(run_id)
    assert (platform.states(), emulator.mails()) == (["suppressed"] * 2, [])


@pytest.mark.parametrize(("refused", "known"), SPELLINGS)
def test_a_recipient_whom_the_release_before_wrote_down_is_held_back(
    platform: Platform, emulator: ResendEmulator, refused: str, known: str
) -> None:
    run_id = platform.batch(1)
    platform.change("update email_messages set recipient = %s", known)
    report(platform, refused)
    platform.step(run_id)
    assert (platform.states(), emulator.mails()) == (["suppressed"], [])


@pytest.mark.parametrize(("refused", "known"), SPELLINGS)
def test_a_refused_address_is_lifted_in_either_spelling(platform: Platform, refused: str, known: str) -> None:
    report(platform, refused)
    found = platform.do(
        lambda connection: suppression.find(connection, search=known, state="active", cursor=None, limit=5)
    )
    assert len(found.suppressions) == 1
    assert platform.do(lambda connection: suppression.lift(connection, known, actor="user:5", reason="works again"))


@pytest.mark.parametrize(("stopped", "known"), SPELLINGS)
def test_who_stopped_all_alerts_gets_none_at_either_spelling(
    platform: Platform, emulator: ResendEmulator, stopped: str, known: str
) -> None:
    alert_of(platform, known)
    form = comparable(stopped)
    platform.change("insert into recipient_preferences (address, all_alerts_stopped) values (%s, true)", form)
    found = platform.do(lambda connection: eligibility.find(connection, 2))
    assert found is not None
    assert found.stopped
    assert platform.run_alerts("daily", MONDAY)["result"]["skipped"] == {"unsubscribed": 1}
    run_id = platform.batch(1, recipient=known)
    platform.step(run_id)
    assert (platform.states(), emulator.mails()) == (["suppressed"], [])
    platform.do(lambda connection: eligibility.set_stopped(connection, 2, stopped=False))
    assert platform.row("select all_alerts_stopped from recipient_preferences where address = %s", form) == {
        "all_alerts_stopped": False
    }


@pytest.mark.parametrize("merged", [False, True])
def test_an_alert_reaches_an_address_with_blanks_around_it(
    platform: Platform, emulator: ResendEmulator, *, merged: bool
) -> None:
    platform.settings = platform.settings.model_copy(update={"alerts_one_mail_per_candidate": merged})
    alert_of(platform, " paul.ndong@example.org ")
    platform.run_alerts("daily", MONDAY)
    assert platform.states() == ["sent"]
    assert [mail["to"] for mail in emulator.mails()] == [["paul.ndong@example.org"]]


def test_a_report_reaches_the_mail_whose_address_it_spells_otherwise(
    platform: Platform, emulator: ResendEmulator
) -> None:
    run_id = platform.batch(1, recipient="awa@exämple.cm")
    platform.step(run_id)
    [mail] = emulator.mails()
    assert mail["to"] == ["awa@xn--exmple-cua.cm"]
    platform.change("update email_messages set provider_id = null, state = 'sending'")
    event = {
        "type": "email.delivered",
        "data": {"email_id": mail["id"], "to": ["Awa@Exämple.CM"], "tags": {"message": mail["tags"]["message"]}},
    }
    read = events.read(event)
    assert read is not None
    platform.do(lambda connection: events.receive(connection, "msg_2", read))
    platform.drain()
    assert platform.states() == ["delivered"]
