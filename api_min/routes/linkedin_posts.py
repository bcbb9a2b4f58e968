"""Posts on LinkedIn as the front-end's dialog asks for them."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import postings
from api_min.answers import json_response, run_response
from api_min.auth import access, caller
from api_min.errors import ApiError
from api_min.idempotency import given_key
from api_min.request_parsing import applied_wait
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from api_min.schemas.postings import LinkedInAnswer, LinkedInPublication, Organizations
from models.enums import PostingChannel, PostingState
from worker.catalogue.publishing import Wish
from worker.ledger.queries import RunView

PERSON = "urn:li:person:"
PERSONAL = "personal"

api = APIBlueprint("linkedin_posts", __name__, url_prefix="/api/integrations/linkedin", abp_security=[{"bearer": []}])


@api.get(
    "/organizations",
    summary="Pages that the connected account may post to",
    responses={200: Organizations, 202: Organizations, **problems(*GUARDED, 400, 404)},
)
@access(roles=("employer",))
def list_organizations() -> Response:
    """None without a company, and none when LinkedIn does not tell."""
    asked = postings.list_targets(caller(), PostingChannel.LINKEDIN, applied_wait())
    if asked is None or (asked.ended and asked.run.state != "succeeded"):
        return json_response({"organizations": []})
    found = (asked.run.result or {}).get("targets", ())
    return run_response(asked, {"organizations": list(found)})


@api.post(
    "/publish-job",
    summary="Publish an offer on LinkedIn",
    responses={200: LinkedInAnswer, 202: LinkedInAnswer, **problems(*WITH_BODY, 400, 404, 409, 502, 504)},
)
@access(roles=("employer",))
def publish(body: LinkedInPublication) -> Response:
    """On each page that is named, once. 202 when LinkedIn has not answered in time."""
    wish = Wish(channel=PostingChannel.LINKEDIN, targets=_targets(body))
    asked = postings.publish(caller(), body.job_id, [wish], body.custom_message, applied_wait(), key=given_key())
    answer = _answer(body.job_id, asked.run)
    if asked.ended and asked.run.state == "succeeded" and not answer["published"]:
        reason = answer["errors"][0]["error"] if answer["errors"] else "Nothing was published."
        raise ApiError(400, reason, run_id=asked.run.id)
    return run_response(asked, answer)


def _targets(body: LinkedInPublication) -> tuple[str, ...]:
    if body.organization_ids:
        return tuple(each or PERSONAL for each in body.organization_ids)
    return () if body.organization_id is None else (body.organization_id or PERSONAL,)


def _answer(job_id: int, run: RunView) -> dict[str, Any]:
    told = run.result or {}
    made = told.get("postings", ())
    published = [_published(each) for each in made if each["state"] == PostingState.PUBLISHED.value]
    failed = [each for each in made if each["state"] != PostingState.PUBLISHED.value]
    errors = [
        *({"organization_id": _organization(each), "error": each["error"] or each["state"]} for each in failed),
        *({"organization_id": _organization(each), "error": each["error"]} for each in told.get("errors", ())),
        *({"organization_id": _organization(each), "error": each["picture_error"]} for each in _without_picture(made)),
    ]
    first = published[0] if published else {"post_id": None, "post_url": None}
    return {
        "message": "Job published on LinkedIn" if published else "The job is being published on LinkedIn",
        "job_id": job_id,
        "published": published,
        "errors": errors,
        "post_id": first["post_id"],
        "post_url": first["post_url"],
    }


def _without_picture(made: Any) -> list[Mapping[str, Any]]:
    """Posts that are out, and lack their picture for a reason."""
    return [each for each in made if each["state"] == PostingState.PUBLISHED.value and each["picture_error"]]


def _published(made: Mapping[str, Any]) -> dict[str, Any]:
    organization = _organization(made)
    return {
        "organization_id": organization,
        "target": "page" if organization else PERSONAL,
        "post_id": made["external_id"],
        "post_url": made["address"],
    }


def _organization(made: Mapping[str, Any]) -> str | None:
    target: str = made["target"]
    return None if target in ("", PERSONAL) or target.startswith(PERSON) else target
