"""Instant alerts: told at once, once per offer, and at most one mail per alert and quarter of an hour."""

from typing import Any
from uuid import UUID

import pytest

from tests.factories.emulators import ResendEmulator
from tests.factories.ledger import OpenTransaction, wait_for_lock
from tests.integration.services.support import Platform
from worker.catalogue import alerts
from worker.kit.database import Database, Row
from worker.ledger.controls import cancel, retry
from worker.services.alerts import instant
from worker.services.alerts.numbering import number_offers

RESTED = "update job_alerts set last_sent_at = last_sent_at - interval '15 minutes'"


def ask(platform: Platform, job_id: int = 0) -> UUID:
    return platform.enqueue(alerts.INSTANT, alerts.SendInstant(job_id=job_id))


def tell(platform: Platform, job_id: int = 0) -> Row:
    """An instant run with all that follows from it."""
    run_id = ask(platform, job_id)
    platform.drain()
    return platform.run(run_id)


def tidy(platform: Platform) -> int:
    """Upkeep's minute; how many instant runs it has started."""
    before = len(asked(platform))
    run_id = platform.enqueue(alerts.TIDY, alerts.Tidy())
    while platform.run(run_id)["state"] == "queued":
        platform.step(run_id)
    assert platform.run(run_id)["state"] == "succeeded"
    return len(asked(platform)) - before


def asked(platform: Platform) -> list[Row]:
    return platform.rows("select * from task_runs where task = 'alerts.instant' order by id")


def found(platform: Platform) -> list[list[int]]:
    return [row["job_ids"] for row in platform.rows("select job_ids from alert_digests order by id")]


def watch(platform: Platform, user_id: int = 2, **values: Any) -> int:
    return platform.alert(user_id, **{"frequency": "INSTANT", **values})


def mark(platform: Platform, alert: int) -> int:
    number: int = platform.row("select last_number from job_alerts where id = %s", alert)["last_number"]
    return number


def test_a_published_offer_is_told_at_once(platform: Platform, emulator: ResendEmulator) -> None:
    alert = watch(platform)
    platform.alert(3, "Chaque jour")
    offer = platform.offer()
    run = tell(platform, offer)
    assert run["state"] == "succeeded"
    assert (run["result"]["frequency"], run["result"]["state"]) == ("instant", "succeeded")
    assert (run["result"]["alerts_total"], run["result"]["digests_stored"], run["result"]["skipped"]) == (1, 1, {})
    [digest] = platform.rows("select * from alert_digests")
    assert (digest["alert_id"], digest["job_ids"], digest["period"]) == (alert, [offer], run["created_at"])
    [mail] = emulator.mails()
    assert (mail["to"], mail["subject"]) == (["paul.ndong@example.org"], "1 nouvelle offre pour « Python »")
    row = platform.row("select * from job_alerts where id = %s", alert)
    assert (row["jobs_sent_count"], row["last_matching_job_id"], row["last_number"]) == (1, offer, 1)


def test_an_alert_rests_for_a_quarter_of_an_hour_and_loses_nothing(
    platform: Platform, emulator: ResendEmulator
) -> None:
    alert = watch(platform)
    first = platform.offer()
    tell(platform)
    second, third = platform.offers(2)
    run = tell(platform)
    assert run["result"] == {"state": "nothing_due", "horizon": 3}
    assert (found(platform), mark(platform, alert)) == ([[first]], 1)
    assert tidy(platform) == 0
    platform.change(RESTED)
    assert tidy(platform) == 1
    platform.drain()
    assert found(platform) == [[first], [third, second]]
    assert len(emulator.mails()) == 2
    platform.change(RESTED)
    assert tidy(platform) == 0


def test_the_rest_of_one_alert_holds_nobody_else_back(platform: Platform) -> None:
    resting = watch(platform)
    first = platform.offer()
    tell(platform)
    other = watch(platform, 3)
    second = platform.offer()
    result = tell(platform)["result"]
    assert (result["alerts_total"], result["digests_stored"]) == (1, 1)
    served = platform.rows("select alert_id, job_ids from alert_digests order by id")
    assert [(row["alert_id"], row["job_ids"]) for row in served] == [(resting, [first]), (other, [second])]
    assert (mark(platform, resting), mark(platform, other)) == (1, 2)


def test_an_alert_that_finds_nothing_does_not_rest(platform: Platform) -> None:
    watch(platform)
    platform.offer("Comptable")
    tell(platform)
    offer = platform.offer()
    tell(platform)
    assert found(platform) == [[offer]]


