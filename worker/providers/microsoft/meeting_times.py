"""When Microsoft itself would let people meet (Graph, "user: findMeetingTimes").

It wants a scope beside those for the account's own calendar, and serves no personal accounts: both are refused as
ScopeMissing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

from worker.contracts.calendars import MOST_INVITED, PROPOSAL_SECONDS, MeetingWish, Proposals
from worker.kit.http import CallLimits
from worker.providers.microsoft.availability import LONGEST
from worker.providers.microsoft.graph import Graph
from worker.providers.microsoft.payloads import meeting_times
from worker.providers.microsoft.reading import Instant, Text, Told, readable

LIMITS = CallLimits(connect=PROPOSAL_SECONDS, read=PROPOSAL_SECONDS, total=PROPOSAL_SECONDS)
MOST_CANDIDATES = 50
_MINUTE = timedelta(minutes=1)
_CERTAIN = 100.0
_FREE = frozenset({"free", "workingelsewhere"})
_REASONS = frozenset(
    {"attendeesUnavailable", "attendeesUnavailableOrUnknown", "locationsUnavailable", "organizerUnavailable"}
)


class _Span(Told):
    start: Instant


class _Suggestion(Told):
    confidence: float = 0.0
    organizer_availability: Text = ""
    meeting_time_slot: _Span

    @property
    def suits_all(self) -> bool:
        """Whoever is not known to be free lowers the confidence, except the organiser."""
        return self.confidence >= _CERTAIN and self.organizer_availability.lower() in _FREE


class _Told(Told):
    empty_suggestions_reason: Text = ""
    meeting_time_suggestions: Annotated[tuple[_Suggestion, ...], BeforeValidator(lambda value: value or ())] = ()


def find(graph: Graph, token: str, wish: MeetingWish) -> Proposals:
    _check(wish)
    told = graph.ask("/me/findMeetingTimes", token, meeting_times(wish, most=MOST_CANDIDATES))
    with readable():
        return _read(told)


def _check(wish: MeetingWish) -> None:
    if len(wish.invited) > MOST_INVITED:
        raise ValueError(f"meeting times are asked for at most {MOST_INVITED} people")
    if wish.length < _MINUTE or wish.length % _MINUTE:
        raise ValueError("a meeting lasts whole minutes")
    edges: list[datetime] = [edge for span in wish.within for edge in span]
    if not edges or edges != sorted(edges) or edges[-1] - edges[0] > LONGEST:
        raise ValueError(f"meeting times are asked for within at most {LONGEST.days} days, part after part")


def _read(members: Mapping[str, Any]) -> Proposals:
    told = _Told.model_validate(members)
    starts = {each.meeting_time_slot.start for each in told.meeting_time_suggestions if each.suits_all}
    if starts:
        return Proposals(tuple(sorted(starts)))
    reason = told.empty_suggestions_reason
    return Proposals(none_because=reason if reason in _REASONS else "unknown")
