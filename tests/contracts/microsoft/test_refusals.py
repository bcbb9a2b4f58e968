"""Each answer of Graph's becomes the error that the platform knows what to do about."""

import json
import re
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.microsoft.conftest import Connect, MakeCalendar
from tests.contracts.microsoft.support import INTERVIEW, START, Recruiter
from tests.factories.emulators import MicrosoftEmulator
from tests.factories.peers import Answer, peer, with_body
from worker.contracts.accounts import AccessRefused, NoMailbox, ScopeMissing
from worker.kit.database import Database
from worker.kit.errors import RateLimited, Refused, Retryable, RunError, UnknownOutcome, Unreachable
from worker.kit.http import CallLimits

Call = Callable[[Recruiter, str], Any]

WRITES: dict[str, Call] = {
    "events.create": lambda recruiter, _: recruiter.create(key="another"),
    "events.update": lambda recruiter, event_id: recruiter.update(event_id, INTERVIEW),
    "events.cancel": lambda recruiter, event_id: recruiter.cancel(event_id),
}
READS: dict[str, Call] = {
    "events.get": lambda recruiter, event_id: recruiter.calendar.read(recruiter.token, event_id),
    "events.find": lambda recruiter, _: recruiter.create(key="another", again=True),
    "calendar.get": lambda recruiter, _: recruiter.create(key="another"),
    "calendar.view": lambda recruiter, _: recruiter.calendar.availability(
        recruiter.token, ["rh@exemple.cm"], START, START.replace(hour=18), "Africa/Libreville"
    ),
}
EVENT = {
    "id": "AAkALg=",
    "start": {"dateTime": "2026-12-03T09:00:00.0000000", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-03T10:00:00.0000000", "timeZone": "UTC"},
}


def error_of(microsoft: MicrosoftEmulator, recruiter: Recruiter, call: Call, **faults: Any) -> RunError:
    made = recruiter.create()
    microsoft.faults(**faults)
    with pytest.raises(RunError) as caught:
        call(recruiter, made.id)
    return caught.value


@pytest.mark.parametrize("operation", [*WRITES, *READS])
@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, "InvalidAuthenticationToken", AccessRefused),
        (403, "ErrorAccessDenied", ScopeMissing),
        (404, "MailboxNotEnabledForRESTAPI", NoMailbox),
        (409, "ErrorIrresolvableConflict", Retryable),
        (423, "notAllowed", Retryable),
    ],
)
def test_a_definite_answer_means_the_same_everywhere(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, operation: str, status: int, code: str, expected: type[RunError]
) -> None:
    call = {**WRITES, **READS}[operation]
    found = error_of(microsoft, recruiter, call, only=operation, graph_error={"status": status, "code": code})
    assert type(found) is expected


@pytest.mark.parametrize("operation", ["events.create", "events.update"])
def test_a_content_that_graph_does_not_take_is_refused(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, operation: str
) -> None:
    wanted = {"status": 400, "code": "ErrorInvalidRecipients", "message": "awa@example.org isn't valid."}
    found = error_of(microsoft, recruiter, WRITES[operation], only=operation, graph_error=wanted)
    assert isinstance(found, Refused)
    assert "ErrorInvalidRecipients" in str(found)
    assert "awa@" not in str(found)


@pytest.mark.parametrize("operation", [*WRITES, *READS])
@pytest.mark.parametrize(("seconds", "after"), [(30, 30.0), (None, 10.0)])
def test_a_limit_says_how_long(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, operation: str, seconds: int | None, after: float
) -> None:
    call = {**WRITES, **READS}[operation]
    found = error_of(microsoft, recruiter, call, only=operation, rate_limit=1.0, retry_after=seconds)
    assert isinstance(found, RateLimited)
    assert found.after == after


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("status", [500, 502, 503, 504, 509])
def test_a_write_at_a_server_that_fails_is_unknown(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, operation: str, status: int
) -> None:
    found = error_of(microsoft, recruiter, WRITES[operation], only=operation, error_5xx=1.0, error_status=status)
    assert isinstance(found, UnknownOutcome)


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("fault", ["error_5xx", "html_200", "drop_before", "drop_after"])
def test_a_read_that_fails_is_tried_again(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, operation: str, fault: str
) -> None:
    found = error_of(microsoft, recruiter, READS[operation], only=operation, **{fault: 1.0})
    assert isinstance(found, Retryable)


