"""Candidates with profiles and offers that ask for something, written as the main web app writes them."""

from typing import Any, ClassVar

import psycopg

from tests.factories import main_web_app
from tests.factories.api import Answer, Api
from tests.factories.office import Office
from worker.kit.settings import Settings
from worker.services.recommendations import applications, loading, matches, scored
from worker.services.recommendations.open_offers import open_offer_cache
from worker.wiring import Wiring

PYTHON: dict[str, Any] = {
    "title": "Développeur Python (H/F)",
    "profil_competences": "Python, Django, PostgreSQL, Kubernetes",
    "profil_experience": "Trois ans d’expérience dans un poste comparable.",
    "profil_formation": "Licence en informatique.",
    "country": "GA",
    "language": "fr",
    "salary_min": 600_000,
    "salary_max": 900_000,
}
ACCOUNTANT: dict[str, Any] = {
    "title": "Comptable",
    "profil_competences": "Excel, Sage, comptabilité générale",
    "profil_experience": "Cinq ans d’expérience en comptabilité.",
    "profil_formation": "Licence en comptabilité.",
    "country": "GA",
    "language": "fr",
}


def insert_offer(connection: psycopg.Connection[Any], **values: Any) -> int:
    return main_web_app.insert_job(connection, **{**PYTHON, **values})


def fill_profile(connection: psycopg.Connection[Any], candidate_id: int = 1) -> None:
    """A Python developer of Libreville."""
    connection.execute(
        """
        update candidates set title = 'Développeuse Python', location = 'Libreville', salary_expectation_min = 700000
         where id = %s
        """,
        [candidate_id],
    )
    for name in ("Python", "Django", "PostgreSQL"):
        insert_skill(connection, name, candidate_id)
    main_web_app.insert(
        connection,
        "experiences",
        candidate_id=candidate_id,
        title="Développeuse Python",
        company="Ogooué",
        start_date="2020-01",
        end_date="2023-12",
    )
    main_web_app.insert(
        connection,
        "educations",
        candidate_id=candidate_id,
        degree="Master en informatique",
        school="Université Omar-Bongo",
        start_date="2015-09",
        end_date="2020-06",
    )


def insert_skill(connection: psycopg.Connection[Any], name: str, candidate_id: int = 1) -> int:
    return main_web_app.insert(
        connection, "skills", candidate_id=candidate_id, name=name, level=4, category="TECHNICAL"
    )


def clear_profile(connection: psycopg.Connection[Any], candidate_id: int = 1) -> None:
    """Nothing is told."""
    connection.execute("update candidates set title = null, location = null where id = %s", [candidate_id])


def insert_many_offers(connection: psycopg.Connection[Any], count: int) -> None:
    """Every second one is open."""
    connection.execute(
        """
        insert into jobs (employer_id, company_id, title, description, job_type, location_type, posted_at, status)
        select 1, 1, 'Offre ' || n, 'Texte', 'full_time', 'on_site', now() - n * interval '1 min',
               (array['published', 'closed'])[1 + mod(n, 2)]
          from generate_series(1, %s) n
        """,
        [count],
    )


class ScoredMarket(Office):
    """Offer 1 asks for Python, offer 2 for an accountant. Candidate 1 is a developer and has applied for offer 1,
    candidate 2 has a title, candidate 3 (user 7) tells nothing.
    """

    URL = "/api/ai-scoring"
    NOW: ClassVar = {"Prefer": "respond-async"}
    LATER: ClassVar = {"Prefer": "wait=20"}

    @classmethod
    def open(cls, api: Api, settings: Settings, emulator_url: str) -> "ScoredMarket":
        open_offer_cache.forget()
        market = cls(api, Wiring(settings), emulator_url)
        market.app(populate)
        return market

    def score(self, number: int, **headers: str) -> Answer:
        return self.user(1).post(
            f"{self.URL}/score-application", {"application_id": number}, headers=headers or self.NOW
        )

    def listed(self, query: str = "", job_id: int = 1) -> Any:
        answer = self.user(1).get(f"{self.URL}/scored-applications/{job_id}{query}")
        assert answer.status_code == 200, answer.text
        return answer.json

    def matches(self, query: str = "", user_id: int = 2) -> Any:
        answer = self.user(user_id).get(f"{self.URL}/candidate/job-matches{query}")
        assert answer.status_code == 200, answer.text
        return answer.json

    def apply(self, job_id: int, candidate_id: int) -> int:
        number: int = self.app(lambda connection: main_web_app.insert_application(connection, job_id, candidate_id))
        return number

    def offer(self, **values: Any) -> int:
        number: int = self.app(lambda connection: insert_offer(connection, **values))
        return number

    def speak(self, user_id: int, locale: str) -> None:
        self.rows(
            """
            insert into recipient_preferences (user_id, locale) values (%s, %s)
            on conflict (user_id) do update set locale = excluded.locale returning user_id
            """,
            user_id,
            locale,
        )


def populate(connection: psycopg.Connection[Any]) -> None:
    main_web_app.populate_people(connection)
    fill_profile(connection)
    clear_profile(connection, 3)
    insert_offer(connection)
    main_web_app.insert_job(connection, **ACCOUNTANT)
    main_web_app.insert_application(connection, 1, 1)
    connection.execute("delete from recommendation_changes")


def statements() -> list[str]:
    """What the routes ask of tables that grow, with values in place."""
    pages = [
        scored.PAGES[by_score].replace("%(job)s", "1").replace("%(limit)s", "20").replace("%(offset)s", "40")
        for by_score in (True, False)
    ]
    newest = loading.NEWEST.replace("%(most)s", "30").replace("%(since)s", "null")
    shown = matches.OFFERS.replace("%(jobs)s", "array[1, 2]").replace("%(candidate)s", "1")
    undecided = applications.UNDECIDED.replace("%s", "array[1]")
    return [*pages, newest, shown, undecided, applications.OF_PAIR.replace("%s", "1")]
