"""What alerts find: previews before and after saving, and counts over all of a candidate's alerts."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection

from api_min.answers import json_response
from api_min.auth import access, caller
from api_min.context import context
from api_min.limits import check_limit
from api_min.pages import alert_texts
from api_min.routes.job_alerts import ONE, PREFIX, WRITING, existing, owner
from api_min.schemas.common import problems
from api_min.schemas.job_alerts import AlertJob, AlertPath, AlertPreview, DraftAlert, PreviewQuery, Summary
from models.enums import AlertFrequency
from worker.services.alerts import preview, search, store
from worker.services.matching.criteria import Criteria
from worker.services.matching.currencies import DEFAULT_CURRENCY
from worker.services.matching.definition import Found

PREVIEWS = "60 per minute"
# A page asks once; it costs as much as a preview of every alert.
SUMMARIES = "20 per minute"

api = APIBlueprint("job_alert_previews", __name__, url_prefix=PREFIX, abp_security=[{"bearer": []}])


@api.get("/stats/summary", summary="Counts over the candidate's alerts", responses={200: Summary, **problems(*ONE)})
@access(roles=("candidate",))
def summarise() -> Response:
    check_limit(SUMMARIES, "summaries", caller().name)
    _catch_up()
    with context().database.transaction() as connection:
        who = owner(connection)
        counts = store.counts(connection, who)
        matching = _matching(connection, store.active_criteria(connection, who))
    inactive = counts["total"] - counts["active"]
    return json_response(
        {
            "total_alerts": counts["total"],
            "active_alerts": counts["active"],
            "inactive_alerts": inactive,
            "total_jobs_sent": counts["sent"],
            "active": counts["active"],
            "inactive": inactive,
            "by_frequency": counts["by_frequency"],
            "total_matching_jobs": matching,
        }
    )


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


@api.post("/preview", summary="Try criteria before saving", responses={200: AlertPreview, **problems(*WRITING)})
@access(roles=("candidate",))
def preview_draft(body: DraftAlert, query: PreviewQuery) -> Response:
    """What an alert with these criteria would find among the open offers, and how often it would write."""
    check_limit(PREVIEWS, "previews", caller().name)
    _catch_up()
    with context().database.transaction() as connection:
        owner(connection)
        found = _previewed(connection, None, body.criteria.parsed(), body.frequency, query.limit)
    return json_response(found)


@api.get("/<alert_id>/preview", summary="What an alert finds now", responses={200: AlertPreview, **problems(*ONE)})
@access(roles=("candidate",))
def preview_saved(path: AlertPath, query: PreviewQuery) -> Response:
    """Among the open offers, whether they were sent or not."""
    check_limit(PREVIEWS, "previews", caller().name)
    _catch_up()
    with context().database.transaction() as connection:
        alert = existing(store.get(connection, owner(connection), path.alert_id))
        found = _previewed(connection, alert.id, alert.criteria, alert.frequency, query.limit)
    return json_response(found)


def _previewed(
    connection: Connection, alert_id: int | None, criteria: Criteria, frequency: AlertFrequency, limit: int
) -> dict[str, Any]:
    found = preview.preview(connection, criteria, limit=limit)
    return {
        "alert_id": alert_id,
        "matching_jobs": [_job(each) for each in found.found],
        "total_matches": found.total,
        "mails_per_week": round(preview.mails_per_week(connection, criteria, frequency), 2),
        "hint": alert_texts.hint(found.total),
    }


def _job(found: Found) -> dict[str, Any]:
    offer = found.offer
    return {
        **{name: getattr(offer, name) for name in AlertJob.model_fields if name != "currency"},
        "currency": offer.currency or DEFAULT_CURRENCY,
        "reasons": [{"keyword": each.keyword, "field": each.field} for each in found.match.reasons],
    }
