"""Two companies and the applications to their offers, and the API as its users see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.factories.api import Answer, Api, token
from worker.kit.database import Row, raw

RECRUITER, PAUL, LEA, WITHOUT_PROFILE, ADMIN, HOMELESS, MARC, FOREIGNER, ROSE, LUC, NAMESAKE, GONE = range(1, 13)
# Paul's at company 1, and at company 2.
APPLICATION, ABROAD = 1, 2
URL = "/api/applications"


@dataclass
class Team:
    """Two companies and the applications to their offers, as the API's users see them."""

    api: Api

    def user(self, user_id: int) -> Api:
        return self.api.with_token(token(sub=str(user_id)))

    def call(self, method: str, path: str, body: Any = None, user_id: int = RECRUITER) -> Answer:
        options = {} if body is None else {"json": body}
        return self.user(user_id).call(method, f"{URL}/{APPLICATION}{path}", **options)

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def note(self, text: str, user_id: int = RECRUITER) -> Any:
        answer = self.call("POST", "/notes", {"note": text}, user_id)
        assert answer.status_code == 201, answer.text
        return answer.json

    def row(self, application_id: int = APPLICATION) -> Row:
        [row] = self.api.rows("select * from job_applications where id = %s", (application_id,))
        return row

    def set(self, column: str, json: str) -> None:
        """As another program left it."""
        self.app(lambda connection: main_web_app.run(connection, f"update job_applications set {column} = '{json}'"))

    def app(self, work: Callable[[Any], Any]) -> Any:
        with self.api.database.transaction() as connection:
            return work(raw(connection))


def populate(connection: Any) -> None:
    main_web_app.populate_people(connection)
    for address in ("jean.obiang", "rose.mba", "luc.n'dong", "luc.ndong", "eve.nze"):
        main_web_app.insert_user(connection, f"{address}@example.org", "EMPLOYER")
    foreigner = main_web_app.insert(connection, "employers", user_id=FOREIGNER, company_id=2)
    for user_id in (ROSE, LUC, NAMESAKE, GONE):
        main_web_app.insert(connection, "employers", user_id=user_id, company_id=1)
    main_web_app.run(connection, f"update users set is_active = false where id = {GONE}")
    main_web_app.run(connection, f"update users set name = null, first_name = 'Rosé' where id = {ROSE}")
    job = main_web_app.insert_job(connection, "Développeur Python")
    abroad = main_web_app.insert_job(connection, "Comptable", company_id=2, employer_id=foreigner)
    main_web_app.insert_application(connection, job, 1)
    main_web_app.insert_application(connection, abroad, 1)


@pytest.fixture
def team(api: Api) -> Team:
    found = Team(api)
    found.app(populate)
    return found


def detail(answer: Answer) -> str:
    """A readable sentence, always."""
    text = answer.json["detail"]
    assert isinstance(text, str)
    assert text
    return text
