"""The platform's tasks carried out in this process, one run after the other, over a small market of offers."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import Connection

from tasks import bound_tasks
from tests.factories import main_web_app, runs
from worker.catalogue import alerts, email
from worker.kit.database import Database, Row, execute, query, raw
from worker.kit.settings import Settings
from worker.kit.tasks import Payload, TaskDefinition
from worker.ledger.enqueue import enqueue
from worker.ledger.executor import Executor, RunFailed
from worker.services.email.delivery import batches, messages
from worker.services.email.delivery.messages import NewMessage
from worker.wiring import Wiring

T = TypeVar("T")
LONGEST_DRAIN = 500
DUE = "select id, task from task_runs where state = 'queued' and run_at <= now() order by priority, id limit 1"


def settings_for(database_url: str, resend_url: str, *, key: str = "re_test", **changes: Any) -> Settings:
    return Settings(
        database_url=database_url, resend_api_key=key, resend_api_url=resend_url, resend_rate=1000.0, **changes
    )


class Platform:
    """A live worker that knows every task."""

    def __init__(self, database: Database, resend_url: str) -> None:
        self.database = database
        self.resend_url = resend_url
        self.worker: UUID = self.do(runs.prepare)
        self.connect_provider()

    def connect_provider(self, *, key: str = "re_test", **changes: Any) -> None:
        """Start anew with another key at the provider; changes are settings."""
        settings = settings_for("postgresql://nowhere/none", self.resend_url, key=key, **changes)
        previous: Wiring | None = getattr(self, "wiring", None)
        if previous:
            previous.close()
        self.settings = settings
        self.wiring = Wiring(settings)
        self.executor = Executor(self.database, {each.definition.name: each for each in bound_tasks(self.wiring)})

    def close(self) -> None:
        self.wiring.close()

    def do(self, work: Callable[[Connection], T]) -> T:
        with self.database.transaction() as connection:
            return work(connection)

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        return self.do(lambda connection: query(connection, sql, parameters))

    def row(self, sql: str, *parameters: Any) -> Row:
        [row] = self.rows(sql, *parameters)
        return row

    def change(self, sql: str, *parameters: Any) -> int:
        return self.do(lambda connection: execute(connection, sql, parameters))

    def app(self, work: Callable[[psycopg.Connection[Any]], T]) -> T:
        """Do something the way the main web app does it."""
        return self.do(lambda connection: work(raw(connection)))

    def enqueue(self, task: TaskDefinition, payload: Payload) -> UUID:
        return self.do(lambda connection: enqueue(connection, task, payload)).id

    def run(self, run_id: UUID) -> Row:
        return self.row(
            "select *, extract(epoch from run_at - now())::float8 as ahead from task_runs where id = %s", run_id
        )

    def step(self, run_id: UUID) -> Row:
        """Make a run due and try it once; a failed attempt is no error here."""
        self.change("update task_runs set run_at = now() where id = %s and state = 'queued'", run_id)
        self._execute(self.run(run_id)["task"], run_id)
        return self.run(run_id)

    def _execute(self, task: str, run_id: UUID) -> None:
        try:
            self.executor.execute(task, [run_id], worker=self.worker, message=None)
        except RunFailed:
            return

    def drain(self) -> None:
        """Try what is due, in order, until nothing is."""
        for _ in range(LONGEST_DRAIN):
            due = self.rows(DUE)
            if not due:
                return
            self._execute(due[0]["task"], due[0]["id"])
        raise AssertionError("the runs never end")

    def run_alerts(self, frequency: alerts.Frequency, period: datetime) -> Row:
        """An alert run with all that follows from it; the run."""
        run_id = self.enqueue(alerts.RUN, alerts.RunAlerts(frequency=frequency, period=period))
        self.drain()
        return self.run(run_id)

    def open_market(self) -> None:
        """Two companies, recruiters, and candidates 1 to 3 who are users 2, 3 and 7."""
        self.app(main_web_app.populate_people)

    def offer(self, title: str = "Développeur Python", **values: Any) -> int:
        return self.app(lambda connection: main_web_app.insert_job(connection, title, **values))

    def offers(self, count: int, title: str = "Développeur Python", **values: Any) -> list[int]:
        """Offers whose titles count from 1."""

        def insert(connection: psycopg.Connection[Any]) -> list[int]:
            return [main_web_app.insert_job(connection, f"{title} {n}", **values) for n in range(1, count + 1)]

        return self.app(insert)

    def alert(self, user_id: int = 2, name: str = "Python", **values: Any) -> int:
        """As the main web app writes it, for users 2 and 3."""
        return self.app(lambda connection: main_web_app.insert_alert(connection, user_id, name, **values))

    def own_alert(self, candidate_id: int, name: str = "Python", **values: Any) -> int:
        """As this platform writes it."""
        return self.alert(candidate_id, name, origin="platform", **values)

    def write(self, count: int = 1, *, jobs: Sequence[int] = (), **changes: Any) -> list[int]:
        """Pending messages to as many people; their ids. `context` is added to a digest's usual one."""
        context = {"alert_name": "Python", "frequency": "daily", "job_ids": list(jobs), "more": 0}
        context |= changes.pop("context", {})
        new = [
            NewMessage(
                **{
                    "source": f"test:{number}",
                    "template": "job_alert",
                    "recipient": f"candidat.{number}@example.org",
                    "context": context,
                    **changes,
                }
            )
            for number in range(1, count + 1)
        ]
        return list(self.do(lambda connection: messages.write(connection, new)).values())

    def fill(self, **options: Any) -> int:
        return self.do(lambda connection: batches.fill(connection, **options))

    def batch(self, count: int = 3, **changes: Any) -> UUID:
        """One filled batch of messages about an offer; the run that delivers it."""
        jobs = changes.pop("jobs", None) or [self.offer()]
        self.write(count, jobs=jobs, **changes)
        assert self.fill() == 1
        run: UUID = self.row("select id from task_runs where task = %s", email.DELIVER_BATCH.name)["id"]
        return run

    def deliveries(self) -> list[Row]:
        return self.rows("select * from task_runs where task = %s order by id", email.DELIVER_BATCH.name)

    def mails(self) -> list[Row]:
        return self.rows("select * from email_messages order by id")

    def states(self) -> list[str]:
        return [row["state"] for row in self.mails()]

    def effects(self) -> list[Row]:
        return self.rows("select * from effects order by key, generation")
