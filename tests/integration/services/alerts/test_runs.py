"""Alert runs from the schedule's instant to the mails: who gets what, once."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.factories.emulators import ResendEmulator
from tests.factories.ledger import OpenTransaction, wait_for_lock
from tests.integration.services.support import Platform
from worker.catalogue import alerts
from worker.kit.database import Database, Row, raw
from worker.ledger.controls import cancel, retry
from worker.ledger.outcomes import Snooze
from worker.services.alerts import runs
from worker.services.alerts.search import prepare_changed

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
EVERYTHING: dict[str, Any] = {}


def digests(platform: Platform) -> list[Row]:
    return platform.rows("select * from alert_digests order by id")


def alert_row(platform: Platform, alert: int) -> Row:
    return platform.row("select * from job_alerts where id = %s", alert)


def day(number: int) -> datetime:
    return MONDAY + timedelta(days=number)


def test_from_the_run_to_the_mail(platform: Platform, emulator: ResendEmulator) -> None:
    awa, nobody = platform.alert(2), platform.alert(3, "Rien", criteria={"keywords": ["astronaute"]})
    first, second = platform.offers(2)
    platform.offer("Comptable")
    run = platform.run_alerts("daily", MONDAY)
    assert (run["task"], run["state"]) == ("alerts.run", "succeeded")
    assert run["result"] | {"alert_run_id": 0} == {
        "alert_run_id": 0,
        "frequency": "daily",
        "period": MONDAY.isoformat(),
        "state": "succeeded",
        "alerts_total": 2,
        "alerts_scanned": 2,
        "alerts_matched": 1,
        "digests_stored": 1,
        "skipped": {},
        "failed_shards": 0,
    }
    [shard] = platform.rows("select * from task_runs where task = 'alerts.match_shard'")
    del shard["result"]["seconds"]
    assert (shard["state"], shard["parent_id"], shard["result"]) == (
        "succeeded",
        run["id"],
        {"alerts": 2, "matched": 1, "digests": 1, "skipped": {}},
    )
    [digest] = digests(platform)
    assert (digest["alert_id"], digest["job_ids"], digest["total"], digest["more_count"]) == (
        awa,
        [second, first],
        2,
        0,
    )
    assert (digest["period"], digest["first_number"], digest["last_number"]) == (MONDAY, 1, 3)
    [message] = platform.mails()
    assert (message["id"], message["source"], message["state"]) == (
        digest["message_id"],
        f"alert_digest:{digest['id']}",
        "sent",
    )
    [mail] = emulator.mails()
    assert (mail["to"], mail["subject"]) == (["paul.ndong@example.org"], "2 nouvelles offres pour « Python »")
    assert alert_row(platform, nobody)["last_number"] == 3


def test_the_candidate_is_told_once_per_digest_and_counters_move(platform: Platform) -> None:
    alert = platform.alert(2, jobs_sent_count=None)
    first, second = platform.offers(2)
    platform.run_alerts("daily", MONDAY)
    [note] = platform.rows("select * from notifications")
    assert (note["user_id"], note["type"], note["related_job_id"], note["is_read"]) == (2, "NEW_JOB", second, False)
    assert (note["title"], note["message"]) == (
        "Nouvelles offres pour « Python »",
        "2 nouvelles offres, dont la plus récente : Développeur Python 2.",
    )
    row = alert_row(platform, alert)
    assert (row["jobs_sent_count"], row["last_matching_job_id"], row["last_number"]) == (2, second, 2)
    assert row["last_sent_at"] is not None
    third = platform.offer()
    platform.change("insert into recipient_preferences (user_id, locale) values (2, 'en')")
    platform.run_alerts("daily", day(1))
    row = alert_row(platform, alert)
    assert (row["jobs_sent_count"], row["last_matching_job_id"]) == (3, third)
    note = platform.row("select * from notifications order by id desc limit 1")
    assert (note["title"], note["message"]) == ("New jobs for “Python”", "1 new job, the latest: Développeur Python.")
    assert [row["locale"] for row in platform.mails()] == ["fr", "en"]
    assert first not in digests(platform)[1]["job_ids"]


def test_the_same_period_again_adds_nothing(platform: Platform, emulator: ResendEmulator) -> None:
    platform.alert()
    platform.offers(2)
    first = platform.run_alerts("daily", MONDAY)
    platform.offer("Python encore")
    second = platform.run_alerts("daily", MONDAY)
    assert second["state"] == "succeeded"
    assert second["result"] == {key: value for key, value in first["result"].items() if key != "failed_shards"}
    assert (len(digests(platform)), len(emulator.mails())) == (1, 1)
    assert len(platform.rows("select id from task_runs where task = %s", alerts.MATCH_SHARD.name)) == 1


def test_a_second_run_waits_for_the_first(platform: Platform) -> None:
    platform.alert()
    platform.offer()
    payload = alerts.RunAlerts(frequency="daily", period=MONDAY)
    first, second = (platform.enqueue(alerts.RUN, payload) for _ in range(2))
    assert platform.step(first)["state"] == "queued"
    waiting = platform.step(second)
    assert (waiting["state"], waiting["ahead"] > 20) == ("queued", True)
    platform.drain()
    assert platform.run(first)["state"] == "succeeded"
    assert platform.step(second)["state"] == "succeeded"
    assert len(digests(platform)) == 1


def test_two_beginnings_at_once_make_one_run(database: Database, platform: Platform) -> None:
    platform.alert()
    platform.offer()
    payload = alerts.RunAlerts(frequency="daily", period=MONDAY)
    one, other = (platform.enqueue(alerts.RUN, payload) for _ in range(2))
    platform.do(prepare_changed)
    with OpenTransaction(database) as first, OpenTransaction(database) as second:
        first.do(lambda connection: runs.advance(connection, one, "daily", MONDAY))
        waiting = second.start(lambda connection: runs.advance(connection, other, "daily", MONDAY))
        wait_for_lock(database)
        first.commit()
        assert waiting.result(10) == Snooze(30.0)
        second.commit()
    assert len(platform.rows("select id from task_runs where parent_id is not null")) == 1


@pytest.mark.parametrize("ended", ["failed", "cancelled"])
def test_a_run_whose_owner_ended_without_finishing_is_taken_over(
    platform: Platform, emulator: ResendEmulator, ended: str
) -> None:
    alert = platform.alert()
    platform.offers(2)
    payload = alerts.RunAlerts(frequency="daily", period=MONDAY)
    owner = platform.enqueue(alerts.RUN, payload)
    platform.step(owner)
    if ended == "cancelled":
        cancel(platform.database, owner, "user:5")
    else:
        platform.change("update task_runs set state = 'failed', finished_at = now() where id = %s", owner)
    later = platform.offer("Python plus tard")
    heir = platform.run_alerts("daily", MONDAY)
    assert (heir["state"], heir["result"]["state"], heir["result"]["alerts_scanned"]) == ("succeeded", "succeeded", 1)
    assert [digest["total"] for digest in digests(platform)] == [2]
    assert alert_row(platform, alert)["last_number"] == 2
    assert len(emulator.mails()) == 1
    platform.run_alerts("daily", day(1))
    assert digests(platform)[1]["job_ids"] == [later]


def test_taking_over_after_some_shards_loses_no_offer(platform: Platform, emulator: ResendEmulator) -> None:
    """Alerts that already have their digest must not have newer offers counted as seen."""
    platform.alert(2)
    platform.offers(2)
    owner = platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY))
    platform.step(owner)
    shard = platform.row("select id from task_runs where parent_id = %s", owner)["id"]
    platform.step(shard)
    platform.change("update task_runs set state = 'failed', finished_at = now() where id = %s", owner)
    later = platform.offer("Python plus tard")
    platform.run_alerts("daily", MONDAY)
    platform.run_alerts("daily", day(1))
    assert [digest["job_ids"] for digest in digests(platform)][1:] == [[later]]
    assert len(emulator.mails()) == 2


def test_a_failed_shard_is_told_and_the_period_can_be_run_again(platform: Platform, emulator: ResendEmulator) -> None:
    platform.alert(2)
    platform.offer()
    owner = platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY))
    platform.step(owner)
    platform.change("update task_runs set max_attempts = 1 where parent_id = %s", owner)
    platform.change("alter table alert_digests add constraint broken check (total < 0) not valid")
    platform.drain()
    platform.change("alter table alert_digests drop constraint broken")
    run = platform.run(owner)
    assert (run["state"], run["result"]["state"], run["result"]["failed_shards"]) == ("succeeded", "failed", 1)
    assert (digests(platform), platform.rows("select * from notifications"), platform.mails()) == ([], [], [])
    assert platform.run_alerts("daily", MONDAY)["result"]["state"] == "succeeded"
    assert len(emulator.mails()) == 1


def test_a_failed_shard_that_is_retried_by_hand_sends_its_digests(platform: Platform) -> None:
    platform.alert(2)
    platform.offer()
    owner = platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY))
    platform.step(owner)
    shard = platform.row("select id from task_runs where parent_id = %s", owner)["id"]
    platform.change("update task_runs set state = 'failed', finished_at = now() where id = %s", shard)
    platform.drain()
    platform.do(lambda connection: retry(connection, shard, "user:5"))
    platform.drain()
    assert (platform.run(shard)["state"], len(digests(platform))) == ("succeeded", 1)


def test_who_is_passed_over_is_counted_by_reason(platform: Platform, emulator: ResendEmulator) -> None:
    for candidate in (1, 2, 3):
        platform.own_alert(candidate)
    platform.app(lambda connection: main_web_app.insert_user(connection, "ines.mba@example.org", "CANDIDATE"))
    platform.change("insert into candidates (user_id) values (8)")
    platform.own_alert(4, "Deux")
    platform.own_alert(4, "Trois")
    platform.alert(1, "Test d'un recruteur")
    platform.change("update users set is_active = false where id = 2")
    platform.change("insert into recipient_preferences (user_id, all_alerts_stopped) values (3, true)")
    platform.change(
        "insert into recipient_preferences (address, all_alerts_stopped) values (%s, true)", "ines.mba@example.org"
    )
    platform.change("update users set email = 'Marc.Essono@Example.org' where id = 7")
    platform.change("insert into suppressions (address, reason) values ('marc.essono@example.org', 'complained')")
    platform.offer()
    result = platform.run_alerts("daily", MONDAY)["result"]
    assert result["skipped"] == {"inactive_user": 1, "unsubscribed": 3, "suppressed": 1}
    assert (result["alerts_scanned"], result["alerts_matched"]) == (5, 0)
    assert emulator.requests() == []
    assert alert_row(platform, 1)["last_number"] == 1


def test_an_alert_that_is_not_translated_yet_waits_and_loses_nothing(database: Database, platform: Platform) -> None:
    alert = platform.alert()
    offer = platform.offer()
    with OpenTransaction(database) as main_app:
        main_app.do(lambda connection: raw(connection).execute("select 1 from job_alerts for no key update"))
        run_id = platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY))
        platform.step(run_id)
        main_app.roll_back()
    platform.drain()
    assert platform.run(run_id)["result"]["skipped"] == {"untranslated": 1}
    assert (alert_row(platform, alert)["origin"], alert_row(platform, alert)["last_number"]) == ("main", 0)
    platform.run_alerts("daily", day(1))
    assert [digest["job_ids"] for digest in digests(platform)] == [[offer]]
    assert alert_row(platform, alert)["candidate_id"] == 1


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [("daily", {"Jour", "Sans valeur"}), ("weekly", {"Semaine", "Redevenu"}), ("monthly", {"Mois"})],
)
def test_each_frequency_takes_its_own_alerts(
    platform: Platform, frequency: alerts.Frequency, expected: set[str]
) -> None:
    platform.alert(name="Jour")
    platform.alert(name="Sans valeur", is_active=None)
    platform.alert(name="Éteinte", is_active=False)
    platform.alert(name="Semaine", frequency="WEEKLY")
    platform.alert(name="Mois", frequency="WEEKLY", own_frequency="monthly")
    platform.alert(name="Redevenu", frequency="WEEKLY", own_frequency="daily")
    platform.alert(name="Tout de suite", frequency="INSTANT", own_frequency="monthly")
    platform.offer()
    platform.run_alerts(frequency, MONDAY)
    named = platform.rows("select a.name from alert_digests d join job_alerts a on a.id = d.alert_id")
    assert {row["name"] for row in named} == expected
    assert {row["context"]["frequency"] for row in platform.mails()} == {frequency}


def test_the_main_web_apps_later_label_wins_over_monthly(platform: Platform) -> None:
    platform.alert(frequency="WEEKLY", own_frequency="monthly")
    platform.offer()
    platform.change("update job_alerts set frequency = 'DAILY'")
    assert platform.run_alerts("monthly", MONDAY)["result"]["alerts_scanned"] == 0
    assert platform.run_alerts("daily", MONDAY)["result"]["digests_stored"] == 1


def test_an_alert_that_changes_its_frequency_at_the_instant_of_both_loses_nothing(platform: Platform) -> None:
    alert = platform.alert()
    first = platform.offer()
    platform.run_alerts("daily", MONDAY)
    second = platform.offer()
    platform.change("update job_alerts set frequency = 'WEEKLY' where id = %s", alert)
    assert platform.run_alerts("weekly", MONDAY)["result"]["digests_stored"] == 0
    platform.run_alerts("weekly", day(7))
    assert [digest["job_ids"] for digest in digests(platform)] == [[first], [second]]


@pytest.mark.parametrize("offers", [0, 1])
def test_nothing_found_sends_nothing(platform: Platform, emulator: ResendEmulator, offers: int) -> None:
    platform.alert(criteria={"keywords": ["astronaute"]})
    platform.offers(offers)
    assert platform.run_alerts("daily", MONDAY)["state"] == "succeeded"
    assert (digests(platform), platform.mails(), emulator.requests()) == ([], [], [])
    assert platform.rows("select * from notifications") == []


def test_a_run_without_alerts_ends(platform: Platform) -> None:
    result = platform.run_alerts("monthly", MONDAY)["result"]
    assert (result["state"], result["alerts_scanned"], result["failed_shards"]) == ("succeeded", 0, 0)


@pytest.mark.parametrize("criteria", [{}, [], "text", {"keywords": 7, "salary_min": "x"}, {"job_types": ["nonsense"]}])
def test_strange_criteria_stop_nobody(platform: Platform, criteria: Any) -> None:
    platform.change(
        """
        insert into job_alerts (candidate_id, name, criteria, frequency) values (2, 'Étrange', %s::jsonb, 'DAILY')
        """,
        json.dumps(criteria),
    )
    platform.alert(3)
    platform.offer()
    assert platform.run_alerts("daily", MONDAY)["result"]["alerts_scanned"] == 2
    assert 3 in {row["user_id"] for row in platform.mails()}


def test_criteria_that_were_stored_as_text_are_read(platform: Platform) -> None:
    platform.alert(criteria={})
    platform.change("update job_alerts set criteria = to_jsonb(%s::text)", '{"keywords": ["comptable"]}')
    platform.offer()
    comptable = platform.offer("Comptable")
    platform.run_alerts("daily", MONDAY)
    assert [digest["job_ids"] for digest in digests(platform)] == [[comptable]]
