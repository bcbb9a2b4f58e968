"""Offers on channels: one dialog publishes on all of them, and each has a state of its own."""

from functools import partial
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import postings
from api_min.actions.postings import Shown
from api_min.actions.runs import AskedRun
from api_min.answers import json_response, run_response
from api_min.auth import access, caller
from api_min.idempotency import given_key, once
from api_min.request_parsing import applied_wait
from api_min.schemas.ats import PageQuery
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from api_min.schemas.postings import (
    Confirmation,
    Decision,
    JobPath,
    NewPostings,
    PostingPath,
    PostingView,
    PostPreview,
    PreviewWish,
    StartedPostings,
    Statistics,
)
from worker.catalogue.publishing import Wish

WRITING = (*WITH_BODY, 400, 404, 409, 502, 504)

api = APIBlueprint("postings", __name__, url_prefix="/api", abp_security=[{"bearer": []}])


@api.post(
    "/jobs/<job_id>/postings",
    summary="Publish an offer on channels",
    responses={200: StartedPostings, 202: StartedPostings, **problems(*WRITING)},
)
@access(roles=("employer",))
def publish(path: JobPath, body: NewPostings) -> Response:
    """One posting for each target; where an offer stands already, that posting is answered. 202 when a channel has not
    answered in time: the postings tell what became of them.
    """
    wishes = [Wish(channel=each.channel, targets=tuple(each.targets)) for each in body.channels]
    asked = postings.publish(caller(), path.job_id, wishes, body.custom_message, applied_wait(), key=given_key())
    return run_response(asked, _started(path.job_id, asked))


def _started(job_id: int, asked: AskedRun) -> dict[str, Any]:
    told = asked.run.result or asked.run.progress or {}
    ids = [each["posting_id"] if isinstance(each, dict) else each for each in told.get("postings", ())]
    found = postings.of_ids(caller(), job_id, ids)
    return {"job_id": job_id, "postings": [shown(each) for each in found], "errors": list(told.get("errors", ()))}


@api.get(
    "/jobs/<job_id>/postings",
    summary="An offer's postings",
    responses={200: {"description": "An array; X-Total-Count is the number of all."}, **problems(*GUARDED, 404, 422)},
)
@access(roles=("employer",))
def list_of_offer(path: JobPath, query: PageQuery) -> Response:
    """The newest first."""
    found, total = postings.list_of_offer(caller(), path.job_id, limit=query.limit, offset=query.offset)
    return json_response([shown(each) for each in found], headers={"X-Total-Count": str(total)})


@api.post(
    "/jobs/<job_id>/postings/preview",
    summary="What a post would look like",
    responses={200: PostPreview, **problems(*WITH_BODY, 404)},
)
@access(roles=("employer",))
def show_preview(path: JobPath, body: PreviewWish) -> Response:
    """From the same words that are sent."""
    made = postings.show_preview(caller(), path.job_id, body.channel, body.custom_message)
    return json_response(
        {
            "channel": body.channel.value,
            "text": made.text,
            "hashtags": list(made.post.hashtags),
            "length": made.length,
            "longest": made.longest,
            "fold": made.fold,
            "link": made.post.link,
            "title": made.post.title,
            "description": made.post.description,
            "picture": made.picture,
            "language": made.post.language,
        }
    )


@api.post(
    "/postings/<posting_id>/withdraw",
    summary="Take an offer away from a channel",
    responses={200: PostingView, 202: PostingView, **problems(*WRITING)},
)
@access(roles=("employer",))
def withdraw(path: PostingPath) -> Response:
    """Also when it is gone already. 202 when the channel has not answered in time."""
    asked = postings.withdraw(caller(), path.posting_id, applied_wait(), key=given_key())
    return run_response(asked, shown(postings.one(caller(), path.posting_id)))


@api.post(
    "/postings/<posting_id>/confirm",
    summary="Say where a board shows an offer",
    responses={200: PostingView, **problems(*WRITING)},
)
@access(roles=("employer",))
def confirm(path: PostingPath, body: Confirmation) -> Response:
    """For boards that fetch a feed and tell nothing: only now the posting counts as published."""
    return once(
        partial(postings.confirm, caller(), path.posting_id, body.external_url),
        lambda made: json_response(shown(made)),
    )


@api.post(
    "/postings/<posting_id>/decide",
    summary="Say whether a posting in doubt is there",
    responses={200: PostingView, **problems(*WRITING)},
)
@access(roles=("employer",))
def decide(path: PostingPath, body: Decision) -> Response:
    """It is there: with its address. It is not: it is published again."""
    return once(
        partial(postings.decide, caller(), path.posting_id, body.exists, body.post),
        lambda made: json_response(shown(made)),
    )


@api.get(
    "/postings/<posting_id>/statistics",
    summary="What became of a post",
    responses={200: Statistics, **problems(*GUARDED, 404, 422)},
)
@access(roles=("employer",))
def show_statistics(path: PostingPath) -> Response:
    """Read from the channel once a day; visits to the offer's public page are counted here."""
    view = postings.show_statistics(caller(), path.posting_id)
    return json_response(
        {
            "posting_id": view.posting.id,
            "channel": view.posting.channel.value,
            "current": view.posting.statistics,
            "fetched_at": view.posting.statistics_at,
            "history": [dict(each) for each in view.history],
            "visits": dict(view.visits),
        }
    )


def shown(view: Shown) -> dict[str, Any]:
    posting = view.posting
    return {
        "id": posting.id,
        "job_id": posting.job_id,
        "channel": posting.channel.value,
        "state": posting.state.value,
        "target": posting.target,
        "target_name": posting.target_name,
        "external_id": posting.external_id,
        "address": view.address,
        "error": view.error,
        "error_code": posting.error_code,
        "picture_error": view.picture_error,
        "visibility_proved": posting.visibility_proved,
        "custom_message": posting.message,
        "published_at": posting.posted_at,
        "withdrawn_at": posting.withdrawn_at,
        "expires_at": posting.expires_at,
        "created_at": posting.created_at,
        "clicks": view.clicks,
    }