@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY"])
def test_other_frequencies_do_not_rest(platform: Platform, frequency: str) -> None:
    alert = platform.alert(frequency=frequency, last_sent_at="now")
    offer = platform.offer()
    named: alerts.Frequency = "daily" if frequency == "DAILY" else "weekly"
    platform.run_alerts(named, platform.row("select now() as now")["now"])
    assert (found(platform), mark(platform, alert)) == ([[offer]], 1)


def test_upkeep_tells_what_the_main_web_app_published(platform: Platform, emulator: ResendEmulator) -> None:
    watch(platform)
    assert tidy(platform) == 0
    platform.offer()
    assert tidy(platform) == 1
    assert tidy(platform) == 0
    platform.drain()
    assert len(emulator.mails()) == 1
    assert tidy(platform) == 0
    assert [run["state"] for run in asked(platform)] == ["succeeded"]


def test_an_alert_without_owner_is_not_due_for_ever(platform: Platform) -> None:
    alert = platform.alert(1, frequency="INSTANT")
    platform.offer()
    tidy(platform)
    platform.change("update job_alerts set is_active = true where id = %s", alert)
    assert platform.row("select origin from job_alerts where id = %s", alert)["origin"] == "orphan"
    assert tidy(platform) == 0
    assert tell(platform)["result"]["state"] == "nothing_due"


@pytest.mark.parametrize("status", ["draft", "closed"])
def test_an_offer_that_is_not_published_is_told_to_nobody(platform: Platform, status: str) -> None:
    watch(platform)
    offer = platform.offer(status=status)
    run = tell(platform, offer)
    assert (run["state"], run["error"]["message"]) == (
        "cancelled",
        f"Offer {offer} is not published, or has expired: nobody is told of it.",
    )
    assert found(platform) == []


def test_an_unknown_offer_is_told_to_nobody(platform: Platform) -> None:
    assert tell(platform, 77)["state"] == "cancelled"


def test_an_offer_whose_change_nobody_noted_is_told_when_it_is_named(platform: Platform) -> None:
    watch(platform)
    offer = platform.offer()
    platform.change("delete from job_changes")
    assert tell(platform)["result"]["state"] == "nothing_due"
    tell(platform, offer)
    assert found(platform) == [[offer]]


def test_two_runs_at_once_tell_once(platform: Platform, emulator: ResendEmulator) -> None:
    watch(platform)
    platform.offer()
    first, second = ask(platform), ask(platform)
    assert platform.step(first)["progress"]["state"] == "running"
    waiting = platform.step(second)
    assert (waiting["state"], waiting["progress"]) == ("queued", {"state": "waiting"})
    platform.drain()
    assert platform.step(second)["result"] == {"state": "nothing_due", "horizon": 1}
    assert (len(found(platform)), len(emulator.mails())) == (1, 1)
    assert len(platform.rows("select id from alert_runs")) == 1


def test_what_is_published_while_a_run_works_is_told_by_the_next(platform: Platform) -> None:
    watch(platform)
    other = watch(platform, 3, criteria={"keywords": ["comptable"]})
    first = platform.offer()
    earlier = ask(platform)
    platform.step(earlier)
    second = platform.offer("Comptable")
    later = ask(platform)
    platform.step(later)
    platform.drain()
    assert platform.run(earlier)["state"] == "succeeded"
    platform.step(later)
    platform.drain()
    assert found(platform) == [[first], [second]]
    assert mark(platform, other) == 2


def test_two_that_start_runs_at_once_start_one(database: Database, platform: Platform) -> None:
    platform.own_alert(1, frequency="INSTANT")
    platform.offer()
    tidy(platform)
    platform.change("delete from task_runs")

    def start(holder: OpenTransaction) -> Any:
        return holder.start(lambda connection: instant.start_if_due(connection, number_offers(connection)))

    with OpenTransaction(database) as first, OpenTransaction(database) as second:
        assert start(first).result(10) is True
        waiting = start(second)
        wait_for_lock(database)
        first.commit()
        assert waiting.result(10) is False
        second.commit()
    assert len(asked(platform)) == 1


def test_a_stopped_run_is_resumed_and_tells_once(platform: Platform, emulator: ResendEmulator) -> None:
    watch(platform)
    offer = platform.offer()
    run_id = ask(platform)
    platform.step(run_id)
    cancel(platform.database, run_id, "user:5")
    platform.drain()
    assert found(platform) == []
    platform.do(lambda connection: retry(connection, run_id, "user:5"))
    platform.drain()
    assert platform.run(run_id)["result"]["state"] == "succeeded"
    assert (found(platform), len(emulator.mails())) == ([[offer]], 1)


def test_who_must_not_be_written_to_is_counted(platform: Platform) -> None:
    watch(platform)
    platform.change("update users set is_active = false where id = 2")
    platform.offer()
    assert tell(platform)["result"]["skipped"] == {"inactive_user": 1}
    assert tidy(platform) == 0
