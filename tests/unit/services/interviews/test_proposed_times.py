"""Who may ask a provider for proposals, and about whom."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.enums import ConnectionState, IntegrationProvider
from worker.contracts.calendars import MOST_INVITED, PROPOSAL_SECONDS
from worker.services.integrations.credentials import Credential
from worker.services.interviews.busy_times import BusyTimes, BusyTimesReader, Calendar, Unknown
from worker.services.interviews.proposed_times import Proposer, proposer
from worker.services.interviews.suggestions import Slot

SHARED = frozenset({"calendars.readwrite", "calendars.read.shared"})


def account(number: int, **changes: Any) -> Calendar:
    values: dict[str, Any] = dict.fromkeys(Credential.__slots__)
    known = {
        "id": number,
        "provider": IntegrationProvider.OUTLOOK_CALENDAR,
        "state": ConnectionState.CONNECTED,
        "scopes": SHARED,
        "account_kind": "work",
    }
    return Calendar(f"account:{number}", f"Nr.{number}@exemple.cm", Credential(**{**values, **known, **changes}))


def colleague(number: int) -> Calendar:
    return Calendar(f"person:{number}", f"collegue.{number}@exemple.cm")


def asked(*calendars: Calendar, unknown: tuple[str, ...] = ()) -> tuple[int, tuple[str, ...]] | None:
    busy = BusyTimes(unknown=tuple(Unknown(key, "") for key in unknown))
    found = proposer(calendars, busy)
    return (found.account.id, found.invited) if found else None


def test_all_are_invited_of_whom_the_provider_can_know() -> None:
    google = account(3, provider=IntegrationProvider.GOOGLE_CALENDAR)
    people = [account(1), account(2, scopes=frozenset()), google, account(4, account_kind="personal")]
    found = asked(*people, colleague(5), colleague(6), unknown=("person:6",))
    assert found == (1, ("nr.2@exemple.cm", "collegue.5@exemple.cm"))


@pytest.mark.parametrize(
    "changes", [{"account_kind": "personal"}, {"account_kind": None}, {"scopes": frozenset({"calendars.readwrite"})}]
)
def test_nobody_asks_who_may_not(changes: dict[str, Any]) -> None:
    assert asked(account(1, **changes), colleague(5)) is None
    assert asked(account(1, **changes), account(2)) in [(2, ()), (2, ("nr.1@exemple.cm",))]
    assert asked(account(1), unknown=("account:1",)) is None


def test_of_more_people_than_a_provider_takes_none_is_left_out() -> None:
    most = [colleague(number) for number in range(MOST_INVITED)]
    assert asked(account(1), *most) is not None
    assert asked(account(1), *most, colleague(MOST_INVITED)) is None


def test_nothing_is_asked_that_could_take_longer_than_is_left_or_has_no_room() -> None:
    calendar = account(1)
    assert calendar.account is not None
    asking = Proposer(calendar.account, ())
    reader = BusyTimesReader(lambda _: pytest.fail("asked"), lambda _: pytest.fail("asked"))
    now = datetime.now(UTC)
    hour, soon = timedelta(hours=1), time.monotonic() + PROPOSAL_SECONDS / 2
    assert asking.starts(reader, hour, [Slot(now, now + hour)], soon) == ()
    assert asking.starts(reader, hour, [], soon + 60) == ()
