"""Which status may follow which, and who may say so."""

from collections.abc import Mapping
from typing import Literal

from models.enums import InterviewStatus as Status

Actor = Literal["company", "candidate", "admin"]

LIVE = frozenset({Status.SCHEDULED, Status.RESCHEDULED, Status.CONFIRMED})
HELD = frozenset({Status.COMPLETED, Status.NO_SHOW})

_AHEAD = frozenset({Status.CONFIRMED, Status.RESCHEDULED, Status.CANCELED, Status.COMPLETED, Status.NO_SHOW})
# Who came and who did not may be put right; what was called off stays so.
TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.SCHEDULED: _AHEAD,
    Status.RESCHEDULED: _AHEAD,
    Status.CONFIRMED: _AHEAD - {Status.CONFIRMED},
    Status.COMPLETED: frozenset({Status.NO_SHOW}),
    Status.NO_SHOW: frozenset({Status.COMPLETED}),
    Status.CANCELED: frozenset(),
}
# Administrators and employers of the company may say anything that the table allows.
_CANDIDATES = frozenset({Status.CONFIRMED, Status.CANCELED})


def allowed(before: Status, after: Status, actor: Actor) -> bool:
    """Whether `actor` may make an interview that is `before` an interview that is `after`."""
    return after in TRANSITIONS[before] and (actor != "candidate" or after in _CANDIDATES)
