"""Two companies, one offer of the first with all that it can say, and somebody who just looks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.factories.api import Answer, Api
from worker.kit.database import Row, execute, raw
from worker.kit.settings import Settings

BASE = "https://plateforme.example"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
OURS, THEIRS = 1, 2
COMPANY = "/carrieres/1-gabon-numerique"


@dataclass
class Visitor:
    """Somebody without a login, the main web app beside him, and the rows beneath."""

    api: Api

    def open(self, path: str, method: str = "GET", *, agent: str = PHONE, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.api.app.test_client().open(path, method=method, headers={"User-Agent": agent, **named})

    def status(self, path: str, **headers: str) -> int:
        status: int = self.open(path, **headers).status_code
        return status

    def text(self, path: str) -> str:
        answer = self.open(path)
        assert answer.status_code == 200, answer.text
        text: str = answer.text
        return text

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        return self.api.rows(sql, parameters)

    def change(self, sql: str, *parameters: Any) -> None:
        with self.api.database.transaction() as connection:
            execute(connection, sql, parameters)

    def app(self, work: Callable[[Any], Any]) -> Any:
        """Do something the way the main web app does it."""
        with self.api.database.transaction() as connection:
            return work(raw(connection))

    def offer(self, title: str, **values: Any) -> int:
        number: int = self.app(lambda connection: main_web_app.insert_job(connection, title, **values))
        return number

    def posting(self, job_id: int, channel: str = "INTOWORK", **values: Any) -> int:
        number: int = self.app(
            lambda connection: main_web_app.insert(connection, "job_postings", job_id=job_id, channel=channel, **values)
        )
        return number

    def clicks(self) -> dict[tuple[int, str], int]:
        return {(row["job_id"], row["mark"]): row["clicks"] for row in self.rows("select * from posting_clicks")}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"platform_url": BASE, "frontend_url": "https://intowork.example"})


@pytest.fixture
def visitor(api: Api) -> Visitor:
    visitor = Visitor(api)
    visitor.app(main_web_app.populate_people)
    return visitor


@pytest.fixture
def job(visitor: Visitor) -> int:
    return visitor.offer(
        "Comptable (H/F)",
        description="<p>Tenir les <b>comptes</b>.</p>",
        salary_min=250_000,
        salary_max=400_000,
        country="GA",
        image_url="https://res.cloudinary.com/x/image.jpg",
        posted_at=datetime.now(UTC) - timedelta(days=1),
    )
