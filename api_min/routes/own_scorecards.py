"""Scorecards that each colleague fills in by himself, beside the one that the company fills in together."""

from functools import partial
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import own_scorecards
from api_min.answers import json_response
from api_min.auth import access, caller
from api_min.idempotency import once
from api_min.schemas.ats import PageQuery
from api_min.schemas.collaboration import ApplicationPath
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from api_min.schemas.own_scorecards import NewScorecard, OwnScorecard, Scorecards
from worker.services.collaboration.own_scorecards import Card, NewCard

EMPLOYER = ("employer",)
ONE = (*GUARDED, 404, 422)

api = APIBlueprint("own_scorecards", __name__, url_prefix="/api/applications", abp_security=[{"bearer": []}])


@api.get(
    "/<application_id>/scorecards", summary="Colleagues' own scorecards", responses={200: Scorecards, **problems(*ONE)}
)
@access(roles=EMPLOYER)
def list_of_application(path: ApplicationPath, query: PageQuery) -> Response:
    """Nothing but how many there are until the caller's own one is handed in. The candidate never sees them."""
    found = own_scorecards.find(caller(), path.application_id, limit=query.limit, offset=query.offset)
    means = found.means and {"criteria": found.means.criteria, "overall": found.means.overall}
    return json_response(
        {
            "application_id": path.application_id,
            "visible": found.own_is_in,
            "total": found.total,
            "awaited": [{"user_id": each.user_id, "user_name": each.user_name} for each in found.awaited],
            "scorecards": [_shown(each) for each in found.cards],
            "mean": means,
        }
    )


@api.get(
    "/<application_id>/scorecards/mine", summary="One's own scorecard", responses={200: OwnScorecard, **problems(*ONE)}
)
@access(roles=EMPLOYER)
def show_mine(path: ApplicationPath) -> Response:
    return _own(path.application_id, own_scorecards.mine(caller(), path.application_id))


@api.put(
    "/<application_id>/scorecards/mine",
    summary="Write one's own scorecard",
    responses={200: OwnScorecard, **problems(*WITH_BODY, 400, 404, 409)},
)
@access(roles=EMPLOYER)
def write_mine(path: ApplicationPath, body: NewScorecard) -> Response:
    """In place of the one there is. 409 for a draft of what was handed in."""
    new = NewCard(
        criteria=body.criteria.model_dump(exclude_none=True),
        overall=body.overall,
        comment=body.comment or None,
        submitted=body.state == "submitted",
    )
    return once(partial(own_scorecards.save, caller(), path.application_id, new), partial(_own, path.application_id))


def _own(application_id: int, card: Card | None) -> Response:
    shown = {"state": "none", "scorecard": None} if card is None else {"state": card.state, "scorecard": _shown(card)}
    return json_response({"application_id": application_id, **shown})


def _shown(card: Card) -> dict[str, Any]:
    return {
        "author": {"user_id": card.user_id, "user_name": card.author},
        "criteria": card.criteria,
        "overall": card.overall,
        "overall_sent": card.overall_sent,
        "comment": card.comment,
        "submitted_at": card.submitted_at,
        "updated_at": card.updated_at,
    }
