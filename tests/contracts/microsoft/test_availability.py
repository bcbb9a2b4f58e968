"""When people are taken: the account's own calendar, colleagues of an organisation, and who cannot be asked about."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.contracts.microsoft.conftest import Connect
from tests.contracts.microsoft.support import Recruiter
from tests.factories.emulators import MicrosoftEmulator
from worker.contracts.accounts import NoMailbox
from worker.contracts.calendars import Availability, Busy
from worker.kit.errors import RateLimited, Retryable

OWN, PERSONAL, COLLEAGUE = "rh@exemple.cm", "awa.ndong@outlook.example", "paul@exemple.cm"
DAY = datetime(2026, 12, 3, tzinfo=UTC)
LIBREVILLE = ZoneInfo("Africa/Libreville")


def at(hour: int, *, day: int = 3) -> datetime:
    return DAY.replace(day=day, hour=hour)


def entry(start: int, end: int, **more: Any) -> dict[str, Any]:
    return {"start": at(start).isoformat(), "end": at(end).isoformat(), **more}


def asked(
    recruiter: Recruiter,
    addresses: Sequence[str],
    *,
    start: datetime = DAY,
    end: datetime = DAY + timedelta(days=2),
    zone: str = "Africa/Libreville",
) -> Availability:
    return recruiter.calendar.availability(recruiter.token, addresses, start, end, zone)


ONE_OF_EACH = [
    entry(7, 8, show_as="free"),
    entry(8, 9, cancelled=True),
    entry(9, 10, show_as="tentative"),
    entry(10, 11, response="declined"),
    entry(11, 12, show_as="workingElsewhere"),
    {"start": "2026-12-04T00:00:00", "end": "2026-12-05T00:00:00", "show_as": "oof", "all_day": True},
]
TAKEN = (
    Busy(at(9), at(10), "tentative"),
    Busy(datetime(2026, 12, 4, tzinfo=LIBREVILLE), datetime(2026, 12, 5, tzinfo=LIBREVILLE), "out_of_office"),
)


@pytest.mark.parametrize(("account", "address"), [("personal", PERSONAL), ("work", OWN)])
def test_only_what_occupies_counts_and_a_whole_day_is_one_of_the_interviews_zone(
    microsoft: MicrosoftEmulator, connect: Connect, account: str, address: str
) -> None:
    recruiter = connect(account)
    microsoft.steer("PUT", f"accounts/{account}", busy=ONE_OF_EACH)
    assert asked(recruiter, [address]) == Availability({address: TAKEN})


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "UTC"])
def test_a_whole_day_is_not_lost_at_the_edge_of_the_window(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, zone: str
) -> None:
    microsoft.steer("PUT", "accounts/work", busy=ONE_OF_EACH[-1:])
    first = datetime(2026, 12, 4, tzinfo=ZoneInfo(zone))
    found = asked(recruiter, [OWN], start=first, end=first + timedelta(minutes=30), zone=zone)
    assert found.busy[OWN] == (Busy(first, first + timedelta(days=1), "out_of_office"),)
    before = asked(recruiter, [OWN], start=first - timedelta(hours=1), end=first, zone=zone)
    assert before.busy[OWN] == ()


def test_a_colleague_is_asked_about_and_a_stranger_is_unknown(
    microsoft: MicrosoftEmulator, recruiter: Recruiter
) -> None:
    microsoft.steer("PUT", f"accounts/{COLLEAGUE}", busy=[entry(9, 10), entry(14, 15, show_as="tentative")])
    found = asked(recruiter, ["RH@exemple.cm", COLLEAGUE, "candidat@example.org"])
    assert found.busy == {OWN: (), COLLEAGUE: (Busy(at(9), at(10)), Busy(at(14), at(15), "tentative"))}
    assert found.unknown == {"candidat@example.org": "Microsoft ne dit pas quand cette personne est libre."}


def test_a_whole_day_of_a_colleague_is_one_where_that_colleague_is(
    microsoft: MicrosoftEmulator, recruiter: Recruiter
) -> None:
    microsoft.steer("PUT", f"accounts/{COLLEAGUE}", busy=ONE_OF_EACH, time_zone="South Africa Standard Time")
    found = asked(recruiter, [OWN, COLLEAGUE]).busy[COLLEAGUE]
    johannesburg = ZoneInfo("Africa/Johannesburg")
    days = datetime(2026, 12, 4, tzinfo=johannesburg), datetime(2026, 12, 5, tzinfo=johannesburg)
    assert found == (TAKEN[0], Busy(*days, "out_of_office"))


def test_a_personal_account_is_told_nothing_of_others(microsoft: MicrosoftEmulator, connect: Connect) -> None:
    recruiter = connect("personal")
    microsoft.steer("PUT", "accounts/personal", busy=[entry(9, 10)])
    found = asked(recruiter, [PERSONAL, COLLEAGUE])
    assert found.busy == {PERSONAL: (Busy(at(9), at(10)),)}
    assert set(found.unknown) == {COLLEAGUE}
    assert "organisation" in found.unknown[COLLEAGUE]


@pytest.mark.parametrize("status", [400, 403, 405, 501])
def test_however_graph_refuses_to_tell_of_others_the_own_calendar_is_told(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, status: int
) -> None:
    microsoft.faults(only="calendar.schedule", graph_error={"status": status})
    found = asked(recruiter, [OWN, COLLEAGUE])
    assert (set(found.busy), set(found.unknown)) == ({OWN}, {COLLEAGUE})


def test_an_account_that_may_not_be_named_is_asked_about_like_others(
    microsoft: MicrosoftEmulator, connect: Connect
) -> None:
    microsoft.faults(scopes=["Calendars.ReadWrite", "openid", "profile"])
    recruiter = connect()
    microsoft.steer("PUT", "accounts/work", busy=[entry(9, 10)])
    assert asked(recruiter, [OWN, COLLEAGUE]).busy[OWN] == (Busy(at(9), at(10)),)


def test_a_full_calendar_is_read_to_its_end(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    start = at(0)
    busy = [
        {
            "start": (start + timedelta(minutes=number)).isoformat(),
            "end": (start + timedelta(minutes=number + 1)).isoformat(),
        }
        for number in range(1100)
    ]
    microsoft.steer("PUT", "accounts/work", busy=busy)
    found = asked(recruiter, [OWN]).busy[OWN]
    assert len(found) == 1100
    assert list(found) == sorted(found, key=lambda each: each.start)
    assert microsoft.counters()["calendar.view"] == 3


def test_many_people_are_asked_about_in_groups(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    people = [f"personne.{number}@exemple.cm" for number in range(45)]
    for address in people[:2]:
        microsoft.steer("PUT", f"accounts/{address}", busy=[entry(9, 10)])
    found = asked(recruiter, [OWN, *people])
    assert [address for address, busy in found.busy.items() if busy] == people[:2]
    assert len(found.unknown) == 43
    assert microsoft.counters()["calendar.schedule"] == 3


def test_a_window_of_more_than_thirty_days_is_not_asked_for(recruiter: Recruiter) -> None:
    for end in (DAY, DAY + timedelta(days=30, seconds=1)):
        with pytest.raises(ValueError, match="30 days"):
            asked(recruiter, [OWN], end=end)
    assert asked(recruiter, [OWN], end=DAY + timedelta(days=30)).busy == {OWN: ()}


def test_an_interview_of_ours_occupies_too(recruiter: Recruiter) -> None:
    made = recruiter.create()
    assert asked(recruiter, [OWN]).busy[OWN] == (Busy(made.start, made.end),)


def test_a_failure_makes_nobody_free(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    microsoft.faults(only="calendar.schedule", error_5xx=1.0)
    with pytest.raises(Retryable):
        asked(recruiter, [OWN, COLLEAGUE])
    microsoft.faults(only="calendar.view", rate_limit=1.0)
    with pytest.raises(RateLimited):
        asked(recruiter, [OWN, COLLEAGUE])
    microsoft.faults()
    microsoft.steer("PUT", "accounts/work", mailbox=False)
    with pytest.raises(NoMailbox):
        asked(recruiter, [OWN])
