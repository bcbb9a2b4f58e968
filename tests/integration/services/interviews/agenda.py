"""A recruiter's connected calendar at an emulated provider."""

from datetime import UTC, datetime
from typing import Any, Literal

import pytest
import requests
from sqlalchemy import Connection

from tests.factories import accounts, main_web_app, runs
from tests.factories.emulators import GoogleEmulator, MicrosoftEmulator, ResendEmulator
from tests.integration.services.support import Platform
from worker.catalogue import interviews
from worker.contracts.providers import GOOGLE, MICROSOFT
from worker.kit.database import Row
from worker.kit.tasks import TaskDefinition
from worker.ledger.executor import Executor
from worker.services.interviews import entries, rows
from worker.services.interviews.calendar_files import CalendarEntry
from worker.wiring import Wiring

Service = Literal["google", "microsoft"]
ACCOUNT = "rh@exemple.cm"
START = datetime(2027, 7, 9, 12, tzinfo=UTC)
SERVICES = pytest.mark.parametrize("service", ["google", "microsoft"])


class Agenda:
    """A recruiter with a connected calendar, and an interview that shall stand in it."""

    def __init__(
        self, platform: Platform, emulators: str, session: requests.Session, service: Service, start: datetime = START
    ) -> None:
        self.platform = platform
        self.service = service
        self.start = start
        self.emulator = (GoogleEmulator if service == "google" else MicrosoftEmulator)(emulators, session)
        self.letters = ResendEmulator(emulators, session)
        settings = accounts.settings_at(emulators, resend_api_key="re_test", resend_api_url=f"{emulators}/resend")
        self.wiring = Wiring(settings)
        platform.wiring = self.wiring
        platform.worker = platform.do(runs.prepare)
        platform.executor = Executor(
            platform.database, {each.definition.name: each for each in accounts.tasks_of(self.wiring)}
        )
        provider = GOOGLE if service == "google" else MICROSOFT
        client = self.wiring.accounts(service)
        self.credential = accounts.connect(platform.do, settings, provider, self.emulator, client, ACCOUNT)
        self.interview = platform.app(self._insert)

    def _insert(self, connection: Any) -> int:
        job = main_web_app.insert_job(connection, "Comptable")
        application = main_web_app.insert_application(connection, job, 1)
        number = main_web_app.insert_interview(
            connection,
            application,
            1,
            title="Entretien",
            description="Ligne 1\n<b>x</b> & y",
            scheduled_at=self.start,
            timezone="Europe/Paris",
            candidate_email="awa@example.org",
            status="SCHEDULED",
        )
        connection.execute(
            "update interview_schedules set calendar = %s, credential_id = %s, meeting_wanted = true where id = %s",
            ("google" if self.service == "google" else "outlook", self.credential, number),
        )
        return number

    def change(self, sets: str) -> None:
        """What a change of an interview is: new values and a higher generation."""
        self.platform.change(
            f"update interview_schedules set generation = generation + 1, {sets} where id = %s", self.interview
        )

    def tell(self, task: TaskDefinition, attempts: int = 1) -> Row:
        made = self.platform.enqueue(task, interviews.ForInterview(interview_id=self.interview))
        run = self.platform.step(made)
        for _ in range(attempts - 1):
            run = self.platform.step(made)
        return run

    def row(self) -> Row:
        return self.platform.row("select * from interview_schedules where id = %s", self.interview)

    def live(self) -> list[dict[str, Any]]:
        return [each.get("event", each) for each in self.emulator.events(live=True)]

    def mails(self, kind: str) -> int:
        return len([each for each in self.emulator.mails() if each["kind"] == kind and each["to"] == "awa@example.org"])

    def hides_guests(self) -> bool:
        [event] = self.live()
        return bool(event.get("hideAttendees") or event.get("guestsCanSeeOtherGuests") is False)

    def seen_by_candidate(self) -> list[str]:
        """The guests whom the provider's last mail to the candidate shows, beside the organiser."""
        mails = [mail for mail in self.emulator.mails() if mail["to"] == "awa@example.org"]
        return sorted(mails[-1]["guests"])

    def post(self) -> list[dict[str, Any]]:
        """What we ourselves wrote to the candidate."""
        mails = [self.letters.mail(each["id"]) for each in self.letters.mails()]
        return [each for each in mails if each["to"] == ["awa@example.org"]]

    def entry(self, reader: entries.Reader) -> CalendarEntry:
        def read(connection: Connection) -> CalendarEntry:
            interview = rows.existing(connection, self.interview)
            return entries.read(connection, [interview], reader, sender="noreply@intowork.com")[interview.id]

        return self.platform.do(read)

    @property
    def event_id(self) -> str | None:
        found: str | None = self.row()["google_event_id" if self.service == "google" else "outlook_event_id"]
        return found

    def close(self) -> None:
        for client in self.wiring._clients.values():
            client.close()
