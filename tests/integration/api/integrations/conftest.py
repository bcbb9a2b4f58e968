"""A company whose recruiters connect accounts at emulated providers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from typing_extensions import override

from tests.factories import main_web_app, runs
from tests.factories.accounts import settings_at
from tests.factories.api import SECRET, SIGNING_SECRET, Answer, Api
from tests.factories.emulators import (
    AccountEmulator,
    FacebookEmulator,
    GoogleEmulator,
    LinkedInEmulator,
    MicrosoftEmulator,
    XEmulator,
)
from tests.factories.office import Office
from worker.kit.database import Database
from worker.kit.settings import Settings
from worker.services.integrations.vault import TokenVault
from worker.wiring import Wiring

RECRUITER, CANDIDATE, FOREIGNER, COLLEAGUE = 1, 2, 8, 9
COMPANY, OTHER_COMPANY = 1, 2
URL = "/api/integrations"
ACCOUNT = "rh@exemple.cm"


@dataclass
class Connecting(Office):
    settings: Settings
    google: GoogleEmulator
    linkedin: LinkedInEmulator
    microsoft: MicrosoftEmulator
    facebook: FacebookEmulator
    x: XEmulator

    @property
    def recruiter(self) -> Api:
        return self.user(RECRUITER)

    def begin(self, slug: str = "google-calendar", user_id: int = RECRUITER) -> str:
        answer = self.user(user_id).get(f"{URL}/{slug}/auth-url")
        assert answer.status_code == 200, answer.text
        address: str = answer.json["auth_url"]
        return address

    def come_back(self, location: str) -> Answer:
        """A browser that a provider sends back, and that knows no token of ours."""
        parts = urlsplit(location)
        with self.working():
            return self.api.app.test_client().get(f"{parts.path}?{parts.query}")

    def connect(self, slug: str = "google-calendar", user_id: int = RECRUITER, **decision: Any) -> Answer:
        """The whole flow, to where the browser ends."""
        decision = {"account": ACCOUNT, **decision}
        location = self.emulator(slug).authorize(self.begin(slug, user_id), **decision)
        assert location is not None
        return self.come_back(location)

    def emulator(self, slug: str) -> AccountEmulator:
        known: dict[str, AccountEmulator] = {
            "linkedin": self.linkedin,
            "outlook": self.microsoft,
            "facebook": self.facebook,
            "twitter": self.x,
        }
        return known.get(slug, self.google)

    def status(self, user_id: int = RECRUITER) -> dict[str, Any]:
        answer = self.user(user_id).get(f"{URL}/status")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    def credentials(self) -> list[dict[str, Any]]:
        return self.rows("select * from integration_credentials order by id")

    def channel_accounts(self) -> list[dict[str, Any]]:
        return self.rows("select * from channel_accounts order by id")

    def notifications(self) -> list[dict[str, Any]]:
        return self.rows("select user_id, type::text as type, title, message from notifications order by id")

    @property
    def vault(self) -> TokenVault:
        return TokenVault(self.settings)

    @override
    def load(self) -> None:
        self.wiring.accounts("google")
        self.wiring.accounts("linkedin")
        self.wiring.accounts("microsoft")
        self.wiring.accounts("facebook")
        self.wiring.accounts("x")


def new_event(connecting: Connecting, **members: Any) -> dict[str, Any]:
    """As the front-end sends it: instants with Z, a colleague among the guests."""
    job = connecting.app(lambda connection: main_web_app.insert_job(connection, "Comptable"))
    number = connecting.app(lambda connection: main_web_app.insert_application(connection, job, 1))
    start = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    return {
        "application_id": number,
        "title": "Entretien",
        "description": "Bonjour",
        "start_time": start.isoformat().replace("+00:00", "Z"),
        "end_time": (start + timedelta(minutes=45)).isoformat().replace("+00:00", "Z"),
        "attendees": ["collegue@exemple.cm"],
        "create_meeting_link": True,
        "timezone": "Africa/Libreville",
        **members,
    }


def told(answer: Answer) -> dict[str, str]:
    """What the page is told to which a callback leads."""
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def asked(address: str) -> dict[str, str]:
    """The parameters of a consent page."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture
def settings(database_url: str, broker_url: str, emulator_url: str) -> Settings:
    requests.post(f"{emulator_url}/_emulator/reset", timeout=5).raise_for_status()
    return settings_at(
        emulator_url,
        database_url,
        broker_url=broker_url,
        nextauth_secret=SECRET,
        signing_secret=SIGNING_SECRET,
        api_threads=4,
        log_level="ERROR",
        frontend_url="https://intowork.example",
        platform_url="https://platform.example",
    )


@pytest.fixture
def connecting(api: Api, settings: Settings, database: Database, emulator_url: str) -> Iterator[Connecting]:
    with database.transaction() as connection:
        api.worker = runs.prepare(connection)
    with requests.Session() as session:
        kinds = (GoogleEmulator, LinkedInEmulator, MicrosoftEmulator, FacebookEmulator, XEmulator)
        emulators = [kind(emulator_url, session) for kind in kinds]
        office = Connecting(api, Wiring(settings), emulator_url, settings, *emulators)  # type: ignore[arg-type]
        office.app(populate)
        yield office
        office.close()


def populate(connection: Any) -> None:
    main_web_app.populate_people(connection)
    main_web_app.insert_user(connection, "jean.obiang@example.org", "EMPLOYER")
    main_web_app.insert_user(connection, "rose.mba@example.org", "EMPLOYER")
    main_web_app.insert(connection, "employers", user_id=FOREIGNER, company_id=OTHER_COMPANY)
    main_web_app.insert(connection, "employers", user_id=COLLEAGUE, company_id=COMPANY)
