"""What the Calendar API refuses, and how connections break."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandbox.emulators.google.provider import API
from sandbox.emulators.google.refusals import REASONS
from sandbox.emulators.web import Request
from tests.unit.sandbox.emulators.google.application import CALENDAR, CANDIDATE, COLLEAGUE, HR, INTERVIEW, Application

ID = "abcdef0123456789"


def test_tokens_that_are_not_good(connected: Application) -> None:
    good = connected.tokens[HR]
    for header, why in (("", "required"), ("Basic x", "required"), ("Bearer unknown", "authError")):
        assert connected.event("list", headers={"authorization": header}) == (401, why)
    connected.steer("POST", "tokens/expire")
    assert connected.event("list") == (401, "authError")
    connected.connect()
    assert connected.event("list")[0] == 200
    assert good != connected.tokens[HR]
    connected.steer("DELETE", f"accounts/{HR}")
    assert connected.event("list") == (401, "authError")


def test_what_was_not_granted_is_refused(application: Application) -> None:
    application.connect(scope=f"{CALENDAR}.events")
    assert application.event("insert", body=INTERVIEW)[0] == 200
    response = application.call(
        "freebusy.query",
        "/freeBusy",
        {"timeMin": "2027-07-09T00:00:00Z", "timeMax": "2027-07-10T00:00:00Z", "items": []},
    )
    assert response.status == 403
    assert b'"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"' in response.body
    application.connect(scope=f"{CALENDAR}.readonly")
    assert application.event("insert", body=INTERVIEW) == (403, "insufficientPermissions")
    assert application.event("list")[0] == 200


@pytest.mark.parametrize("reason", [reason for reason, (status, *_) in REASONS.items() if status == 403])
def test_reasons_of_403_on_demand(connected: Application, reason: str) -> None:
    connected.faults(refuse=reason, only="events.insert", times=1)
    assert connected.event("list")[0] == 200
    assert connected.event("insert", body=INTERVIEW) == (403, reason)
    assert connected.event("insert", body=INTERVIEW)[0] == 200


def test_the_quota_meets_events_with_outside_guests(connected: Application) -> None:
    connected.faults(quota_with_guests=1.0)
    assert connected.event("insert", body=INTERVIEW, sendUpdates="none") == (403, "quotaExceeded")
    inside = connected.made({**INTERVIEW, "attendees": [{"email": COLLEAGUE}]})
    assert connected.event("patch", inside["id"], {"attendees": [{"email": CANDIDATE}]}) == (403, "quotaExceeded")
    assert connected.event("delete", inside["id"])[0] == 204


def test_calls_per_minute(connected: Application) -> None:
    connected.connect(COLLEAGUE)
    connected.faults(per_minute=3)
    assert [connected.event("list")[0] for _ in range(5)] == [200, 200, 200, 403, 403]
    assert connected.event("list", account=COLLEAGUE)[0] == 200
    assert connected.steer("GET", "counters/minutes") == {HR: 3, COLLEAGUE: 1}


@pytest.mark.parametrize(
    ("switches", "status", "why", "recorded"),
    [
        ({"rate_limit": 1.0}, 429, "rateLimitExceeded", 0),
        ({"error_5xx": 1.0}, 503, "backendError", 0),
        ({"error_5xx": 1.0, "error_status": 500}, 500, "backendError", 0),
        ({"error_5xx_after": 1.0}, 503, "backendError", 1),
        ({"drop_before": 1.0}, 0, None, 0),
        ({"drop_after": 1.0}, 0, None, 1),
    ],
)
def test_faults_say_whether_something_was_done(
    connected: Application, switches: dict[str, Any], status: int, why: str | None, recorded: int
) -> None:
    connected.faults(**switches, only=["events.insert"])
    assert connected.event("insert", body={**INTERVIEW, "id": ID}, sendUpdates="all") == (status, why)
    assert connected.steer("GET", "events")["total"] == recorded
    assert len(connected.mails()) == recorded
    connected.faults()
    again = connected.event("insert", body={**INTERVIEW, "id": ID})[0]
    assert again == (409 if recorded else 200)


@pytest.mark.parametrize(("seconds", "header"), [(None, None), (7, "7")])
def test_a_429_may_say_when_to_come_back(connected: Application, seconds: int | None, header: str | None) -> None:
    connected.faults(rate_limit=1.0, retry_after=seconds)
    response = connected.call("events.list", "/calendars/primary/events")
    assert (response.status, response.headers.get("Retry-After")) == (429, header)


def test_a_proxys_page(connected: Application) -> None:
    connected.faults(html_503=1.0)
    response = connected.call("events.list", "/calendars/primary/events")
    assert (response.status, response.headers["Content-Type"]) == (503, "text/html; charset=utf-8")


def test_a_refusal_is_not_lost_on_the_way(connected: Application) -> None:
    connected.faults(drop_after=1.0)
    assert connected.event("get", "unknown") == (404, "notFound")


def test_unknown_switches_are_refused(connected: Application) -> None:
    for body in (b'{"surprise": 1}', b'{"refuse": "because"}', b'{"conference": "maybe"}'):
        response = connected.site.answer(Request("PUT", "/_emulator/google/faults", body=body))
        assert response.status == 422


def test_places_that_do_not_exist(connected: Application) -> None:
    assert connected.site.answer(Request("GET", f"{API}/nothing")).status == 404
    assert connected.site.answer(Request("PUT", "/google/token")).status == 405


def test_many_workers_at_once(connected: Application) -> None:
    """Each makes its event twice and deletes it twice: one each is done, and everybody is told once."""
    identifiers = [f"{number:05}" for number in range(100)]

    def work(identifier: str) -> list[int]:
        body = {**INTERVIEW, "id": identifier}
        made = [connected.event("insert", body=body, sendUpdates="all")[0] for _ in range(2)]
        return made + [connected.event("delete", identifier, sendUpdates="all")[0] for _ in range(2)]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(work, identifiers))
    assert answers == [[200, 409, 204, 410]] * 100
    kinds = [kind for kind, _ in connected.mails()]
    assert (kinds.count("invitation"), kinds.count("cancellation")) == (100, 100)
    assert connected.steer("GET", "counters/statuses")["events.insert"] == {"200": 100, "409": 100}
