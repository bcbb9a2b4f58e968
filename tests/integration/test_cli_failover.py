"""`intowork failover`: bulk stands still, and what the new server knows of its last minute is told."""

from uuid import UUID

import click
import pytest
from click.testing import CliRunner

from tests.factories import runs
from tests.factories.ledger import SEND, attempt, change, one, prepare, put, write
from tests.factories.sample_effects import Provider, SampleReplay, create_sample_table
from worker import cli
from worker.kit.database import Database
from worker.kit.errors import UnknownOutcome

ANSWERED = """
insert into effects (key, generation, provider, policy, request, run_id, lease, state, settled_at)
values ('letter:1', 0, 'post-office', 'ask', '', new_run_id(), 0, 'done', now())
"""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str, broker_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("BROKER_URL", broker_url)
    monkeypatch.delenv("DATABASE_PRIVATE_URL", raising=False)


@pytest.fixture
def worker(database: Database) -> UUID:
    return prepare(database, runs.TASK, SEND)


def told(*options: str) -> str:
    result = CliRunner().invoke(cli.main, ["failover", *options])
    assert result.exit_code == 0, result.output
    return result.output


def is_paused(database: Database) -> bool:
    return bool(one(database, "select paused_at is not null as paused from queues where name = 'bulk'")["paused"])


@pytest.mark.usefixtures("environment")
def test_bulk_stands_still_and_the_gap_is_told(database: Database, worker: UUID) -> None:
    create_sample_table(database)
    [doubtful] = write(database, task=SEND)
    attempt(database, worker, doubtful, SampleReplay(Provider(UnknownOutcome("The answer never came."))))
    [waiting] = write(database)
    put(database, [waiting], dispatches=1)
    change(database, ANSWERED)
    output = told("--seconds", "300")
    assert is_paused(database)
    assert one(database, "select actor, reason from audit_log") == {"actor": "cli", "reason": "a failover"}
    assert "sample:1:create" in output
    assert str(doubtful) in output
    assert "post-office" in output
    assert runs.TASK in output
    assert "default" in output.partition("Published")[2].partition("What to do now")[0]
    assert "the newest write is of" in output
    assert "/api/queues/bulk/resume" in output
    assert one(database, "select state from task_runs where id = %s", waiting)["state"] == "queued"


@pytest.mark.usefixtures("environment", "worker")
def test_only_looking_pauses_nothing(database: Database) -> None:
    write(database, 3)
    output = told("--keep-running", "--at", "2020-01-01T00:00:00")
    assert "nothing was written" in output
    assert not is_paused(database)


@pytest.mark.usefixtures("environment")
def test_a_moment_that_is_none_is_refused_in_a_sentence() -> None:
    result = CliRunner().invoke(cli.main, ["failover", "--at", "yesterday"])
    assert result.exit_code == click.BadParameter.exit_code
    assert "yesterday is no instant" in result.output
