"""What alerts find: before and after they are saved, and counted over all of a candidate's alerts."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection

from api_min.actions.alerts import find_alert, owner
from api_min.auth import Caller
from api_min.context import context
from api_min.limits import check_limit
from models.enums import AlertFrequency
from worker.services.alerts import preview, search, store
from worker.services.alerts.preview import Preview
from worker.services.matching.criteria import Criteria

PREVIEWS = "60 per minute"
# A page asks once; it costs as much as a preview of every alert.
SUMMARIES = "20 per minute"


@dataclass(frozen=True, slots=True)
class Summary:
    """counts: as `store.counts`. matching: the open offers that answer the active alerts, added up."""

    counts: Mapping[str, Any]
    matching: int


@dataclass(frozen=True, slots=True)
class AlertPreview:
    """alert_id: None for criteria that are not saved."""

    alert_id: int | None
    preview: Preview
    mails_per_week: float


def summarise(caller: Caller) -> Summary:
    """Raises ApiError 404 and 429."""
    check_limit(SUMMARIES, "summaries", caller.name)
    _catch_up()
    with context().database.transaction() as connection:
        who = owner(connection, caller)
        counts = store.counts(connection, who)
        return Summary(counts, _matching(connection, store.active_criteria(connection, who)))


def preview_draft(caller: Caller, criteria: Criteria, frequency: AlertFrequency, *, limit: int) -> AlertPreview:
    """What an alert with these criteria would find, and how often it would write. Raises ApiError 404 and 429."""
    check_limit(PREVIEWS, "previews", caller.name)
    _catch_up()
    with context().database.transaction() as connection:
        owner(connection, caller)
        return _preview(connection, None, criteria, frequency, limit)


def preview_saved(caller: Caller, alert_id: int, *, limit: int) -> AlertPreview:
    """What an alert finds now, whether it was sent or not. Raises ApiError 404 and 429."""
    check_limit(PREVIEWS, "previews", caller.name)
    _catch_up()
    with context().database.transaction() as connection:
        alert = find_alert(connection, caller, alert_id)
        return _preview(connection, alert.id, alert.criteria, alert.frequency, limit)


def _catch_up() -> None:
    """What was committed before is found now. When others keep it busy the preview is a moment older."""
    with suppress(LockNotAvailable), context().database.transaction() as connection:
        search.catch_up(connection)


def _matching(connection: Connection, wanted: Iterable[Criteria]) -> int:
    """The open offers that answer each of these, added up; the same question is asked once."""
    totals: dict[Criteria, int] = {}
    total = 0
    for criteria in wanted:
        if criteria not in totals:
            totals[criteria] = preview.total(connection, criteria)
        total += totals[criteria]
    return total


def _preview(
    connection: Connection, alert_id: int | None, criteria: Criteria, frequency: AlertFrequency, limit: int
) -> AlertPreview:
    found = preview.preview(connection, criteria, limit=limit)
    return AlertPreview(alert_id, found, preview.mails_per_week(connection, criteria, frequency))
