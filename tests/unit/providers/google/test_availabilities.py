"""Questions about many people, and answers that say less than was asked."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from worker.contracts.calendars import Busy
from worker.kit.errors import Retryable
from worker.providers.google.availabilities import LONGEST, NOT_ANSWERED, NOT_SHOWN, asked

START = datetime(2027, 7, 9, 8, tzinfo=UTC)
END = START + timedelta(hours=10)
AWA = "awa@exemple.cm"


def answering(calendar: Any) -> Any:
    def ask(question: Mapping[str, Any]) -> Any:
        return {"calendars": {item["id"]: calendar for item in question["items"]}}

    return ask


def test_many_people_are_asked_about_in_groups() -> None:
    questions: list[Mapping[str, Any]] = []

    def ask(question: Mapping[str, Any]) -> Any:
        questions.append(question)
        return {"calendars": {item["id"].upper(): {"busy": []} for item in question["items"]}}

    people = [f"Guest{number}@exemple.cm" for number in range(120)]
    found = asked(ask, [*people, people[0].lower()], START, END, "Africa/Douala")
    assert [len(question["items"]) for question in questions] == [50, 50, 20]
    assert found.busy == {address.lower(): () for address in people}
    assert found.unknown == {}


def test_times_come_in_order() -> None:
    periods = [
        {"start": "2027-07-09T15:00:00+01:00", "end": "2027-07-09T16:00:00+01:00"},
        {"start": "2027-07-09T08:00:00Z", "end": "2027-07-09T09:00:00Z"},
    ]
    found = asked(answering({"busy": periods}), [AWA], START, END, "Africa/Douala")
    first, second = (START, START + timedelta(hours=1)), (START + timedelta(hours=6), START + timedelta(hours=7))
    assert found.busy == {AWA: (Busy(*first), Busy(*second))}


@pytest.mark.parametrize(
    ("calendar", "why"),
    [
        ({"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}, NOT_SHOWN),
        ({"errors": [{"domain": "global", "reason": "internalError"}], "busy": []}, NOT_ANSWERED),
        ({"errors": ["?"], "busy": []}, NOT_ANSWERED),
        ({}, NOT_ANSWERED),
        (None, NOT_ANSWERED),
        ({"busy": [{"start": "2027-07-09T08:00:00", "end": "2027-07-09T09:00:00"}]}, NOT_ANSWERED),
        ({"busy": [{"start": "soon"}]}, NOT_ANSWERED),
        ({"busy": [7]}, NOT_ANSWERED),
    ],
)
def test_whoever_is_not_told_about_is_never_free(calendar: Any, why: str) -> None:
    found = asked(answering(calendar), [AWA], START, END, "Africa/Douala")
    assert (found.busy, found.unknown) == ({}, {AWA: why})


def test_an_address_that_the_answer_forgets_is_unknown() -> None:
    found = asked(lambda _: {"calendars": {}}, [AWA], START, END, "Africa/Douala")
    assert (found.busy, found.unknown) == ({}, {AWA: NOT_ANSWERED})


def test_an_answer_without_calendars_is_asked_for_again() -> None:
    with pytest.raises(Retryable):
        asked(lambda _: {}, [AWA], START, END, "Africa/Douala")


@pytest.mark.parametrize("end", [START, START - timedelta(hours=1), START + LONGEST + timedelta(seconds=1)])
def test_a_range_is_bounded(end: datetime) -> None:
    with pytest.raises(ValueError, match="30 days"):
        asked(answering({"busy": []}), [AWA], START, end, "UTC")
