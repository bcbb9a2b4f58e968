"""The real clients against the emulator, over HTTP."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contracts.consent import CLIENT_ID, CLIENT_SECRET, agreed
from tests.factories.emulators import GoogleEmulator
from worker.contracts.accounts import CodeAnswer
from worker.contracts.calendars import CalendarEvent, CalendarProvider, Guest, InterviewEvent
from worker.kit.http import CallLimits
from worker.providers.google.client import GoogleCalendar
from worker.providers.google.oauth import GoogleAccounts

HOST = "rh@exemple.cm"
AWA = "awa@example.org"
CALENDAR = "https://www.googleapis.com/auth/calendar"
EVENTS = f"{CALENDAR}.events"
SCOPES = f"openid email {CALENDAR} {EVENTS}"
KEY = "interview:7:create/0/1795000000000000"
MOVE = "interview:7:move/1/1795000000000000"
START = datetime(2027, 7, 9, 12, tzinfo=UTC)

MakeAccounts = Callable[..., GoogleAccounts]
Agree = Callable[..., CodeAnswer]


def interview(**changes: Any) -> InterviewEvent:
    members: dict[str, Any] = {
        "title": "Entretien — Comptable",
        "start": START,
        "end": START + timedelta(hours=1),
        "zone": "Africa/Libreville",
        "description": "Ligne 1\n<b>x</b> & y",
        "guests": (Guest(AWA, "Awa Ndong"),),
        "meeting": True,
        "page": "https://platform.example.org/interviews/7",
    }
    return InterviewEvent(**{**members, **changes})


@dataclass(frozen=True)
class Recruiter:
    """A connected account with its calendar, and the calls as the platform makes them."""

    calendar: CalendarProvider
    token: str

    def create(self, key: str = KEY, *, again: bool = False, seconds: float = 60.0, **changes: Any) -> CalendarEvent:
        body = self.calendar.creation(interview(**changes), key)
        return self.calendar.create(self.token, body, key=key, again=again, deadline=time.monotonic() + seconds)

    def update(
        self, identifier: str, key: str = MOVE, *, again: bool = False, seconds: float = 60.0, **changes: Any
    ) -> CalendarEvent | None:
        body = self.calendar.change(interview(**changes), key)
        deadline = time.monotonic() + seconds
        return self.calendar.update(self.token, identifier, body, key=key, again=again, deadline=deadline)

    def cancel(self, identifier: str, *, again: bool = False, seconds: float = 60.0) -> None:
        self.calendar.cancel(self.token, identifier, "Poste pourvu", again=again, deadline=time.monotonic() + seconds)

    def read(self, identifier: str) -> CalendarEvent | None:
        return self.calendar.read(self.token, identifier)


MakeRecruiter = Callable[..., Recruiter]


@pytest.fixture
def make_accounts(google: GoogleEmulator) -> Iterator[MakeAccounts]:
    """Make a client; without addresses it talks to the emulator."""
    with contextlib.ExitStack() as stack:

        def make(
            *,
            client_id: str = CLIENT_ID,
            client_secret: str = CLIENT_SECRET,
            token_url: str | None = None,
            limits: CallLimits | None = None,
        ) -> GoogleAccounts:
            accounts = GoogleAccounts(
                client_id=client_id,
                client_secret=client_secret,
                token_url=token_url or google.token_url,
                revoke_url=google.revoke_url,
                limits=limits,
            )
            stack.callback(accounts.close)
            return accounts

        yield make


@pytest.fixture
def accounts(make_accounts: MakeAccounts) -> GoogleAccounts:
    return make_accounts()


@pytest.fixture
def agree(google: GoogleEmulator) -> Agree:
    def agree(
        ticked: list[str] | None = None, *, account: str = HOST, scopes: str = SCOPES, **parameters: str
    ) -> CodeAnswer:
        asked = {"access_type": "offline", "prompt": "consent", **parameters}
        return agreed(google, google.auth_url, scopes, account=account, ticked=ticked, pkce=True, **asked)

    return agree


@pytest.fixture
def make_recruiter(google: GoogleEmulator, accounts: GoogleAccounts, agree: Agree) -> Iterator[MakeRecruiter]:
    with contextlib.ExitStack() as stack:

        def make(
            ticked: list[str] | None = None,
            *,
            account: str = HOST,
            endpoint: str | None = None,
            limits: CallLimits | None = None,
        ) -> Recruiter:
            calendar = GoogleCalendar(endpoint=endpoint or google.calendar_endpoint, limits=limits)
            stack.callback(calendar.close)
            return Recruiter(calendar, accounts.exchange(agree(ticked, account=account)).tokens.access_token)

        yield make


@pytest.fixture
def recruiter(make_recruiter: MakeRecruiter) -> Recruiter:
    return make_recruiter()
