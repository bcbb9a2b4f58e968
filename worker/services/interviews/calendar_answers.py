"""What calendars answered to a question about an interview's time, as the result of its run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from worker.kit.database import query
from worker.services.interviews import known_times, overlaps
from worker.services.interviews.busy_times import BusyTimes, Taken, Unknown
from worker.services.interviews.suggestions import Slot
from worker.services.interviews.times import DEFAULT_MINUTES

MOST_TAKEN = 20
# A calendar that has not heard of a move by then has told no guest either: its old event counts as any other.
OWN_TIMES = f"""
select place.start, place.start + make_interval(mins => coalesce(s.duration_minutes, {DEFAULT_MINUTES})) as "end"
  from interview_schedules s
 cross join lateral (
       values (s.scheduled_at), (case when s.moved_at > now() - interval '15 minutes' then s.moved_from end)
       ) as place(start)
 where s.id = %(interview)s and place.start is not null
"""


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """slots: that are free. taken: what takes the time that was asked about."""

    slots: tuple[Slot, ...] = ()
    taken: tuple[Taken, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    def as_result(self) -> dict[str, Any]:
        return {
            "slots": [[each.start.isoformat(), each.end.isoformat()] for each in self.slots],
            "taken": [
                [each.calendar, each.start.isoformat(), each.end.isoformat(), each.how]
                for each in self.taken[:MOST_TAKEN]
            ],
            "unknown": [[each.calendar, each.reason] for each in self.unknown],
        }

    @classmethod
    def of_result(cls, result: Mapping[str, Any]) -> "CalendarAnswer":
        return cls(
            tuple(Slot(*map(datetime.fromisoformat, each)) for each in result.get("slots", ())),
            tuple(
                Taken(key, datetime.fromisoformat(start), datetime.fromisoformat(end), how)
                for key, start, end, how in result.get("taken", ())
            ),
            tuple(Unknown(key, reason) for key, reason in result.get("unknown", ())),
        )


@dataclass(frozen=True, slots=True)
class Question:
    """About one time. people: users.id of its recruiters. itself: an interview that may move there."""

    start: datetime
    end: datetime
    company_id: int
    candidate_id: int
    people: Sequence[int]
    itself: int | None = None


def conflicts(connection: Connection, question: Question, busy: BusyTimes) -> list[Taken]:
    """What the calendars hold then beside interviews, which are told of themselves."""
    told = [
        (each.start, each.end)
        for each in overlaps.between(
            connection,
            question.start,
            question.end,
            company_id=question.company_id,
            people=question.people,
            candidate_id=question.candidate_id,
            itself=question.itself,
        )
        if each.who == "recruiter"
    ]
    left = known_times.without(busy.taken, [*own_times(connection, question.itself), *told])
    return [each for each in left if each.start < question.end and question.start < each.end]


def own_times(connection: Connection, interview_id: int | None) -> list[tuple[datetime, datetime]]:
    """Where an interview's event may stand: at its time, and after a move a while at the one before."""
    if interview_id is None:
        return []
    found = query(connection, OWN_TIMES, {"interview": interview_id})
    return [(row["start"], row["end"]) for row in found]
