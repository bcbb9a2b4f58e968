"""What calendars hold beside the interviews that are told of already: none is a conflict of its own event."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from worker.services.interviews.busy_times import Taken

Span = tuple[datetime, datetime]


def without(taken: Iterable[Taken], known: Iterable[Span]) -> list[Taken]:
    """What is taken beside these times: of each calendar one entry that is exactly so, or, where a provider melts
    entries that touch (Google), that part of one.
    """
    spans = list(dict.fromkeys(known))
    by_calendar = groupby(sorted(taken, key=_calendar), key=_calendar)
    return [left for _, entries in by_calendar for left in _without(list(entries), spans)]


def _calendar(taken: Taken) -> str:
    return taken.calendar


def _without(entries: list[Taken], spans: Sequence[Span]) -> list[Taken]:
    melted: list[Span] = []
    for span in spans:
        same = next((each for each in entries if (each.start, each.end) == span), None)
        if same is None:
            melted.append(span)
        else:
            entries.remove(same)
    for start, end in [*united(melted), *melted]:
        entries = [part for each in entries for part in _beside(each, start, end)]
    return entries


def united(spans: Iterable[Span]) -> list[Span]:
    """Those that touch as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _beside(taken: Taken, start: datetime, end: datetime) -> list[Taken]:
    """The entry without this time, if it holds the whole of it."""
    if not (taken.start <= start and end <= taken.end):
        return [taken]
    parts = (replace(taken, end=start), replace(taken, start=end))
    return [each for each in parts if each.start < each.end]
