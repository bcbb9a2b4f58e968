"""When people are taken, as far as Google tells."""

from datetime import datetime, timedelta

import pytest

from tests.contracts.google.conftest import AWA, HOST, START, MakeRecruiter, Recruiter
from tests.factories.emulators import GoogleEmulator
from worker.contracts.accounts import AccessRefused
from worker.contracts.calendars import Availability, Busy
from worker.kit.errors import RateLimited, Retryable, RunError
from worker.providers.google.availabilities import NOT_ANSWERED, NOT_GRANTED, NOT_SHOWN

COLLEAGUE = "awa.ndiaye@exemple.cm"
DAY = timedelta(days=1)


def ask(
    recruiter: Recruiter, *addresses: str, start: datetime = START - DAY, end: datetime = START + DAY
) -> Availability:
    return recruiter.calendar.availability(recruiter.token, addresses, start, end, "Africa/Libreville")


def test_events_and_other_times_of_colleagues_are_taken(recruiter: Recruiter, google: GoogleEmulator) -> None:
    recruiter.create()
    lunch = {"start": (START - timedelta(hours=3)).isoformat(), "end": (START - timedelta(hours=2)).isoformat()}
    google.steer("PUT", f"accounts/{COLLEAGUE}", busy=[lunch])
    found = ask(recruiter, HOST.upper(), COLLEAGUE)
    assert found.unknown == {}
    assert found.busy == {
        HOST: (Busy(START, START + timedelta(hours=1)),),
        COLLEAGUE: (Busy(START - timedelta(hours=3), START - timedelta(hours=2)),),
    }


def test_what_was_declined_deleted_or_marked_free_takes_nobodys_time(
    recruiter: Recruiter, google: GoogleEmulator
) -> None:
    deleted, free = recruiter.create().id, recruiter.create("interview:8:create/0/1795000000000000").id
    google.behind(deleted, delete=True)
    google.behind(free, set={"transparency": "transparent"})
    assert ask(recruiter, HOST).busy == {HOST: ()}


def test_a_whole_day_is_a_day_of_the_calendars_zone(recruiter: Recruiter, google: GoogleEmulator) -> None:
    identifier = recruiter.create().id
    google.behind(
        identifier,
        set={"start": {"date": "2027-07-09", "dateTime": None}, "end": {"date": "2027-07-10", "dateTime": None}},
    )
    begin = datetime.fromisoformat("2027-07-09T00:00:00+01:00")
    assert ask(recruiter, HOST).busy == {HOST: (Busy(begin, begin + DAY),)}


def test_whoever_is_not_shown_is_not_free(recruiter: Recruiter, google: GoogleEmulator) -> None:
    google.steer("PUT", f"accounts/{COLLEAGUE}", freebusy_error="internalError")
    found = ask(recruiter, HOST, AWA, COLLEAGUE)
    assert found.busy == {HOST: ()}
    assert found.unknown == {AWA: NOT_SHOWN, COLLEAGUE: NOT_ANSWERED}


def test_without_the_scope_nobody_is_free(make_recruiter: MakeRecruiter) -> None:
    recruiter = make_recruiter(["calendar.events"])
    recruiter.create()
    found = ask(recruiter, HOST, COLLEAGUE)
    assert found.busy == {}
    assert found.unknown == {HOST: NOT_GRANTED, COLLEAGUE: NOT_GRANTED}


@pytest.mark.parametrize(
    ("faults", "kind"),
    [
        ({"error_5xx": 1.0}, Retryable),
        ({"drop_after": 1.0}, Retryable),
        ({"rate_limit": 1.0}, RateLimited),
        ({"refuse": "userRateLimitExceeded"}, RateLimited),
        ({"refuse": "authError"}, AccessRefused),
    ],
)
def test_a_question_that_failed_is_no_answer(
    recruiter: Recruiter, google: GoogleEmulator, faults: dict[str, object], kind: type[RunError]
) -> None:
    google.faults(**faults)
    with pytest.raises(kind) as caught:
        ask(recruiter, HOST)
    assert type(caught.value) is kind


def test_thirty_days_can_be_asked_about(recruiter: Recruiter) -> None:
    assert ask(recruiter, HOST, end=START + 29 * DAY).busy == {HOST: ()}
    with pytest.raises(ValueError, match="30 days"):
        ask(recruiter, HOST, end=START + 30 * DAY)
