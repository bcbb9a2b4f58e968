"""A whole stretch of the calendar in one call."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.contracts.google.conftest import AWA, START, MakeRecruiter, Recruiter
from tests.factories.emulators import GoogleEmulator
from worker.contracts.accounts import AccessRefused
from worker.kit.errors import RateLimited, Retryable
from worker.providers.google import client
from worker.providers.google.payloads import event_id

DAYS = START - timedelta(days=1), START + timedelta(days=1)


def test_one_call_tells_all_that_reading_each_would(recruiter: Recruiter, google: GoogleEmulator) -> None:
    made = [recruiter.create(key=f"interview:{number}:create/1/1") for number in range(3)]
    google.behind(made[0].id, guest=AWA, response="declined")
    google.behind(made[1].id, start="2027-07-09T15:00:00+02:00")
    found = recruiter.calendar.window(recruiter.token, *DAYS)
    assert google.counters()["events.list"] == 1
    assert found == {each.id: recruiter.read(each.id) for each in made}
    assert found[made[0].id].responses == {AWA: "declined"}
    assert found[made[1].id].start == datetime(2027, 7, 9, 13, tzinfo=UTC)
    assert found[made[0].id].meeting_link == made[0].meeting_link


def test_changes_are_told_apart_by_when_they_were_made(recruiter: Recruiter, google: GoogleEmulator) -> None:
    made = recruiter.create()
    assert made.changed_at is not None
    google.behind(made.id, guest=AWA, response="accepted")
    later = recruiter.calendar.window(recruiter.token, *DAYS)[made.id].changed_at
    assert later is not None
    assert later > made.changed_at


def test_what_is_deleted_or_elsewhere_is_missing(recruiter: Recruiter, google: GoogleEmulator) -> None:
    gone, moved = (recruiter.create(key=f"interview:{number}:create/1/1").id for number in range(2))
    google.behind(gone, delete=True)
    google.behind(moved, start="2027-08-09T15:00:00+02:00")
    assert recruiter.calendar.window(recruiter.token, *DAYS) == {}


def test_a_whole_day_has_no_hours(recruiter: Recruiter, google: GoogleEmulator) -> None:
    made = recruiter.create()
    assert not made.whole_day
    days = {"start": "2027-07-09", "end": "2027-07-10"}
    google.behind(made.id, set={name: {"date": day, "dateTime": None} for name, day in days.items()})
    assert recruiter.calendar.window(recruiter.token, *DAYS)[made.id].whole_day


def test_pages_are_followed_to_the_end(
    recruiter: Recruiter, google: GoogleEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 2)
    keys = [f"interview:{number}:create/1/1" for number in range(5)]
    for key in keys:
        recruiter.create(key=key, meeting=False)
    assert set(recruiter.calendar.window(recruiter.token, *DAYS)) == {event_id(key) for key in keys}
    assert google.counters()["events.list"] == 3


def test_a_refusal_is_no_empty_calendar(
    recruiter: Recruiter, google: GoogleEmulator, make_recruiter: MakeRecruiter
) -> None:
    recruiter.create()
    google.faults(refuse="userRateLimitExceeded", only="events.list", times=1)
    with pytest.raises(RateLimited):
        recruiter.calendar.window(recruiter.token, *DAYS)
    google.faults(error_5xx=1.0, only="events.list", times=1)
    with pytest.raises(Retryable):
        recruiter.calendar.window(recruiter.token, *DAYS)
    google.faults()
    google.expire()
    with pytest.raises(AccessRefused):
        recruiter.calendar.window(recruiter.token, *DAYS)
    wrong = make_recruiter(endpoint=google.calendar_endpoint.replace("calendar/v3/", "oauth2/v3/userinfo?"))
    with pytest.raises(Retryable):
        wrong.calendar.window(wrong.token, *DAYS)
