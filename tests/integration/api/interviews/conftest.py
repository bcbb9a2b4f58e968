"""Two companies, their recruiters and applicants, and the API as its users see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.factories.api import Answer, Api, token
from worker.kit.database import Row, raw

URL = "/api/interviews"
RECRUITER, PAUL, LEA, WITHOUT_PROFILE, ADMIN, HOMELESS, MARC, FOREIGNER, COLLEAGUE = range(1, 10)
NO_CANDIDATE = 10
# Paul at company 1, Léa at company 1, Paul at company 2.
APPLICATION, LEAS, ABROAD = 1, 2, 3


@dataclass
class Diary:
    """The API, the rows beneath it, and what the main web app does beside it."""

    api: Api

    def user(self, user_id: int) -> Api:
        return self.api.with_token(token(sub=str(user_id)))

    @property
    def recruiter(self) -> Api:
        return self.user(RECRUITER)

    def body(self, start: datetime | None = None, **members: Any) -> dict[str, Any]:
        start = start or day(7)
        return {"application_id": APPLICATION, "title": "Entretien", "scheduled_at": start.isoformat(), **members}

    def plan(self, start: datetime | None = None, *, user_id: int = RECRUITER, **members: Any) -> dict[str, Any]:
        answer = self.user(user_id).post(URL, self.body(start, **members))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json
        return made

    def change(self, interview_id: int, user_id: int = RECRUITER, **members: Any) -> Answer:
        return self.user(user_id).call("PUT", f"{URL}/{interview_id}", json=members)

    def set_status(self, interview_id: int, status: str, user_id: int = RECRUITER, **members: Any) -> Answer:
        return self.user(user_id).call("PATCH", f"{URL}/{interview_id}/status", json={"status": status, **members})

    def row(self, interview_id: int) -> Row:
        [row] = self.rows("select *, status::text as label from interview_schedules where id = %s", interview_id)
        return row

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        return self.api.rows(sql, parameters)

    def app(self, work: Callable[[Any], Any]) -> Any:
        """Do something the way the main web app does it."""
        with self.api.database.transaction() as connection:
            return work(raw(connection))


@pytest.fixture
def diary(api: Api) -> Diary:
    found = Diary(api)
    found.app(populate)
    return found


def populate(connection: Any) -> None:
    main_web_app.populate_people(connection)
    main_web_app.insert_user(connection, "jean.obiang@example.org", "EMPLOYER")
    main_web_app.insert_user(connection, "rose.mba@example.org", "EMPLOYER")
    main_web_app.insert_user(connection, "sans.profil@example.org", "CANDIDATE")
    foreigner = main_web_app.insert(connection, "employers", user_id=FOREIGNER, company_id=2)
    main_web_app.insert(connection, "employers", user_id=COLLEAGUE, company_id=1)
    job = main_web_app.insert_job(connection, "Développeur Python")
    abroad = main_web_app.insert_job(connection, "Comptable", company_id=2, employer_id=foreigner)
    main_web_app.insert_application(connection, job, 1)
    main_web_app.insert_application(connection, job, 2)
    main_web_app.insert_application(connection, abroad, 1)


def day(number: int, hour: int = 10, minute: int = 0) -> datetime:
    """An hour (UTC) so many days from now."""
    today = datetime.now(UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return today + timedelta(days=number)


def written(moment: datetime) -> str:
    """As answers write it."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def detail(answer: Answer) -> str:
    """A readable sentence, always."""
    text = answer.json["detail"]
    assert isinstance(text, str)
    assert text
    return text
