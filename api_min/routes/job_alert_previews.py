"""What alerts find: previews before and after saving, and counts over all of a candidate's alerts."""

from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min import alert_texts
from api_min.actions import alert_previews
from api_min.answers import json_response
from api_min.auth import access, caller
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from api_min.schemas.job_alerts import AlertJob, AlertPath, AlertPreview, DraftAlert, PreviewQuery, Summary
from worker.services.matching.currencies import DEFAULT_CURRENCY
from worker.services.matching.definition import Found

PREFIX = "/api/job-alerts"
ONE = (*GUARDED, 404, 422)
WRITING = (*WITH_BODY, 404, 409)

api = APIBlueprint("job_alert_previews", __name__, url_prefix=PREFIX, abp_security=[{"bearer": []}])


@api.get("/stats/summary", summary="Counts over the candidate's alerts", responses={200: Summary, **problems(*ONE)})
@access(roles=("candidate",))
def summarise() -> Response:
    summary = alert_previews.summarise(caller())
    counts = summary.counts
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
            "total_matching_jobs": summary.matching,
        }
    )


@api.post("/preview", summary="Try criteria before saving", responses={200: AlertPreview, **problems(*WRITING)})
@access(roles=("candidate",))
def preview_draft(body: DraftAlert, query: PreviewQuery) -> Response:
    """What an alert with these criteria would find among the open offers, and how often it would write."""
    criteria = body.criteria.parsed()
    return _previewed(alert_previews.preview_draft(caller(), criteria, body.frequency, limit=query.limit))


@api.get("/<alert_id>/preview", summary="What an alert finds now", responses={200: AlertPreview, **problems(*ONE)})
@access(roles=("candidate",))
def preview_saved(path: AlertPath, query: PreviewQuery) -> Response:
    """Among the open offers, whether they were sent or not."""
    return _previewed(alert_previews.preview_saved(caller(), path.alert_id, limit=query.limit))


def _previewed(found: alert_previews.AlertPreview) -> Response:
    total = found.preview.total
    return json_response(
        {
            "alert_id": found.alert_id,
            "matching_jobs": [_job(each) for each in found.preview.found],
            "total_matches": total,
            "mails_per_week": round(found.mails_per_week, 2),
            "hint": alert_texts.hint(total),
        }
    )


def _job(found: Found) -> dict[str, Any]:
    offer = found.offer
    return {
        **{name: getattr(offer, name) for name in AlertJob.model_fields if name != "currency"},
        "currency": offer.currency or DEFAULT_CURRENCY,
        "reasons": [{"keyword": each.keyword, "field": each.field} for each in found.match.reasons],
    }
