"""A whole stretch of the calendar in one call."""

from datetime import timedelta

import pytest

from tests.contracts.microsoft.support import START, Recruiter
from tests.factories.emulators import MicrosoftEmulator
from worker.contracts.accounts import AccessRefused
from worker.kit.errors import RateLimited, Retryable
from worker.providers.microsoft import views

DAYS = START - timedelta(days=1), START + timedelta(days=1)
AWA = "awa@example.org"


def test_one_call_tells_all_that_reading_each_would(recruiter: Recruiter, microsoft: MicrosoftEmulator) -> None:
    made = [recruiter.create(key=f"interview:{number}:create/1/1") for number in range(3)]
    microsoft.behind(made[0].id, guest=AWA, response="declined")
    microsoft.behind(made[1].id, start="2026-12-03T11:00:00Z", move_item=True)
    found = recruiter.calendar.window(recruiter.token, *DAYS)
    assert microsoft.counters()["calendar.view"] == 1
    assert set(found) == {each.id for each in made}
    assert found[made[0].id].responses[AWA] == "declined"
    assert found[made[1].id].start == START + timedelta(hours=2)
    assert found[made[2].id].meeting_link == made[2].meeting_link
    for event in found.values():
        alone = recruiter.calendar.read(recruiter.token, event.id)
        assert alone is not None
        assert (alone.start, alone.end, alone.etag, alone.changed_at) == (
            event.start,
            event.end,
            event.etag,
            event.changed_at,
        )


def test_changes_are_told_apart_by_when_they_were_made(recruiter: Recruiter, microsoft: MicrosoftEmulator) -> None:
    made = recruiter.create()
    assert made.changed_at is not None
    microsoft.behind(made.id, guest=AWA, response="accepted")
    later = recruiter.calendar.window(recruiter.token, *DAYS)[made.id].changed_at
    assert later is not None
    assert later > made.changed_at


def test_what_is_deleted_or_elsewhere_is_missing(recruiter: Recruiter, microsoft: MicrosoftEmulator) -> None:
    gone, moved = (recruiter.create(key=f"interview:{number}:create/1/1").id for number in range(2))
    microsoft.behind(gone, delete=True)
    microsoft.behind(moved, start="2026-12-23T11:00:00Z")
    assert recruiter.calendar.window(recruiter.token, *DAYS) == {}


def test_pages_are_followed_to_the_end(
    recruiter: Recruiter, microsoft: MicrosoftEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    made = {recruiter.create(key=f"interview:{number}:create/1/1").id for number in range(5)}
    assert set(recruiter.calendar.window(recruiter.token, *DAYS)) == made
    assert microsoft.counters()["calendar.view"] == 3


def test_a_refusal_is_no_empty_calendar(recruiter: Recruiter, microsoft: MicrosoftEmulator) -> None:
    recruiter.create()
    for fault, error in (("rate_limit", RateLimited), ("error_5xx", Retryable)):
        microsoft.faults(**{fault: 1.0}, only=["calendar.view"], times=1)
        with pytest.raises(error):
            recruiter.calendar.window(recruiter.token, *DAYS)
    microsoft.expire()
    with pytest.raises(AccessRefused):
        recruiter.calendar.window(recruiter.token, *DAYS)
