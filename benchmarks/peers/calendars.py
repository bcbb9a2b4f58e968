"""An event made at a calendar without a platform: its latency alone, and what an app does within its own request.

What such an app lacks is not measured: nothing survives its death, and a lost answer makes a second event or none.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import requests
from google.oauth2.credentials import Credentials
from googleapiclient import discovery

GUEST = "candidat@example.org"
FIRST = timedelta(days=30)
REDIRECT = "http://localhost/callback"
Make = Callable[[int], object]
Post = Callable[..., requests.Response]


@dataclass(frozen=True, slots=True)
class Consent:
    """Where an emulated provider asks a person and gives tokens. steered: its name below `/_emulator`."""

    steered: str
    page: str
    tokens: str
    scopes: str


CONSENTS: Mapping[str, Consent] = {
    "google-calendar": Consent(
        "google", "/google/o/oauth2/v2/auth", "/google/token", "openid email https://www.googleapis.com/auth/calendar"
    ),
    "outlook": Consent(
        "microsoft",
        "/microsoft/common/oauth2/v2.0/authorize",
        "/microsoft/common/oauth2/v2.0/token",
        "openid profile offline_access User.Read Calendars.ReadWrite",
    ),
}


@dataclass(frozen=True, slots=True)
class Calendars:
    """Where the emulated calendars are, and an access token for each by the provider's name in our routes."""

    emulators: str
    tokens: Mapping[str, str]

    @property
    def google(self) -> str:
        return f"{self.emulators}/google/calendar/v3/"

    @property
    def graph(self) -> str:
        return f"{self.emulators}/microsoft/graph/v1.0"

    def headers(self, slug: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[slug]}", "Content-Type": "application/json"}


class NoLinkError(Exception):
    """What was measured made no event with a link: its time says nothing."""


def connected(emulators: str, account: str) -> Calendars:
    """An account that nobody else uses, at both."""
    return Calendars(emulators, {slug: _token(emulators, consent, account) for slug, consent in CONSENTS.items()})


def _token(emulators: str, consent: Consent, account: str) -> str:
    client = {"client_id": "benchmark", "redirect_uri": REDIRECT}
    query = {**client, "response_type": "code", "scope": consent.scopes, "state": "s", "access_type": "offline"}
    wishes = {"address": f"{emulators}{consent.page}?{urlencode(query)}", "account": account}
    decided = requests.post(f"{emulators}/_emulator/{consent.steered}/authorize", json=wishes, timeout=10)
    code = dict(parse_qsl(urlsplit(_answer(decided)["location"]).query))["code"]
    form = {**client, "client_secret": "secret", "grant_type": "authorization_code", "code": code}
    return str(_answer(requests.post(f"{emulators}{consent.tokens}", data=form, timeout=10))["access_token"])


@contextmanager
def alone(calendars: Calendars) -> Iterator[Mapping[str, Make]]:
    """By the provider's name in our routes: the one request that cannot be left out, over a kept connection."""
    with requests.Session() as session:
        yield {
            "google-calendar": partial(_post_to_google, calendars, session.post),
            "outlook": partial(_post_to_graph, calendars, session.post),
        }


@contextmanager
def peers(calendars: Calendars) -> Iterator[Mapping[str, Make]]:
    """By name. The main web app builds Google's service anew in each request."""
    with closing(_service(calendars)) as kept:
        yield {
            "Google's package, a service for each request": partial(_anew, calendars),
            "Google's package, one service kept": partial(_insert, kept),
            "Graph by requests, a connection for each request": partial(_post_to_graph, calendars, requests.post),
        }


def measured(make: Make, numbers: Sequence[int]) -> list[float]:
    """Milliseconds of each event. Raises NoLinkError."""
    took = []
    for number in numbers:
        began = time.perf_counter()
        link = make(number)
        took.append((time.perf_counter() - began) * 1000)
        if not isinstance(link, str) or not link.startswith("https://"):
            raise NoLinkError(f"Event {number} was made without a link.")
    return took


def _times(number: int) -> tuple[str, str]:
    start = (datetime.now(UTC) + FIRST + timedelta(hours=number)).replace(microsecond=0, tzinfo=None)
    return start.isoformat(), (start + timedelta(minutes=45)).isoformat()


def google_event(number: int) -> dict[str, Any]:
    start, end = _times(number)
    return {
        "summary": "Entretien",
        "description": "Bonjour",
        "start": {"dateTime": f"{start}Z"},
        "end": {"dateTime": f"{end}Z"},
        "attendees": [{"email": GUEST}],
        "conferenceData": {"createRequest": {"requestId": str(uuid4())}},
    }


def graph_event(number: int) -> dict[str, Any]:
    start, end = _times(number)
    return {
        "subject": "Entretien",
        "body": {"contentType": "HTML", "content": "<p>Bonjour</p>"},
        "start": {"dateTime": start, "timeZone": "UTC"},
        "end": {"dateTime": end, "timeZone": "UTC"},
        "attendees": [{"emailAddress": {"address": GUEST}, "type": "required"}],
        "isOnlineMeeting": True,
        "onlineMeetingProvider": "teamsForBusiness",
    }


def _post_to_google(calendars: Calendars, post: Post, number: int) -> object:
    address = f"{calendars.google}calendars/primary/events?conferenceDataVersion=1&sendUpdates=all"
    headers = calendars.headers("google-calendar")
    return _answer(post(address, json=google_event(number), headers=headers, timeout=30)).get("hangoutLink")


def _post_to_graph(calendars: Calendars, post: Post, number: int) -> object:
    headers = calendars.headers("outlook")
    event = _answer(post(f"{calendars.graph}/me/events", json=graph_event(number), headers=headers, timeout=30))
    return (event.get("onlineMeeting") or {}).get("joinUrl")


def _answer(response: requests.Response) -> dict[str, Any]:
    response.raise_for_status()
    members: dict[str, Any] = response.json()
    return members


def _anew(calendars: Calendars, number: int) -> object:
    with closing(_service(calendars)) as service:
        return _insert(service, number)


def _service(calendars: Calendars) -> Any:
    return discovery.build(
        "calendar",
        "v3",
        credentials=Credentials(calendars.tokens["google-calendar"]),  # type: ignore[no-untyped-call]
        static_discovery=True,
        client_options={"api_endpoint": calendars.google},
    )


def _insert(service: Any, number: int) -> object:
    request = service.events().insert(
        calendarId="primary", body=google_event(number), conferenceDataVersion=1, sendUpdates="all"
    )
    return request.execute().get("hangoutLink")
