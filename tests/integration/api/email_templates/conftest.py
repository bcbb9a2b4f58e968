"""Two companies with recruiters, offers and applicants; the platform's workers on call; providers emulated."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from typing_extensions import override

from tests.factories import main_web_app, runs
from tests.factories.api import SECRET, Answer, Api
from tests.factories.office import Office
from worker.kit.database import Database
from worker.kit.settings import Settings
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
class TemplateOffice(Office):
    applications: Applications

    @property
    def recruiter(self) -> Api:
        return self.user(RECRUITER)

    def make(self, user_id: int = RECRUITER, **members: Any) -> dict[str, Any]:
        answer = self.user(user_id).post(URL, {**BODY, **members})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json
        return made

    def mails(self) -> list[dict[str, Any]]:
        """What the provider took, with its content."""
        address = f"{self.emulators}/_emulator/resend/messages"
        found = requests.get(address, timeout=5).json()["messages"][::-1]
        return [requests.get(f"{address}/{each['id']}", timeout=5).json()["mail"] for each in found]

    @override
    def load(self) -> None:
        self.wiring.email()
        self.wiring.writer()


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
def office(api: Api, settings: Settings, database: Database, emulator_url: str) -> Iterator[TemplateOffice]:
    wiring = Wiring(settings)
    with database.transaction() as connection:
        api.worker = runs.prepare(connection)
    office = TemplateOffice(api, wiring, emulator_url, Applications(0, 0, 0))
    office.applications = office.app(populate)
    yield office
    office.close()


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
