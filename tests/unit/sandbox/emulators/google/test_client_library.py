"""Google's own client library finds what it expects."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from requests_oauthlib import OAuth2Session

from tests.factories.emulators import GoogleEmulator
from tests.unit.sandbox.emulators.google.application import CALENDAR, CANDIDATE, HR, INTERVIEW

REDIRECT = "https://app.example/callback"


@pytest.fixture
def tokens(google: GoogleEmulator, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A consent of human resources, exchanged by requests-oauthlib."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    session = OAuth2Session("client", redirect_uri=REDIRECT, scope=[CALENDAR], pkce="S256")
    address, state = session.authorization_url(google.auth_url, access_type="offline", prompt="consent")
    location = google.authorize(address, HR)
    assert location is not None
    back = dict(parse_qsl(urlsplit(location).query))
    assert back["state"] == state
    return dict(session.fetch_token(google.token_url, code=back["code"], client_secret="secret", timeout=30))


@pytest.fixture
def calendar(google: GoogleEmulator, tokens: dict[str, Any]) -> Iterator[Any]:
    """Its access token is too old, so that the library refreshes it first."""
    credentials = Credentials(  # type: ignore[no-untyped-call]  # google-auth publishes types for some calls only
        token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        token_uri=google.token_url,
        client_id="client",
        client_secret="secret",
        expiry=datetime.now(UTC).replace(tzinfo=None),
    )
    endpoint = {"api_endpoint": google.calendar_endpoint}
    with build("calendar", "v3", credentials=credentials, client_options=endpoint, static_discovery=True) as service:
        yield service


def test_the_life_of_an_event(calendar: Any, google: GoogleEmulator) -> None:
    google.expire(account=HR)
    body = {**INTERVIEW, "id": "abcdef00001", "conferenceData": {"createRequest": {"requestId": "r"}}}
    events = calendar.events()
    event = events.insert(calendarId="primary", body=body, conferenceDataVersion=1, sendUpdates="all").execute()
    assert event["hangoutLink"]
    with pytest.raises(HttpError) as refused:
        events.insert(calendarId="primary", body=body).execute()
    assert (refused.value.status_code, refused.value.error_details[0]["reason"]) == (409, "duplicate")
    changed = events.patch(calendarId=HR, eventId=event["id"], body={"location": "Douala"})
    changed.headers["If-Match"] = event["etag"]
    assert changed.execute()["location"] == "Douala"
    found = events.list(calendarId="primary", iCalUID=event["iCalUID"]).execute()["items"]
    assert [each["attendees"][0]["email"] for each in found] == [CANDIDATE]
    question = {"timeMin": "2027-07-09T00:00:00Z", "timeMax": "2027-07-10T00:00:00Z", "items": [{"id": "primary"}]}
    busy = calendar.freebusy().query(body=question).execute()["calendars"]["primary"]["busy"]
    assert busy == [{"start": "2027-07-09T12:00:00Z", "end": "2027-07-09T13:00:00Z"}]
    assert events.delete(calendarId="primary", eventId=event["id"], sendUpdates="all").execute() == ""
    with pytest.raises(HttpError) as gone:
        events.delete(calendarId="primary", eventId=event["id"]).execute()
    assert gone.value.status_code == 410
    assert google.counters()["token.refresh"] == 1
    assert [mail["kind"] for mail in google.mails()] == ["invitation", "cancellation"]
    assert google.events(live=True) == []
