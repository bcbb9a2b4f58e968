"""What a consent page is asked for, and calls as the platform makes them."""

import base64
import hashlib
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.factories.emulators import MicrosoftEmulator
from worker.contracts.accounts import CodeAnswer
from worker.contracts.calendars import CalendarEvent, CalendarProvider, Guest, InterviewEvent
from worker.contracts.providers import MICROSOFT
from worker.kit.http import CallLimits

HOST = "https://login.microsoftonline.com"
REDIRECT = "https://platform.example.org/api/integrations/outlook/callback"
SCOPES = ("User.Read", "Calendars.ReadWrite", "offline_access")
SHORT = CallLimits(connect=0.5, read=0.5, total=0.5)
KEY = "interview:7:create/1/99"
START = datetime(2026, 12, 3, 9, tzinfo=UTC)

INTERVIEW = InterviewEvent(
    title="Entretien — Comptable",
    start=START,
    end=START + timedelta(hours=1),
    zone="Africa/Libreville",
    description="Ligne 1\n<b>x</b> & y",
    guests=(Guest("awa@example.org", "Awa Ndong"), Guest("paul@exemple.cm", "Paul Obiang")),
    meeting=True,
    hide_guests=True,
)
MOVE = "interview:7:move/1/99"
LATER = replace(
    INTERVIEW, start=START + timedelta(hours=2), end=START + timedelta(hours=3), description="Nouvelle heure"
)


def consent_address(answer: CodeAnswer, *, tenant: str = "common") -> str:
    """As the platform's API builds it."""
    digest = hashlib.sha256((answer.verifier or "").encode()).digest()
    query = {
        "client_id": "app",
        "response_type": "code",
        "redirect_uri": answer.redirect_uri,
        "scope": " ".join(dict.fromkeys([*MICROSOFT.identity, *answer.scopes])),
        "state": answer.state,
        "nonce": hashlib.sha256((answer.nonce or "").encode()).hexdigest(),
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        **MICROSOFT.parameters,
    }
    return f"{HOST}/{tenant}/oauth2/v2.0/authorize?{urlencode(query)}"


def begun(**changes: Any) -> CodeAnswer:
    """A flow before the person has decided."""
    flow = CodeAnswer("", REDIRECT, SCOPES, state="state-1", verifier="v" * 43, nonce="nonce-1")
    return replace(flow, **changes)


def agreed(microsoft: MicrosoftEmulator, account: str = "work", flow: CodeAnswer | None = None) -> CodeAnswer:
    """The person agrees, and the browser comes back."""
    flow = flow or begun()
    location = microsoft.authorize(consent_address(flow), account)
    assert location is not None
    query = dict(parse_qsl(urlsplit(location).query))
    return replace(flow, code=query["code"], parameters=query)


@dataclass(frozen=True)
class Recruiter:
    """Somebody whose account is connected."""

    calendar: CalendarProvider
    token: str

    def create(
        self, event: InterviewEvent = INTERVIEW, *, key: str = KEY, again: bool = False, seconds: float = 30.0
    ) -> CalendarEvent:
        body = self.calendar.creation(event, key)
        return self.calendar.create(self.token, body, key=key, again=again, deadline=time.monotonic() + seconds)

    def update(
        self, event_id: str, event: InterviewEvent, *, key: str = MOVE, again: bool = False
    ) -> CalendarEvent | None:
        body = self.calendar.change(event, key)
        deadline = time.monotonic() + 30
        return self.calendar.update(self.token, event_id, body, key=key, again=again, deadline=deadline)

    def cancel(self, event_id: str, reason: str = "Le poste est pourvu.", *, again: bool = False) -> None:
        self.calendar.cancel(self.token, event_id, reason, again=again, deadline=time.monotonic() + 30)


def only(microsoft: MicrosoftEmulator, *, live: bool = True) -> dict[str, Any]:
    """The one event that there is."""
    (event,) = microsoft.events(live=live)
    return event


def body_of(event: dict[str, Any]) -> str:
    content: str = event["event"]["body"]["content"]
    return content


def kinds(microsoft: MicrosoftEmulator) -> list[str]:
    return [mail["kind"] for mail in microsoft.mails()]
