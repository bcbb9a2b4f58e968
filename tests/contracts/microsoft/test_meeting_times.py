"""When Microsoft itself would let people meet: who may ask, for whom, within which bounds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contracts.microsoft.conftest import Connect, MakeCalendar
from tests.contracts.microsoft.support import SCOPES, Recruiter, agreed, begun
from tests.factories.emulators import MicrosoftEmulator
from worker.contracts.accounts import AccountProvider, ScopeMissing
from worker.contracts.calendars import MOST_INVITED, PROPOSAL_SECONDS, MeetingWish, Proposals
from worker.contracts.providers import PROPOSALS
from worker.kit.errors import Refused, Retryable

COLLEAGUE = "paul@exemple.cm"
# A Thursday.
DAY = datetime(2026, 12, 3, tzinfo=UTC)


def at(hour: int, minute: int = 0, *, day: int = 3) -> datetime:
    return DAY.replace(day=day, hour=hour, minute=minute)


WISH = MeetingWish((COLLEAGUE,), timedelta(minutes=90), ((at(10), at(14)), (at(10, day=4), at(12, day=4))))


def entry(start: int, end: int) -> dict[str, Any]:
    return {"start": at(start).isoformat(), "end": at(end).isoformat()}


@pytest.fixture
def seeing(microsoft: MicrosoftEmulator, accounts: AccountProvider, make_calendar: MakeCalendar) -> Recruiter:
    """A recruiter who may see the calendars of his colleagues, of whom there is one."""
    microsoft.steer("PUT", f"accounts/{COLLEAGUE}", busy=[])
    grant = accounts.exchange(agreed(microsoft, flow=begun(scopes=(*SCOPES, "Calendars.Read.Shared"))))
    assert grant.tokens.scopes is not None
    assert grant.tokens.scopes & PROPOSALS
    return Recruiter(make_calendar(), grant.tokens.access_token)


def proposed(recruiter: Recruiter, **changes: Any) -> Proposals:
    return recruiter.calendar.proposals(recruiter.token, replace(WISH, **changes))


def test_starts_lie_within_the_parts_where_everybody_is_free(microsoft: MicrosoftEmulator, seeing: Recruiter) -> None:
    microsoft.steer("PUT", "accounts/work", busy=[entry(10, 11)])
    friday = (at(10, day=4), at(10, 30, day=4))
    assert proposed(seeing).starts == (at(11), at(11, 30), at(12), at(12, 30), *friday)
    microsoft.steer("PUT", f"accounts/{COLLEAGUE}", busy=[entry(12, 14)])
    assert proposed(seeing) == Proposals(friday)
    assert proposed(seeing, invited=()).starts == (at(11), at(11, 30), at(12), at(12, 30), *friday)
    assert microsoft.counters()["calendar.find_times"] == 3


def test_where_there_is_none_microsoft_says_why(microsoft: MicrosoftEmulator, seeing: Recruiter) -> None:
    saturday = ((at(10, day=5), at(12, day=5)),)
    assert proposed(seeing, within=saturday) == Proposals(none_because="attendeesUnavailableOrUnknown")
    assert proposed(seeing, invited=("candidat@example.org",)).starts == ()
    microsoft.steer("PUT", "accounts/work", busy=[entry(10, 14)])
    none = proposed(seeing, invited=(), within=WISH.within[:1])
    assert none == Proposals(none_because="organizerUnavailable")


def test_without_the_scope_or_an_organisation_it_is_refused(microsoft: MicrosoftEmulator, connect: Connect) -> None:
    for account in ("work", "personal"):
        with pytest.raises(ScopeMissing):
            proposed(connect(account))
    microsoft.faults(find_times_needs_shared=False)
    assert proposed(connect(), invited=()).starts


def test_what_is_refused_or_late_fails_and_late_is_soon(microsoft: MicrosoftEmulator, seeing: Recruiter) -> None:
    microsoft.faults(graph_error={"status": 400, "code": "ErrorInvalidRequest"})
    with pytest.raises(Refused):
        proposed(seeing)
    microsoft.faults(slow_after_seconds=3 * PROPOSAL_SECONDS, slow_p=1.0)
    with pytest.raises(Retryable):
        proposed(seeing)


@pytest.mark.parametrize(
    "changes",
    [
        {"invited": tuple(f"{number}@exemple.cm" for number in range(MOST_INVITED + 1))},
        {"length": timedelta(0)},
        {"length": timedelta(seconds=90)},
        {"within": ()},
        {"within": ((at(14), at(10)),)},
        {"within": tuple(reversed(WISH.within))},
        {"within": ((DAY, DAY + timedelta(days=30, seconds=1)),)},
    ],
)
def test_what_is_beyond_the_bounds_is_not_asked(make_calendar: MakeCalendar, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="meeting"):
        proposed(Recruiter(make_calendar("http://localhost:1"), "token"), **changes)
