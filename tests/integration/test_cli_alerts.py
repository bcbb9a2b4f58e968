"""`intowork alerts`: what an operator starts, sees, stops and resumes."""

import re
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner, Result

from tests.factories import main_web_app
from worker import cli
from worker.catalogue.everything import CATALOGUE
from worker.kit.database import Database, Row, execute, query, raw
from worker.kit.settings import Settings, variables
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.synchronise import synchronise_catalogue
from worker.services.alerts import progress, runs
from worker.services.alerts.digests import Stored
from worker.services.alerts.search import prepare_changed

PERIOD = datetime(2026, 12, 1, 8, tzinfo=UTC)
NOBODY = "019b0000-0000-7000-8000-000000000000"


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, database_url: str, broker_url: str, database: Database) -> Database:
    """A migrated database with offers and two alerts of two candidates, and an environment that names it."""
    for name, field in Settings.model_fields.items():
        for variable in variables(name, field):
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("BROKER_URL", broker_url)
    with database.transaction() as connection:
        synchronise_catalogue(connection, CATALOGUE)
        populate(raw(connection))
    return database


def populate(connection: "psycopg.Connection[Row]") -> None:
    main_web_app.populate_people(connection)
    for title in ("Développeur Python", "Développeuse Python"):
        main_web_app.insert_job(connection, title)
    for candidate, name in ((1, "Python de Paul"), (3, "Python de Marc")):
        main_web_app.insert_alert(connection, candidate, name, origin="platform", last_number=0)
    connection.execute("update users set is_active = false where id = 7")


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(cli.main, ["alerts", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def written(database: Database) -> list[Row]:
    with database.transaction() as connection:
        return query(connection, "select * from task_runs order by id")


@pytest.fixture
def begun(platform: Database) -> UUID:
    """An alert run whose one shard waits."""
    with platform.transaction() as connection:
        payload = {"frequency": "daily", "period": PERIOD.isoformat()}
        run_id = enqueue_all(connection, [NewRun("alerts.run", payload)])[0].id
        prepare_changed(connection)
        runs.advance(connection, run_id, "daily", PERIOD)
    return run_id


def test_a_run_is_asked_for_and_shown(platform: Database) -> None:
    asked = run("run", "--frequency", "daily", "--period", "2026-12-01T09:00")
    assert asked.exit_code == 0, asked.output
    [row] = written(platform)
    assert (row["task"], row["payload"]["frequency"]) == ("alerts.run", "daily")
    assert datetime.fromisoformat(row["payload"]["period"]) == PERIOD
    assert f"intowork alerts show {row['id']}" in asked.output
    shown = run("show", str(row["id"]))
    assert (shown.exit_code, shown.output) == (0, f"Run {row['id']} is queued: it has not begun.\n")


def test_without_a_period_a_run_is_for_now(platform: Database) -> None:
    assert run("run", "--frequency", "monthly").exit_code == 0
    [row] = written(platform)
    assert abs((datetime.now(UTC) - datetime.fromisoformat(row["payload"]["period"])).total_seconds()) < 60


def test_instant_alerts_and_single_ones_are_tasks_of_their_own(platform: Database) -> None:
    for arguments in (("run", "--frequency", "instant"), ("test", "2"), ("rerun", "2")):
        assert run(*arguments).exit_code == 0
    assert [(row["task"], row["payload"]) for row in written(platform)] == [
        ("alerts.instant", {"job_id": 0}),
        ("alerts.test", {"alert_id": 2}),
        ("alerts.rerun", {"alert_id": 2}),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("run", "--frequency", "yearly"),
        ("run", "--frequency", "daily", "--period", "soon"),
        ("test", "0"),
        ("rerun", "2147483648"),
        ("show", "nothing"),
        ("stop", "9" * 30),
    ],
)
def test_wrong_arguments_are_usage_errors(platform: Database, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
    assert written(platform) == []


def test_a_dry_run_prints_counts_and_alerts_and_writes_nothing(platform: Database) -> None:
    told = run("run", "--frequency", "daily", "--dry-run")
    assert told.exit_code == 0, told.output
    for name, count in (("active", 2), ("match", 2), ("would be mailed", 1), ("skipped: inactive_user", 1)):
        assert re.search(rf"{name}\W+{count}\b", told.output), told.output
    assert "Alert 1: 2 new, the newest are offers 2, 1." in told.output
    assert "Nothing was written" in told.output
    assert "@" not in told.output
    assert "Paul" not in told.output
    assert written(platform) == []


def test_a_dry_run_of_a_period_that_is_over_says_so(platform: Database) -> None:
    with platform.transaction() as connection:
        execute(
            connection,
            "insert into alert_runs (frequency, period, state, finished_at) values ('daily', %s, 'succeeded', now())",
            (PERIOD,),
        )
    told = run("run", "--frequency", "daily", "--period", PERIOD.isoformat(), "--dry-run")
    assert "has succeeded already" in told.output


def test_a_run_shows_how_far_it_is_by_its_id_and_by_its_number(platform: Database, begun: UUID) -> None:
    with platform.transaction() as connection:
        progress.count(connection, 1, 1, Stored(0))
    for identifier in (str(begun), "1"):
        shown = run("show", identifier)
        assert shown.exit_code == 0, shown.output
        for name, value in (("state", "running"), ("alerts", "2"), ("scanned", "1"), ("run", f"{begun} queued")):
            assert re.search(rf"\b{name}\W+{value}", shown.output), shown.output


def test_an_alert_run_outlives_its_run(platform: Database, begun: UUID) -> None:
    with platform.transaction() as connection:
        execute(connection, "delete from task_runs")
    assert "forgotten" in run("show", "1").output
    refused = run("stop", "1")
    assert (refused.exit_code, "forgotten since" in refused.output) == (1, True)


@pytest.mark.parametrize("identifier", ["7", NOBODY])
def test_an_unknown_run_is_named(platform: Database, identifier: str) -> None:
    for word in ("show", "stop", "resume"):
        refused = run(word, identifier)
        assert (refused.exit_code, refused.output) == (1, f"Error: There is no run of alerts {identifier}.\n")


def test_a_run_of_something_else_is_none_of_alerts(platform: Database) -> None:
    with platform.transaction() as connection:
        other = enqueue_all(connection, [NewRun("upkeep.prune", {})])[0].id
    assert run("stop", str(other)).exit_code == 1
    assert [row["state"] for row in written(platform)] == ["queued"]


def test_a_run_is_stopped_with_its_shards_and_resumed(platform: Database, begun: UUID) -> None:
    stopped = run("stop", "1", "--reason", "too early")
    assert (stopped.exit_code, stopped.output) == (0, f"Run {begun} is stopped.\n")
    assert {row["state"] for row in written(platform)} == {"cancelled"}
    with platform.transaction() as connection:
        noted = query(connection, "select actor, action, reason from audit_log where subject = %s", (str(begun),))
    assert noted == [{"actor": "cli", "action": "run.cancel", "reason": "too early"}]
    assert "cancelled" in run("show", str(begun)).output
    resumed = run("resume", str(begun))
    assert (resumed.exit_code, resumed.output) == (0, f"Run {begun} goes on.\n")
    refused = run("resume", str(begun))
    assert (refused.exit_code, "only a failed or cancelled run" in refused.output) == (1, True)


def test_a_run_that_is_over_cannot_be_stopped(platform: Database, begun: UUID) -> None:
    with platform.transaction() as connection:
        execute(connection, "update task_runs set state = 'succeeded', finished_at = now() where id = %s", (begun,))
    refused = run("stop", str(begun))
    assert (refused.exit_code, "is succeeded and cannot be stopped" in refused.output) == (1, True)


def test_a_run_that_works_stops_when_it_looks(platform: Database, begun: UUID) -> None:
    with platform.transaction() as connection:
        execute(connection, "update task_runs set state = 'running' where id = %s", (begun,))
    assert run("stop", str(begun)).output == f"Run {begun} stops when it next looks.\n"


def test_a_run_that_ended_without_beginning_says_why(platform: Database) -> None:
    run("test", "9")
    [row] = written(platform)
    with platform.transaction() as connection:
        error = '{"code": "run.cancelled", "message": "There is no alert 9."}'
        execute(connection, "update task_runs set state = 'cancelled', error = %s", (error,))
    assert run("show", str(row["id"])).output == f"Run {row['id']} is cancelled: There is no alert 9.\n"