def test_a_policy_that_wants_the_owner_is_said(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    found = error_of(microsoft, recruiter, READS["events.get"], claims_challenge=1.0)
    assert isinstance(found, AccessRefused)
    assert "sign in again" in str(found)


def test_a_token_that_is_too_old_is_refused_and_nothing_is_done(
    microsoft: MicrosoftEmulator, recruiter: Recruiter
) -> None:
    microsoft.expire()
    with pytest.raises(AccessRefused):
        recruiter.create()
    assert microsoft.events() == []


def test_an_account_that_granted_no_calendar_is_told_so(microsoft: MicrosoftEmulator, connect: Connect) -> None:
    microsoft.faults(scopes=["User.Read", "openid", "profile", "offline_access"])
    with pytest.raises(ScopeMissing):
        connect().create()
    assert microsoft.events() == []


@pytest.mark.parametrize("token", ["", "two words", "line\r\nbreak", "clé"])
def test_what_is_no_token_is_not_sent(make_calendar: MakeCalendar, token: str) -> None:
    with pytest.raises(AccessRefused):
        make_calendar("http://127.0.0.1:9").read(token, "id")


def test_a_refused_connection_sent_nothing(make_calendar: MakeCalendar) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable):
        Recruiter(make_calendar(f"http://127.0.0.1:{port}"), "token").cancel("id")


def test_no_call_is_made_in_a_transaction(recruiter: Recruiter, database: Database) -> None:
    with database.transaction(), pytest.raises(RuntimeError, match="transaction"):
        recruiter.create()


@pytest.mark.parametrize(
    "answer",
    [
        with_body("[]", "201 Created"),
        with_body("{}", "201 Created"),
        with_body('{"id":"1"}', "201 Created"),
        with_body(json.dumps({**EVENT, "id": ""}), "201 Created"),
        with_body(json.dumps({**EVENT, "end": {"dateTime": "soon"}}), "201 Created"),
        with_body(json.dumps(EVENT), "201 Created", length=500),
        with_body(json.dumps(EVENT), "302 Found"),
        with_body("{}", "408 Request Timeout"),
        lambda connection: connection.sendall(b"what?\r\n\r\n"),
        lambda connection: None,
    ],
)
def test_a_damaged_answer_to_a_write_is_unknown(make_calendar: MakeCalendar, answer: Answer) -> None:
    with peer(answer) as url, pytest.raises(UnknownOutcome):
        Recruiter(make_calendar(url, limits=CallLimits(read=1.0)), "token").create(replace(INTERVIEW, meeting=False))


@pytest.mark.parametrize(
    "answer",
    [
        with_body("null"),
        with_body('{"id":"1"}'),
        with_body(json.dumps({**EVENT, "start": {"dateTime": "2026-12-03T09:00:00", "timeZone": "Mars"}})),
        with_body(json.dumps(EVENT), "307 Temporary Redirect"),
        with_body("<html>", "403 Forbidden"),
        with_body("{", "404 Not Found"),
    ],
)
def test_a_damaged_answer_to_a_read_is_tried_again(make_calendar: MakeCalendar, answer: Answer) -> None:
    with peer(answer) as url, pytest.raises(Retryable):
        make_calendar(url, limits=CallLimits(read=1.0)).read("token", "id")


@pytest.mark.parametrize("text", ["{}", '{"value": {}}', '{"value": [{"id": "1"}]}'])
def test_a_search_without_a_list_is_tried_again(make_calendar: MakeCalendar, text: str) -> None:
    with peer(with_body(text)) as url, pytest.raises(Retryable):
        Recruiter(make_calendar(url), "token").create(replace(INTERVIEW, meeting=False), again=True)


def test_every_call_names_itself_and_wants_lasting_ids_and_utc(make_calendar: MakeCalendar) -> None:
    received: list[bytes] = []
    with peer(with_body(json.dumps(EVENT)), received) as url:
        make_calendar(url).read("token", "AA/k+A=?")
    head = received[0].decode()
    assert head.startswith("GET /me/events/AA%2Fk%2BA%3D%3F?")
    assert 'Prefer: IdType="ImmutableId", outlook.timezone="UTC"' in head
    assert "Authorization: Bearer token" in head
    assert re.search(r"client-request-id: [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\r\n", head)
