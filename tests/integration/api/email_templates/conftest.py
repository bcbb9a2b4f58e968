"""Two companies with recruiters, offers and applicants; the platform's workers on call; providers emulated."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import requests

from tasks import bound_tasks
from tests.factories import main_web_app, runs
from tests.factories.api import SECRET, Answer, Api, token
from worker.kit.database import Database, Row, raw
from worker.kit.settings import Settings
from worker.ledger.executor import Executor, RunFailed
from worker.wiring import Wiring

URL = "/api/email-templates"
BODY = {
    "name": "Accueil",
    "type": "welcome_candidate",
    "subject": "Bienvenue {candidate_first_name}",
    "body": "<p>Bonjour {candidate_name}, bienvenue chez {company_name}.</p>",
}
RECRUITER, CANDIDATE, WITHOUT_ROW, ADMIN, WITHOUT_COMPANY, FOREIGNER, COLLEAGUE = 1, 2, 4, 5, 6, 8, 9
COMPANY, OTHER_COMPANY = 1, 2


@dataclass(frozen=True)
class Applications:
    """Ids: two of company 1, one of company 2."""

    awa: int
    lea: int
    foreign: int


@dataclass
class Office:
    """The API as its users see it, the rows beneath it, and a worker that ends runs when told."""

    api: Api
    applications: Applications
    wiring: Wiring
    emulators: str

    def user(self, user_id: int) -> Api:
        return self.api.with_token(token(sub=str(user_id)))

    @property
    def recruiter(self) -> Api:
        return self.user(RECRUITER)

    def make(self, user_id: int = RECRUITER, **members: Any) -> dict[str, Any]:
        answer = self.user(user_id).post(URL, {**BODY, **members})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json
        return made

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        return self.api.rows(sql, parameters)

    def app(self, work: Callable[[Any], Any]) -> Any:
        """Do something the way the main web app does it."""
        with self.api.database.transaction() as connection:
            return work(raw(connection))

    def faults(self, provider: str, **switches: Any) -> None:
        requests.put(f"{self.emulators}/_emulator/{provider}/faults", json=switches, timeout=5).raise_for_status()

    def mails(self) -> list[dict[str, Any]]:
        """What the provider took, with its content."""
        address = f"{self.emulators}/_emulator/resend/messages"
        found = requests.get(address, timeout=5).json()["messages"][::-1]
        return [requests.get(f"{address}/{each['id']}", timeout=5).json()["mail"] for each in found]

    def work(self) -> None:
        """Carry out what is due, and what that makes, until nothing is left."""
        while due := self.rows(
            "select id, task from task_runs where state = 'queued' and run_at <= now() order by priority, id limit 1"
        ):
            self.execute(due[0]["task"], due[0]["id"])

    def execute(self, task: str, run_id: UUID) -> None:
        executor = Executor(self.api.database, {each.definition.name: each for each in bound_tasks(self.wiring)})
        try:
            executor.execute(task, [run_id], worker=self.api.worker, message=None)
        except RunFailed:
            return

    @contextmanager
    def working(self) -> Iterator[None]:
        """A worker beside the request, which has its providers' packages at hand: importing them takes seconds."""
        self.wiring.email()
        self.wiring.writer()
        done = threading.Event()

        def loop() -> None:
            while not done.wait(0.02):
                self.work()

        thread = threading.Thread(target=loop, name="worker")
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


@pytest.fixture
def settings(database_url: str, broker_url: str, emulator_url: str) -> Settings:
    requests.post(f"{emulator_url}/_emulator/reset", timeout=5).raise_for_status()
    return Settings(
        database_url=database_url,
        broker_url=broker_url,
        nextauth_secret=SECRET,
        api_threads=4,
        log_level="ERROR",
        resend_api_key="re_test",
        resend_api_url=f"{emulator_url}/resend",
        resend_rate=1000.0,
        anthropic_api_key="sk-ant-test",
        anthropic_base_url=f"{emulator_url}/anthropic",
    )


@pytest.fixture
def office(api: Api, settings: Settings, database: Database, emulator_url: str) -> Iterator[Office]:
    wiring = Wiring(settings)
    with database.transaction() as connection:
        api.worker = runs.prepare(connection)
    office = Office(api, Applications(0, 0, 0), wiring, emulator_url)
    office.applications = office.app(populate)
    yield office
    for client in wiring._clients.values():
        client.close()


def populate(connection: Any) -> Applications:
    main_web_app.populate_people(connection)
    main_web_app.insert_user(connection, "jean.obiang@example.org", "EMPLOYER")
    main_web_app.insert_user(connection, "rose.mba@example.org", "EMPLOYER")
    connection.execute("update users set email_verified = now()")
    foreigner = main_web_app.insert(connection, "employers", user_id=FOREIGNER, company_id=OTHER_COMPANY)
    main_web_app.insert(connection, "employers", user_id=COLLEAGUE, company_id=COMPANY)
    ours = main_web_app.insert_job(connection, "Développeur Python")
    theirs = main_web_app.insert_job(connection, "Comptable", company_id=OTHER_COMPANY, employer_id=foreigner)
    return Applications(
        awa=main_web_app.insert_application(connection, ours, 1),
        lea=main_web_app.insert_application(connection, ours, 2),
        foreign=main_web_app.insert_application(connection, theirs, 3),
    )


def detail(answer: Answer) -> str:
    """A readable sentence, always."""
    text = answer.json["detail"]
    assert isinstance(text, str)
    assert text
    return text
