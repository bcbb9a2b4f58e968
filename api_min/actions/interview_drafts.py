"""What people write to plan an interview or to change it, with its times as they wrote them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from api_min.errors import invalid
from worker.services.interviews import times
from worker.services.interviews.calendars import Choice
from worker.services.interviews.rows import Interview
from worker.services.interviews.times import NoSuchTime


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """A time as somebody wrote it: local to the zone that came with it where it says no offset itself. member: of the
    request's `part`, in which it came.
    """

    value: datetime
    zone: str | None
    member: str = "scheduled_at"
    part: str = "body"

    def instant(self, kept: Collection[datetime] = ()) -> datetime:
        """kept: starts that need not be ahead. Raises ApiError 422 for an hour that does not exist, and for what is
        past or ten years ahead.
        """
        place = [self.part, self.member]
        try:
            found = times.instant(self.value, self.zone)
        except NoSuchTime:
            raise invalid(
                place,
                f"cette heure n’existe pas ce jour-là dans le fuseau {self.zone} : les horloges avancent. "
                "Choisissez une autre heure.",
            ) from None
        except OverflowError:
            raise invalid(place, "cette date n’est pas dans le calendrier") from None
        if found not in kept and not times.is_plannable(found, datetime.now(UTC)):
            raise invalid(place, "doit être à venir, dans les dix ans")
        return found

    @property
    def is_ambiguous(self) -> bool:
        return times.is_ambiguous(self.value, self.zone)


@dataclass(frozen=True, slots=True)
class Draft:
    """members: of NewInterview, but its times and what the platform finds out. offered: other starts among which the
    candidate may choose.
    """

    application_id: int
    start: WrittenTime
    offered: Sequence[WrittenTime]
    candidate_email: str | None
    calendar: Choice
    members: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """members: of planning.CHANGEABLE, but its times. None stays as it is."""

    start: WrittenTime | None
    offered: Sequence[WrittenTime] | None
    members: Mapping[str, Any]

    def of(self, before: Interview) -> Mapping[str, Any]:
        """What planning.change takes. Raises ApiError 422."""
        start = self.start.instant([before.scheduled_at]) if self.start else before.scheduled_at
        changes = {**self.members, "scheduled_at": start}
        if self.offered is not None:
            changes["offered_times"] = offered_times(self.offered, start, before.offered_times)
        return changes


def offered_times(
    written: Sequence[WrittenTime], start: datetime, kept: Collection[datetime] = ()
) -> tuple[datetime, ...]:
    """In order, each once, without the start itself. Raises ApiError 422."""
    return tuple(sorted({each.instant(kept) for each in written} - {start}))
