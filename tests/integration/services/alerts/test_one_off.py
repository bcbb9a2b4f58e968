"""One alert alone: tried out without a trace, or served outside its schedule."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform
from worker.catalogue import alerts
from worker.kit.database import Row
from worker.kit.tasks import TaskDefinition
from worker.ledger.enqueue import enqueue

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
BOTH = pytest.mark.parametrize("task", [alerts.TEST, alerts.RERUN], ids=lambda task: task.name)


def carry_out(platform: Platform, task: TaskDefinition, alert: int) -> Row:
    run_id = platform.enqueue(task, alerts.OneAlert(alert_id=alert))
    platform.drain()
    return platform.run(run_id)


def digests(platform: Platform) -> list[Row]:
    return platform.rows("select * from alert_digests order by id")


def kept(platform: Platform, alert: int) -> list[Any]:
    """What a test must leave alone."""
    return [
        platform.row("select * from job_alerts where id = %s", alert),
        digests(platform),
        platform.rows("select * from notifications"),
        platform.rows("select * from alert_runs"),
    ]


def test_a_test_mails_the_newest_open_offers_and_changes_nothing(platform: Platform, emulator: ResendEmulator) -> None:
    alert = platform.alert()
    offers = platform.offers(21)
    platform.run_alerts("daily", MONDAY)
    before = kept(platform, alert)
    closed = platform.offer("Python fermé", status="closed")
    run = carry_out(platform, alerts.TEST, alert)
    assert (run["state"], run["result"]) == ("succeeded", {"alert_id": alert, "offers": 21, "shown": 20})
    assert kept(platform, alert) == before
    message = platform.mails()[-1]
    assert (message["source"], message["state"]) == (f"alert_test:{run['id']}", "sent")
    assert message["context"]["job_ids"] == offers[:0:-1]
    assert closed not in message["context"]["job_ids"]
    mail = emulator.mails()[-1]
    assert (mail["to"], mail["subject"]) == (
        ["paul.ndong@example.org"],
        "[Test] 21 nouvelles offres pour « Python »",
    )


def test_a_test_names_offers_that_no_run_has_seen(platform: Platform, emulator: ResendEmulator) -> None:
    platform.own_alert(1)
    platform.offer()
    carry_out(platform, alerts.TEST, 1)
    carry_out(platform, alerts.TEST, 1)
    assert [mail["subject"] for mail in emulator.mails()] == ["[Test] 1 nouvelle offre pour « Python »"] * 2


def test_a_test_in_a_companys_own_words_says_that_it_is_one(platform: Platform, emulator: ResendEmulator) -> None:
    platform.own_alert(1)
    platform.offer()
    platform.change(
        """
        insert into email_templates (company_id, created_by_user_id, name, type, own_type, subject, body, is_active,
                                     is_default, usage_count)
        values (1, 1, 'Alerte', 'CUSTOM', 'job_alert', 'Chez nous', '{jobs_list}', true, true, 0)
        """
    )
    carry_out(platform, alerts.TEST, 1)
    assert [mail["subject"] for mail in emulator.mails()] == ["[Test] Chez nous"]


def test_a_test_without_offers_says_so(platform: Platform, emulator: ResendEmulator) -> None:
    platform.own_alert(1)
    platform.offer("Comptable")
    run = carry_out(platform, alerts.TEST, 1)
    assert (run["state"], run["error"]["message"]) == ("cancelled", "Alert 1 gets no test: no open offer answers it.")
    assert emulator.requests() == []


def _switch_off(platform: Platform) -> None:
    platform.change("update users set is_active = false where id = 2")


def _stop_all(platform: Platform) -> None:
    platform.change("insert into recipient_preferences (user_id, all_alerts_stopped) values (2, true)")


def _suppress(platform: Platform) -> None:
    platform.change("insert into suppressions (address, reason) values ('paul.ndong@example.org', 'complained')")


def _pause(platform: Platform) -> None:
    platform.change("update job_alerts set is_active = false")


def _orphan(platform: Platform) -> None:
    platform.change("update job_alerts set origin = 'orphan'")


@BOTH
@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        (_switch_off, "its owner's account is switched off"),
        (_stop_all, "its owner stopped all alerts"),
        (_suppress, "its owner's address is on the suppression list"),
        (_pause, "it is paused"),
        (_orphan, "it belongs to no candidate"),
    ],
)
def test_whoever_gets_no_mail_is_told_why(
    platform: Platform, emulator: ResendEmulator, task: TaskDefinition, prepare: Callable[[Platform], None], why: str
) -> None:
    alert = platform.own_alert(1)
    platform.offer()
    prepare(platform)
    before = kept(platform, alert)
    run = carry_out(platform, task, alert)
    assert (run["state"], run["error"]["message"]) == ("cancelled", f"Alert {alert} gets no mail: {why}.")
    assert kept(platform, alert) == before
    assert emulator.requests() == []


@BOTH
def test_an_unknown_alert_is_named(platform: Platform, task: TaskDefinition) -> None:
    assert carry_out(platform, task, 77)["error"]["message"] == "There is no alert 77."


def test_a_rerun_serves_what_is_new_and_the_schedule_does_not_repeat_it(
    platform: Platform, emulator: ResendEmulator
) -> None:
    alert, other = platform.alert(2), platform.alert(3)
    first = platform.offer()
    platform.run_alerts("daily", MONDAY)
    second = platform.offer("Python encore")
    run = carry_out(platform, alerts.RERUN, alert)
    assert (run["state"], run["result"]["alert_id"], run["result"]["digests_stored"]) == ("succeeded", alert, 1)
    alert_run = platform.row("select * from alert_runs where id = %s", run["result"]["alert_run_id"])
    assert (alert_run["frequency"], alert_run["state"]) == ("daily", "succeeded")
    assert run["created_at"] < alert_run["period"] <= run["finished_at"]
    assert (alert_run["alerts_total"], alert_run["alerts_scanned"], alert_run["alerts_matched"]) == (1, 1, 1)
    assert carry_out(platform, alerts.RERUN, alert)["result"]["digests_stored"] == 0
    platform.run_alerts("daily", MONDAY.replace(day=24))
    served = [(row["alert_id"], row["job_ids"]) for row in digests(platform)]
    assert served == [(alert, [first]), (other, [first]), (alert, [second]), (other, [second])]
    assert len(emulator.mails()) == 4


def test_reruns_that_were_asked_for_together_are_all_carried_out(platform: Platform, emulator: ResendEmulator) -> None:
    wanted = [alerts.OneAlert(alert_id=platform.alert(reader)) for reader in (2, 3)]
    platform.offer()
    with platform.database.transaction() as connection:
        asked = [enqueue(connection, alerts.RERUN, each).id for each in wanted]
    platform.drain()
    assert [platform.run(each)["state"] for each in asked] == ["succeeded", "succeeded"]
    assert len(emulator.mails()) == 2


def test_a_rerun_that_finds_nothing_moves_the_mark(platform: Platform, emulator: ResendEmulator) -> None:
    alert = platform.alert()
    platform.offer("Comptable")
    result = carry_out(platform, alerts.RERUN, alert)["result"]
    assert (result["alerts_scanned"], result["digests_stored"], emulator.requests()) == (1, 0, [])
    assert platform.row("select last_number from job_alerts")["last_number"] == 1


def test_a_rerun_adopts_what_the_main_web_app_wrote(platform: Platform) -> None:
    alert = platform.alert()
    platform.offer()
    assert carry_out(platform, alerts.RERUN, alert)["result"]["digests_stored"] == 1


def test_a_monthly_alert_stays_one(platform: Platform) -> None:
    alert = platform.alert(frequency="WEEKLY", own_frequency="monthly")
    platform.offer()
    assert carry_out(platform, alerts.RERUN, alert)["result"]["frequency"] == "monthly"
    assert platform.mails()[0]["context"]["frequency"] == "monthly"


def test_a_rerun_respects_the_rest_of_an_instant_alert(platform: Platform) -> None:
    alert = platform.own_alert(1, frequency="INSTANT")
    first, second = platform.offer(), None
    assert carry_out(platform, alerts.RERUN, alert)["result"]["digests_stored"] == 1
    second = platform.offer()
    run = carry_out(platform, alerts.RERUN, alert)
    assert run["error"]["message"] == f"Alert {alert} had a mail within 15 minutes; what is new follows by itself."
    platform.change("update job_alerts set last_sent_at = last_sent_at - interval '15 minutes'")
    carry_out(platform, alerts.RERUN, alert)
    assert [row["job_ids"] for row in digests(platform)] == [[first], [second]]


def test_a_rerun_that_is_tried_again_looks_at_what_came_meanwhile(platform: Platform) -> None:
    alert = platform.own_alert(1)
    first = platform.offer()
    run = carry_out(platform, alerts.RERUN, alert)
    second = platform.offer()
    platform.change("update task_runs set state = 'queued', finished_at = null, result = null where id = %s", run["id"])
    platform.step(run["id"])
    assert [digest["job_ids"] for digest in digests(platform)] == [[first], [second]]
