"""All that happened to an application, in one line."""

from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import timeline
from api_min.answers import json_response
from api_min.auth import access, caller
from api_min.schemas.collaboration import ApplicationPath
from api_min.schemas.common import GUARDED, problems
from api_min.schemas.timeline import Timeline, TimelineQuery
from worker.services.collaboration.timeline_entries import Entry

api = APIBlueprint("timeline", __name__, url_prefix="/api/applications", abp_security=[{"bearer": []}])


@api.get("/<application_id>/timeline", summary="Time line", responses={200: Timeline, **problems(*GUARDED, 404, 422)})
@access(roles=("employer",))
def show(path: ApplicationPath, query: TimelineQuery) -> Response:
    """The newest first: mails, interviews, notes, scores, decisions. The candidate never sees it."""
    found = timeline.page(caller(), path.application_id, kinds=query.kinds, cursor=query.cursor, limit=query.limit)
    return json_response(
        {
            "application_id": path.application_id,
            "entries": [_shown(entry) for entry in found.entries],
            "next_cursor": found.after and found.after.written(),
        }
    )


def _shown(entry: Entry) -> dict[str, Any]:
    known = entry.user_id is not None or entry.user_name
    return {
        "id": f"{entry.position.source}:{entry.position.key}",
        "kind": entry.kind,
        "event": entry.event,
        "at": entry.position.at,
        "by": {"user_id": entry.user_id, "user_name": entry.user_name} if known else None,
        "details": entry.details,
    }
