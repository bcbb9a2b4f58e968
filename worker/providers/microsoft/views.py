"""What stands in an account's own calendar within a stretch of time (Graph, "List calendarView"), page by page."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from worker.providers.microsoft.errors import failure
from worker.providers.microsoft.graph import Graph
from worker.providers.microsoft.reading import entries

PAGE = 500
MOST_PAGES = 40


def pages(graph: Graph, token: str, start: datetime, end: datetime, members: str) -> Iterator[list[Any]]:
    """members: of each entry. Only the query of a next page's address is followed: no token goes to another host."""
    query = {
        "startDateTime": _instant(start),
        "endDateTime": _instant(end),
        "$select": members,
        "$top": str(PAGE),
    }
    for _ in range(MOST_PAGES):
        told = graph.get("/me/calendarView", token, query)
        yield entries(told)
        following = told.get("@odata.nextLink")
        if not following:
            return
        query = dict(parse_qsl(urlsplit(str(following)).query))
    raise failure("a calendar without end", writes=False)


def _instant(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
