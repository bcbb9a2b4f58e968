"""Three candidates, a market of offers that is searched by their documents, and the API as its users see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.factories.api import Answer, Api, token
from worker.kit.database import Row, raw
from worker.services.alerts import numbering, search

URL = "/api/job-alerts"
PYTHON = {"keywords": ["python"], "location": "Libreville"}
BODY = {"name": "Python à Libreville", "criteria": PYTHON}
RECRUITER, PAUL, LEA, ADMIN, MARC, WITHOUT_PROFILE = 1, 2, 3, 5, 7, 8
CANDIDATE_ID = {PAUL: 1, LEA: 2, MARC: 3}


@dataclass
class Market:
    """The API, the rows beneath it, and what the main web app does beside it."""

    api: Api

    def user(self, user_id: int) -> Api:
        return self.api.with_token(token(sub=str(user_id)))

    @property
    def paul(self) -> Api:
        return self.user(PAUL)

    def make(self, user_id: int = PAUL, **members: Any) -> dict[str, Any]:
        answer = self.user(user_id).post(URL, {**BODY, **members})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json
        return made

    def row(self, alert_id: int) -> Row:
        [row] = self.rows("select *, criteria::text as text from job_alerts where id = %s", alert_id)
        return row

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        return self.api.rows(sql, parameters)

    def app(self, work: Callable[[Any], Any]) -> Any:
        """Do something the way the main web app does it."""
        with self.api.database.transaction() as connection:
            return work(raw(connection))

    def publish(self, title: str, **values: Any) -> int:
        """An offer of the main web app, found by searches at once."""
        job_id: int = self.app(lambda connection: main_web_app.insert_job(connection, title, **values))
        self.refresh()
        return job_id

    def refresh(self) -> None:
        """What upkeep does each minute."""
        with self.api.database.transaction() as connection:
            while search.prepare_changed(connection):
                pass
            numbering.number_offers(connection)


@pytest.fixture
def market(api: Api) -> Market:
    found = Market(api)
    found.app(main_web_app.populate_people)
    found.app(lambda connection: main_web_app.insert_user(connection, "sans.profil@example.org", "CANDIDATE"))
    return found


def detail(answer: Answer) -> str:
    """A readable sentence, always."""
    text = answer.json["detail"]
    assert isinstance(text, str)
    assert text
    return text
