"""When people are taken.

Of the account's own calendar every entry is seen (calendarView), so that what occupies nobody can be told apart: free,
cancelled, declined, working elsewhere. Of others only what getSchedule tells, sorted out already.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from worker.contracts.accounts import ScopeMissing
from worker.contracts.calendars import Availability, Busy
from worker.kit.errors import Refused
from worker.kit.localisation import message
from worker.providers.microsoft import views
from worker.providers.microsoft.busy_entries import STEP_MINUTES, VIEW_MEMBERS, Schedule, ViewEntry, within
from worker.providers.microsoft.graph import Graph
from worker.providers.microsoft.payloads import schedules
from worker.providers.microsoft.reading import entries

LONGEST = timedelta(days=30)
AT_ONCE = 20
"""Addresses that one getSchedule may name."""
_MAY_NOT_ASK = message(
    "Microsoft ne dit pas à ce compte quand d’autres personnes sont libres : seul le compte d’une organisation peut le "
    "demander."
)
_NOT_SAID = message("Microsoft ne dit pas quand cette personne est libre.")
_DAY = timedelta(days=1)


class People:
    """Asks Graph with the token of one account, for one stretch of time."""

    def __init__(self, graph: Graph, token: str, start: datetime, end: datetime) -> None:
        if not start < end <= start + LONGEST:
            raise ValueError(f"availability is asked for at most {LONGEST.days} days, which end after they begin")
        self._graph = graph
        self._token = token
        self._start = start
        self._end = end

    def availability(self, addresses: Sequence[str], zone: ZoneInfo) -> Availability:
        wanted = list(dict.fromkeys(address.lower() for address in addresses))
        own = self._own(wanted)
        busy = dict.fromkeys(own, self._own_entries(zone)) if own else {}
        answered, unknown = self._others([address for address in wanted if address not in own])
        return Availability({**busy, **answered}, unknown)

    def _own(self, wanted: Sequence[str]) -> Sequence[str]:
        """The account's own addresses: it may sign in with another one than that of its mailbox."""
        if len(wanted) == 1:
            return wanted
        try:
            members = self._graph.get("/me", self._token, {"$select": "mail,userPrincipalName"})
        except ScopeMissing:
            return ()
        names = {str(members.get(name) or "").lower() for name in ("mail", "userPrincipalName")}
        return [address for address in wanted if address in names]

    def _own_entries(self, zone: ZoneInfo) -> tuple[Busy, ...]:
        """A day is added at both ends: days of other zones than UTC begin before it or end after it."""
        first, last = self._start - _DAY, self._end + _DAY
        view = views.pages(self._graph, self._token, first, last, VIEW_MEMBERS)
        found = [ViewEntry.model_validate(entry).busy(zone) for page in view for entry in page]
        return within(found, self._start, self._end)

    def _others(self, addresses: Sequence[str]) -> tuple[Mapping[str, tuple[Busy, ...]], Mapping[str, str]]:
        busy: dict[str, tuple[Busy, ...]] = {}
        unknown: dict[str, str] = {}
        for first in range(0, len(addresses), AT_ONCE):
            group = addresses[first : first + AT_ONCE]
            told = self._schedules(group)
            for address in group:
                known = told.get(address) if told is not None else None
                if known is not None and known.error is None:
                    busy[address] = within(known.busy(self._start), self._start, self._end)
                else:
                    unknown[address] = _MAY_NOT_ASK if told is None else _NOT_SAID
        return busy, unknown

    def _schedules(self, addresses: Sequence[str]) -> Mapping[str, Schedule] | None:
        """By address; None where this account may not ask."""
        body = schedules(list(addresses), self._start, self._end, minutes=STEP_MINUTES)
        try:
            members = self._graph.ask("/me/calendar/getSchedule", self._token, body)
        except (ScopeMissing, Refused):
            return None
        told = [Schedule.model_validate(entry) for entry in entries(members)]
        return {schedule.schedule_id.lower(): schedule for schedule in told}
