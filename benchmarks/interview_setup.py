"""What the interview benchmark works on: recruiters with connected calendars, applicants, and the whole platform."""

import http.client
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from cryptography.fernet import Fernet

from benchmarks.stack import Stack
from sandbox.apps import app_settings
from sandbox.processes import LOOPBACK, free_port
from worker.catalogue.everything import CATALOGUE
from worker.kit.database import execute
from worker.ledger.synchronise import synchronise_catalogue

PROVIDERS: Mapping[str, str] = {"google-calendar": "google", "outlook": "microsoft"}
LINKS: Mapping[str, str] = {"google-calendar": "meet_link", "outlook": "teams_link"}
CHILDREN = 2
SECRET = "a-secret-of-the-benchmark-with-enough-characters"  # noqa: S105 - of this benchmark alone

MARKET = """
with authors as (
    insert into users (email, role, first_name, last_name, is_active)
    select 'recruteur.' || n || '@exemple.cm', 'EMPLOYER', 'Awa', 'Diop ' || n, true
      from generate_series(1, %(recruiters)s) n returning id),
firm as (insert into companies (name) values ('Okoumé Conseil') returning id),
staff as (
    insert into employers (user_id, company_id) select authors.id, firm.id from authors, firm
    returning id, company_id),
offer as (
    insert into jobs (employer_id, company_id, title, description, job_type, location_type, location, status,
                      is_featured, views_count, applications_count, posted_at)
    select min(id), min(company_id), 'Comptable', 'Tenue des comptes', 'full_time', 'hybrid', 'Libreville',
           'published', false, 0, 0, now() from staff returning id),
people as (
    insert into users (email, role, first_name, last_name, is_active)
    select 'candidat.' || n || '@example.org', 'CANDIDATE', 'Candidat', n::text, true
      from generate_series(1, %(applications)s) n returning id),
profiles as (insert into candidates (user_id) select id from people returning id)
insert into job_applications (job_id, candidate_id, status) select offer.id, profiles.id, 'applied' from offer, profiles
"""


@dataclass(frozen=True, slots=True)
class Recruiter:
    user_id: int
    email: str

    def headers(self) -> Mapping[str, str]:
        """As the main web app calls for him."""
        now = datetime.now(UTC)
        claims = {"sub": str(self.user_id), "email": self.email, "role": "employer", "type": "access"}
        token = jwt.encode({**claims, "iat": now, "exp": now + timedelta(hours=2)}, SECRET, algorithm="HS256")
        return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


@dataclass
class InterviewSetup:
    """A stack whose recruiters have both calendars; each application is used for one interview."""

    stack: Stack
    port: int = field(default_factory=free_port)
    recruiters: Sequence[Recruiter] = ()
    applications: list[int] = field(default_factory=list)

    @property
    def emulators(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def open(self, *, recruiters: int, applications: int) -> None:
        with self.stack.database.transaction() as connection:
            synchronise_catalogue(connection, CATALOGUE)
            execute(connection, MARKET, {"recruiters": recruiters, "applications": applications})
        self.stack.maintain("analyze")
        self.stack.start("emulators", ("-m", "sandbox.emulators", "--port", str(self.port)))
        self.stack.wait(self._answers, "the emulators")
        self._start_platform()
        found = self.stack.rows("select id, email from users where role = 'EMPLOYER' order by id")
        self.recruiters = [Recruiter(*row) for row in found]
        self.applications = [int(row[0]) for row in self.stack.rows("select id from job_applications order by id")]
        for recruiter in self.recruiters:
            for slug in PROVIDERS:
                self._connect(recruiter, slug)

    def steer(self, switches: Mapping[str, Any]) -> None:
        for name in PROVIDERS.values():
            address = f"{self.emulators}/_emulator/{name}/faults"
            requests.put(address, json=dict(switches), timeout=5).raise_for_status()

    def ask(self, slug: str, place: int) -> float:
        """Plan the next interview as the dialog does; milliseconds until event and link are answered."""
        connection = http.client.HTTPConnection(LOOPBACK, self.stack.api_port, timeout=60)
        connection.connect()
        recruiter = self.recruiters[place % len(self.recruiters)]
        body, headers = json.dumps(self._dialog(place)), dict(recruiter.headers())
        began = time.perf_counter()
        connection.request("POST", f"/api/integrations/{slug}/create-event", body, headers)
        response = connection.getresponse()
        text = response.read()
        took = (time.perf_counter() - began) * 1000
        connection.close()
        answer = json.loads(text)
        if response.status != 200 or not answer["event_id"] or not answer[LINKS[slug]]:
            raise RuntimeError(f"create-event answered {response.status}: {answer}")
        return took

    def _dialog(self, place: int) -> Mapping[str, Any]:
        start = (datetime.now(UTC) + timedelta(days=3, hours=place)).replace(microsecond=0)
        return {
            "application_id": self.applications.pop(),
            "title": "Entretien",
            "description": "Bonjour",
            "start_time": start.isoformat(),
            "end_time": (start + timedelta(minutes=45)).isoformat(),
            "create_meeting_link": True,
            "timezone": "Africa/Libreville",
        }

    def _start_platform(self) -> None:
        environment = {
            **app_settings(self.emulators, Fernet.generate_key().decode()),
            "NEXTAUTH_SECRET": SECRET,
            "SIGNING_SECRET": SECRET,
            "PLATFORM_URL": f"http://{LOOPBACK}:{self.stack.api_port}",
        }
        celery = ("-m", "celery", "--quiet", "-A", "worker", "worker", "--pool", "prefork")
        size = ("--concurrency", str(CHILDREN), "--without-gossip", "--without-mingle")
        self.stack.start("worker", (*celery, *size), environment)
        self.stack.wait(lambda: self.stack.registered() == CHILDREN + 1, "the worker")
        self.stack.start_dispatcher()
        self.stack.start_api("api_min:create_app", environment)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.emulators}/_emulator/health", timeout=2).ok
        except requests.RequestException:
            return False

    def _connect(self, recruiter: Recruiter, slug: str) -> None:
        """As the recruiter does in a browser."""
        api = f"http://{LOOPBACK}:{self.stack.api_port}"
        begun = requests.get(f"{api}/api/integrations/{slug}/auth-url", headers=recruiter.headers(), timeout=30)
        begun.raise_for_status()
        wishes = {"address": begun.json()["auth_url"], "account": recruiter.email}
        decide = f"{self.emulators}/_emulator/{PROVIDERS[slug]}/authorize"
        decided = requests.post(decide, json=wishes, timeout=30)
        decided.raise_for_status()
        ended = requests.get(decided.json()["location"], timeout=60, allow_redirects=False)
        if "success=true" not in urlsplit(ended.headers.get("Location", "")).query:
            raise RuntimeError(f"Connecting {slug} ended with {ended.status_code}: {ended.headers.get('Location')}")
