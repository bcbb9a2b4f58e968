"""One mail per candidate and run, where that is wished: a section per alert, each digest in exactly one mail."""

from datetime import UTC, datetime

import pytest

from tasks import bound_tasks
from tests.factories.emulators import ResendEmulator
from tests.factories.ledger import OpenTransaction, wait_for_lock
from tests.integration.services.support import Platform
from worker.catalogue import alerts
from worker.kit.database import Database, Row
from worker.ledger.controls import cancel, retry
from worker.ledger.executor import Executor
from worker.services.alerts import merging, runs, shards
from worker.services.alerts.alert_run import AlertRun, of_period
from worker.wiring import Wiring

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def merged(platform: Platform) -> Platform:
    settings = platform.settings.model_copy(
        update={"database_url": "postgresql://nowhere/none", "alerts_one_mail_per_candidate": True}
    )
    platform.close()
    platform.settings, platform.wiring = settings, Wiring(settings)
    platform.executor = Executor(
        platform.database, {each.definition.name: each for each in bound_tasks(platform.wiring)}
    )
    return platform


def digests(platform: Platform) -> list[Row]:
    return platform.rows("select * from alert_digests order by id")


def three_alerts(platform: Platform) -> tuple[int, int]:
    """Two alerts of user 3 and one of user 2, which all find the first of these offers."""
    platform.alert(2)
    platform.alert(3, "Python")
    platform.alert(3, "Tout <b>Libreville</b>", criteria={"location": "libreville"})
    return platform.offer(), platform.offer("Comptable")


def begun(platform: Platform) -> Row:
    """The one shard of an alert run that has begun."""
    run_id = platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY))
    platform.step(run_id)
    return platform.row("select id, parent_id, payload from task_runs where parent_id = %s", run_id)


def matched(platform: Platform) -> AlertRun:
    """An alert run whose one shard has ended."""
    platform.step(begun(platform)["id"])
    found = platform.do(lambda connection: of_period(connection, "daily", MONDAY))
    assert found is not None
    return found


def test_a_candidate_gets_one_mail_with_a_section_per_alert(merged: Platform, emulator: ResendEmulator) -> None:
    first, second = three_alerts(merged)
    result = merged.run_alerts("daily", MONDAY)["result"]
    assert (result["state"], result["digests_stored"]) == ("succeeded", 3)
    one, two, three = digests(merged)
    assert two["message_id"] == three["message_id"] != one["message_id"]
    assert [digest["job_ids"] for digest in (one, two, three)] == [[first], [first], [second, first]]
    mails = {mail["to"][0]: mail for mail in emulator.mails()}
    assert len(mails) == len(emulator.mails()) == 2
    assert mails["paul.ndong@example.org"]["subject"] == "1 nouvelle offre pour « Python »"
    [both] = [mail for address, mail in mails.items() if address != "paul.ndong@example.org"]
    assert both["subject"] == "2 nouvelles offres pour « Python · Tout <b>Libreville</b> »"
    mail = emulator.mail(both["id"])
    assert mail["text"].index("PYTHON\n") < mail["text"].index("TOUT <B>LIBREVILLE</B>\n")
    assert "Tout &lt;b&gt;Libreville&lt;/b&gt;</td>" in mail["html"]
    assert mail["text"].count("Développeur Python") == 2
    assert "correspondent à vos alertes « Python · Tout <b>Libreville</b> »." in mail["text"]
    assert "Les modifier, les mettre en pause ou les supprimer" in mail["text"]
    assert len(merged.rows("select id from notifications")) == 3


def test_an_alert_that_is_paused_meanwhile_loses_its_section(merged: Platform, emulator: ResendEmulator) -> None:
    merged.alert(3, "Python")
    paused = merged.alert(3, "Tout", criteria={"location": "libreville"})
    merged.offer()
    merged.offer("Comptable")
    matched(merged)
    merged.step(merged.row("select run_id from alert_runs")["run_id"])
    merged.change("update job_alerts set is_active = false where id = %s", paused)
    merged.drain()
    [mail] = emulator.mails()
    assert mail["subject"] == "1 nouvelle offre pour « Python »"
    assert "Comptable" not in emulator.mail(mail["id"])["text"]


def test_candidates_of_several_steps_get_one_mail_each(merged: Platform, emulator: ResendEmulator) -> None:
    three_alerts(merged)
    alert_run = matched(merged)
    steps = [merged.do(lambda connection: merging.merge(connection, alert_run, most=1)) for _ in range(3)]
    assert steps == [1, 1, 0]
    merged.drain()
    assert len(emulator.mails()) == 2


def test_two_merges_at_once_write_each_mail_once(database: Database, merged: Platform) -> None:
    three_alerts(merged)
    alert_run = matched(merged)
    with OpenTransaction(database) as first, OpenTransaction(database) as second:
        assert first.do(lambda connection: merging.merge(connection, alert_run)) == 2
        waiting = second.start(lambda connection: merging.merge(connection, alert_run))
        first.commit()
        assert waiting.result(10) == 0
        second.commit()
    assert len(merged.mails()) == 2


def test_what_a_cancelled_run_has_stored_is_sent_by_upkeep(merged: Platform, emulator: ResendEmulator) -> None:
    three_alerts(merged)
    run_id = matched(merged).run_id
    assert run_id is not None
    cancel(merged.database, run_id, "user:5")
    assert merged.mails() == []
    merged.step(merged.enqueue(alerts.TIDY, alerts.Tidy()))
    assert len(merged.mails()) == 2
    merged.do(lambda connection: retry(connection, run_id, "user:5"))
    merged.drain()
    assert merged.run(run_id)["result"]["state"] == "succeeded"
    assert (len(merged.mails()), len(emulator.mails()), len(digests(merged))) == (2, 2, 3)


def test_a_shard_that_ends_just_behind_its_run_sends_its_digests(database: Database, merged: Platform) -> None:
    merged.alert(2)
    merged.offer()
    shard = begun(merged)
    cancel(merged.database, shard["parent_id"], "user:5")
    with OpenTransaction(database) as upkeep, OpenTransaction(database) as worker:
        assert upkeep.do(runs.close_abandoned) == 1
        waiting = worker.start(lambda connection: shards.match_shard(connection, **shard["payload"], merged=True))
        wait_for_lock(database)
        upkeep.commit()
        waiting.result(10)
        worker.commit()
    [digest] = digests(merged)
    assert digest["message_id"] is not None


def test_a_shard_that_is_late_sends_its_digests_itself(merged: Platform, emulator: ResendEmulator) -> None:
    merged.alert(2)
    merged.offer()
    shard = begun(merged)["id"]
    merged.change("update task_runs set state = 'failed', finished_at = now() where id = %s", shard)
    merged.drain()
    merged.do(lambda connection: retry(connection, shard, "user:5"))
    merged.drain()
    assert digests(merged)[0]["message_id"] is not None
    merged.fill()
    merged.drain()
    assert len(emulator.mails()) == 1
