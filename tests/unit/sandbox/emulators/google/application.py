"""An application that talks to the Google emulator: answers of the Calendar API are checked against its description."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from sandbox.emulators.google.refusals import REASONS
from sandbox.emulators.site import Site
from sandbox.emulators.web import Request, Response
from tests.unit.sandbox.emulators.google.discovery import ANSWERS, method, validator

API = "/google/calendar/v3"
REDIRECT = "https://app.example/callback"
CALENDAR = "https://www.googleapis.com/auth/calendar"
CLIENT = {"client_id": "client", "client_secret": "secret"}
HR = "rh@exemple.cm"
COLLEAGUE = "awa.ndiaye@exemple.cm"
CANDIDATE = "candidate@example.org"
NOON = {"dateTime": "2027-07-09T12:00:00Z"}
ONE = {"dateTime": "2027-07-09T13:00:00Z"}
INTERVIEW: Mapping[str, Any] = {
    "summary": "Entretien",
    "start": NOON,
    "end": ONE,
    "attendees": [{"email": CANDIDATE}],
}


@dataclass
class Application:
    site: Site
    tokens: dict[str, str] = field(default_factory=dict)

    def steer(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        request = Request(method, f"/_emulator/google/{path}", query, body=json.dumps(body or {}).encode())
        response = self.site.answer(request)
        assert response.status < 400, response.body
        return json.loads(response.body or b"null")

    def faults(self, **switches: Any) -> None:
        self.steer("PUT", "faults", switches)

    def address(self, **parameters: str | None) -> str:
        """The consent page for a first connection; None leaves a parameter out."""
        usual: dict[str, str | None] = {
            "client_id": "client",
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": f"openid email {CALENDAR}",
            "state": "s",
            "access_type": "offline",
            "prompt": "consent",
        }
        known = {name: value for name, value in {**usual, **parameters}.items() if value is not None}
        return f"https://accounts.example/google/o/oauth2/v2/auth?{urlencode(known)}"

    def decide(self, address: str, account: str = HR, **wishes: Any) -> dict[str, str]:
        """The parameters with which the browser comes back."""
        answer = self.steer("POST", "authorize", {"address": address, "account": account, **wishes})
        return dict(parse_qsl(urlsplit(answer["location"]).query))

    def token(self, *, basic: str | None = None, **fields: str) -> tuple[int, dict[str, Any]]:
        headers = {"authorization": basic} if basic else {}
        body = urlencode(fields if basic else {**CLIENT, **fields}).encode()
        response = self.site.answer(Request("POST", "/google/token", headers=headers, body=body))
        return response.status, json.loads(response.body)

    def exchange(self, code: str, **fields: str) -> tuple[int, dict[str, Any]]:
        return self.token(**{"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **fields})

    def refresh(self, token: str, **fields: str) -> tuple[int, dict[str, Any]]:
        return self.token(grant_type="refresh_token", refresh_token=token, **fields)

    def connect(self, account: str = HR, **parameters: str | None) -> dict[str, Any]:
        """The first tokens of an account, whose access token is used from now on."""
        status, tokens = self.exchange(self.decide(self.address(**parameters), account)["code"])
        assert status == 200
        self.tokens[account] = tokens["access_token"]
        return tokens

    def call(
        self,
        operation: str,
        path: str,
        body: Any = None,
        *,
        account: str = HR,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> Response:
        """One call of the Calendar API, with the account's token; query values may be lists."""
        verb = method(operation)["httpMethod"]
        pairs = [(name, str(each)) for name, value in query.items() for each in _several(value)]
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        named = {"authorization": f"Bearer {self.tokens.get(account, '')}", **(headers or {})}
        response = self.site.answer(Request(verb, f"{API}{path}", dict(pairs), named, data, pairs=pairs))
        check(operation, response)
        return response

    def event(self, operation: str, identifier: str | None = None, body: Any = None, **rest: Any) -> tuple[int, Any]:
        """A call about events of the account's own calendar: its status, and its answer or the reason."""
        path = "/calendars/primary/events" + (f"/{identifier}" if identifier else "")
        response = self.call(f"events.{operation}", path, body, **rest)
        if response.dropped:
            return 0, None
        if response.status >= 400:
            return response.status, reason(response)
        return response.status, json.loads(response.body) if response.body else None

    def made(self, body: Mapping[str, Any] = INTERVIEW, **rest: Any) -> dict[str, Any]:
        status, event = self.event("insert", body=body, **rest)
        assert status == 200, event
        made: dict[str, Any] = event
        return made

    def mails(self, **query: str) -> list[tuple[str, str]]:
        """Kind and recipient, in their order."""
        return [(mail["kind"], mail["to"]) for mail in self.steer("GET", "mails", **query)["mails"]]


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def reason(response: Response) -> str:
    found: str = json.loads(response.body)["error"]["errors"][0]["reason"]
    return found


def check(operation: str, response: Response) -> None:
    """What arrives is what the description promises, or an error in Google's shape."""
    if response.dropped:
        return
    assert response.status != 204 or response.body == b""
    if response.status == 200 and response.headers["Content-Type"].startswith("application/json"):
        errors = [error.message for error in validator(ANSWERS[operation]).iter_errors(json.loads(response.body))]
        assert errors == []
    if response.status >= 400 and response.headers["Content-Type"].startswith("application/json"):
        error = json.loads(response.body)["error"]
        assert error["code"] == response.status
        assert error["message"] == error["errors"][0]["message"]
        known = REASONS.get(error["errors"][0]["reason"])
        assert known is None or known[0] == response.status or response.status in (429, 503)
