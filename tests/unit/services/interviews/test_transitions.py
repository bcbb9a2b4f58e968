"""Every pair of statuses, asked for by everybody who may ask."""

from itertools import product

import pytest

from models.enums import InterviewStatus
from worker.services.interviews.transitions import TRANSITIONS, Actor, allowed

# Rows: from; columns: to, in this order. S: only the company and administrators; X: the candidate as well.
ORDER = ("scheduled", "confirmed", "canceled", "completed", "rescheduled", "no_show")
TABLE = {
    "scheduled": ".XXSSS",
    "rescheduled": ".XXSSS",
    "confirmed": "..XSSS",
    "canceled": "......",
    "completed": ".....S",
    "no_show": "...S..",
}
ACTORS: tuple[Actor, ...] = ("company", "admin", "candidate")


@pytest.mark.parametrize(("before", "after", "actor"), list(product(ORDER, ORDER, ACTORS)))
def test_each_pair_is_as_in_the_table(before: str, after: str, actor: Actor) -> None:
    mark = TABLE[before][ORDER.index(after)]
    expected = mark == "X" or (mark == "S" and actor != "candidate")
    assert allowed(InterviewStatus(before), InterviewStatus(after), actor) is expected


def test_no_status_is_forgotten() -> None:
    assert set(TRANSITIONS) == set(InterviewStatus) == {InterviewStatus(each) for each in ORDER}
