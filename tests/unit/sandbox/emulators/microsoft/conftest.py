"""Microsoft's emulator without HTTP: its requests and answers as values."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from sandbox.emulators.microsoft.provider import Microsoft
from sandbox.emulators.site import Site
from sandbox.emulators.web import Request

REDIRECT = "https://platform.example.org/api/integrations/outlook/callback"
SCOPE = "openid profile offline_access User.Read Calendars.ReadWrite"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
KEY = "String {00000000-0000-0000-0000-000000000001} Name interview"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]
    dropped: bool

    @property
    def error(self) -> Any:
        """Graph's code, or the OAuth error."""
        error = self.body["error"]
        return error["code"] if isinstance(error, dict) else error


class Outside:
    def __init__(self, site: Site) -> None:
        self.site = site

    @property
    def provider(self) -> Microsoft:
        provider = self.site.scene._by_name["microsoft"]
        assert isinstance(provider, Microsoft)
        return provider

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        response = self.site.answer(Request(method, path, query or {}, {"host": "emulator", **(headers or {})}, data))
        text = response.body.decode()
        told = json.loads(text) if text and "json" in response.headers.get("Content-Type", "") else text
        return Answer(int(response.status), told, response.headers, response.dropped)

    def steer(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        answer = self.call(method, f"/_emulator/microsoft/{path}", body, query)
        assert answer.status == 200, answer.body
        return answer.body

    def faults(self, **switches: Any) -> None:
        self.steer("PUT", "faults", switches)

    def decide(self, account: str = "work", tenant: str = "common", **wishes: Any) -> dict[str, str]:
        """Where a person's decision leads, as the parameters of the address."""
        more = wishes.pop("query", {})
        address = f"https://login.example/{tenant}/oauth2/v2.0/authorize?{urlencode({**page(), **more})}"
        told = self.steer("POST", "authorize", {"address": address, "account": account, **wishes})
        return parameters(told["location"]) if told["location"] else {key: str(value) for key, value in told.items()}

    def token(self, tenant: str = "common", **fields: str) -> Answer:
        form = {"client_id": "app", "client_secret": "secret", **fields}
        return self.call("POST", f"/microsoft/{tenant}/oauth2/v2.0/token", urlencode(form).encode())

    def redeem(self, code: str, /, **changes: str) -> Answer:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        return self.token(**{**form, "client_info": "1", **changes})

    def refresh(self, token: str, **changes: str) -> Answer:
        return self.token(**{"grant_type": "refresh_token", "refresh_token": token, **changes})

    def sign_in(self, account: str = "work", **wishes: Any) -> Any:
        answer = self.redeem(self.decide(account, **wishes)["code"])
        assert answer.status == 200, answer.body
        return answer.body

    def person(self, account: str = "work", **wishes: Any) -> "Person":
        return Person(self, self.sign_in(account, **wishes)["access_token"])


@dataclass(frozen=True)
class Person:
    """Somebody's calendar, as a client with a token sees it."""

    outside: Outside
    token: str

    def graph(
        self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None, **headers: str
    ) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        known = {"authorization": f"Bearer {self.token}", **named}
        return self.outside.call(method, f"/microsoft/graph/v1.0/me{path}", body, query, known)

    def create(self, **changes: Any) -> Any:
        answer = self.graph("POST", "/events", event(**changes))
        assert answer.status == 201, answer.body
        return answer.body

    def find(self, value: str) -> list[Any]:
        query = {"$filter": f"singleValueExtendedProperties/Any(ep: ep/id eq '{KEY}' and ep/value eq '{value}')"}
        answer = self.graph("GET", "/events", query=query)
        assert answer.status == 200, answer.body
        found: list[Any] = answer.body["value"]
        return found


def page(**changes: str) -> dict[str, str]:
    """The query of the authorize page."""
    return {
        "client_id": "app",
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": SCOPE,
        "state": "s1",
        "nonce": "n1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }


def parameters(location: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))


def utc(text: str) -> dict[str, str]:
    return {"dateTime": text, "timeZone": "UTC"}


def guest(address: str) -> dict[str, Any]:
    return {"emailAddress": {"address": address, "name": address.partition("@")[0]}, "type": "required"}


def event(**changes: Any) -> dict[str, Any]:
    members = {
        "subject": "Entretien",
        "body": {"contentType": "HTML", "content": "<p>Bonjour</p>"},
        "start": utc("2027-01-15T13:00:00"),
        "end": utc("2027-01-15T14:00:00"),
        "attendees": [guest("awa@example.org")],
        "isOnlineMeeting": True,
        "onlineMeetingProvider": "teamsForBusiness",
        **changes,
    }
    return {name: value for name, value in members.items() if value is not None}


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    site = Site(tmp_path)
    yield Outside(site)
    site.close()


@pytest.fixture
def person(outside: Outside) -> Person:
    return outside.person()
