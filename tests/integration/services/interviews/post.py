"""What people are written about interviews that no calendar holds, read as it arrived."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from typing import Any, TypeVar

from icalendar import Calendar
from sqlalchemy import Connection

from models.enums import InterviewStatus
from tests.factories import main_web_app
from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform
from worker.services.interviews import planning, rows, statuses
from worker.services.interviews.planning import NewInterview
from worker.services.interviews.rows import Interview, Viewer

RECRUITER, CANDIDATE = "awa.mba@example.org", "paul.ndong@example.org"
COMPANY, PAUL = Viewer("company", 1, company_id=1), Viewer("candidate", 2, candidate_id=1)
# Three in the afternoon in Libreville, four in Paris.
START = datetime(2027, 7, 9, 14, tzinfo=UTC)

T = TypeVar("T")


@dataclass
class Letter:
    """A mail as it arrived."""

    id: str
    to: list[str]
    subject: str
    text: str
    html: str
    reply_to: str
    files: list[tuple[str, bytes]]

    @property
    def event(self) -> Any:
        [event] = self.calendar.walk("VEVENT")
        return event

    @property
    def calendar(self) -> Any:
        [(_, content)] = self.files
        return Calendar.from_ical(content)

    @property
    def method(self) -> str:
        """As the part's type says it."""
        [(kind, _)] = self.files
        part = Message()
        part["Content-Type"] = kind
        assert part.get_content_type() == "text/calendar"
        assert part.get_param("method") == str(self.calendar["METHOD"])
        return str(part.get_param("method"))


@dataclass
class Post:
    """The platform, and the mailboxes of its people."""

    platform: Platform
    emulator: ResendEmulator
    read: set[str] = field(default_factory=set)

    def do(self, work: Callable[[Connection], T]) -> T:
        return self.platform.do(work)

    def apply(self) -> int:
        """Paul applies once more, to another offer."""
        job = self.platform.offer()
        return self.platform.app(lambda connection: main_web_app.insert_application(connection, job, 1))

    def plan(self, start: datetime = START, **members: Any) -> Interview:
        known = self.platform.rows("select id from job_applications order by id limit 1")
        new = NewInterview(
            **{
                "application_id": known[0]["id"] if known else self.apply(),
                "created_by_user_id": 1,
                "title": "Entretien",
                "scheduled_at": start,
                "candidate_email": CANDIDATE,
                "timezone": "Africa/Libreville",
                **members,
            }
        )
        return self.do(lambda connection: planning.plan(connection, new)).interview

    def change(self, interview: Interview, **changes: Any) -> Interview:
        def work(connection: Connection) -> Interview:
            return planning.change(connection, rows.existing(connection, interview.id), changes)

        return self.do(work)

    def cancel(self, interview: Interview, reason: str, viewer: Viewer = COMPANY) -> Interview:
        return self.set(interview, InterviewStatus.CANCELED, viewer, reason)

    def set(
        self, interview: Interview, status: InterviewStatus, viewer: Viewer = COMPANY, reason: str | None = None
    ) -> Interview:
        def work(connection: Connection) -> Interview:
            return statuses.set_status(connection, rows.existing(connection, interview.id), status, viewer, reason)

        return self.do(work)

    def new(self, address: str) -> list[Letter]:
        """What arrived since the last look, in order, once all is sent."""
        self.platform.drain()
        found = []
        for summary in self.emulator.mails():
            if summary["id"] not in self.read and address in summary["to"]:
                self.read.add(summary["id"])
                found.append(_letter(summary["id"], self.emulator.mail(summary["id"])))
        return found


def _letter(identifier: str, mail: dict[str, Any]) -> Letter:
    files = [(each["content_type"], base64.b64decode(each["content"])) for each in mail.get("attachments", ())]
    return Letter(
        identifier, mail["to"], mail["subject"], mail["text"], mail["html"], str(mail.get("reply_to") or ""), files
    )
