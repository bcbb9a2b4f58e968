"""A recruiter's interviews as a calendar to subscribe to: its address, and the feed itself, which programs read."""

import hashlib
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import calendar_feeds
from api_min.answers import json_response, no_content
from api_min.auth import access, caller, open_route
from api_min.calendar_responses import CALENDAR, calendar_response
from api_min.errors import existing
from api_min.idempotency import once
from api_min.schemas.calendar_feeds import CalendarFeed, FeedPath
from api_min.schemas.common import GUARDED, problems

URL = "/api/interviews/calendar-feed"
BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
NO_FEED = "Cette adresse n’est celle d’aucun agenda, ou ne l’est plus : copiez la nouvelle dans IntoWork."
FEED_ANSWERS: dict[str | int | HTTPStatus, Any] = {
    200: {"description": "iCalendar", "content": {CALENDAR: {"schema": {"type": "string"}}}},
    304: {"description": "Nothing has changed since (If-None-Match)."},
    **problems(404, 429, 503),
}

api = APIBlueprint("calendar_feeds", __name__)


@api.get(
    URL,
    summary="The address of the calendar feed",
    security=BEARER,
    responses={200: CalendarFeed, **problems(*GUARDED)},
)
@access(roles=("employer",))
def show() -> Response:
    """Null until there is one. Whoever knows the address reads the feed: only its recruiter is told."""
    return _address()


@api.post(
    URL,
    summary="Give the calendar feed a new address",
    security=BEARER,
    responses={201: CalendarFeed, **problems(*GUARDED, 400, 409, 422)},
)
@access(roles=("employer",))
def renew() -> Response:
    """The first one, or another one instead of one that was given away: the old address ends at once. A repetition is
    answered with the present one.
    """
    # What is kept under the request's key names no address.
    once(partial(calendar_feeds.renew, caller()), no_content)
    return _address(201)


@api.delete(
    URL, summary="End the calendar feed", security=BEARER, responses={204: None, **problems(*GUARDED, 409, 422)}
)
@access(roles=("employer",))
def withdraw() -> Response:
    """Also when there is none."""
    return once(partial(calendar_feeds.withdraw, caller()), no_content)


@api.get("/c/<token>.ics", summary="A recruiter's calendar feed", responses=FEED_ANSWERS)
@open_route
def read(path: FeedPath) -> Response:
    """The address itself is the permission. Interviews of the last three months and of the next year."""
    found = existing(calendar_feeds.read(path.token, request.remote_addr), NO_FEED)
    response = calendar_response(found, "intowork.ics")
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(hashlib.sha256(found.content).hexdigest()[:32])
    response.make_conditional(request)
    return response


def _address(status: int = 200) -> Response:
    found = calendar_feeds.find(caller())
    return json_response(
        {"address": found.address if found else None, "changed_at": found.changed_at if found else None}, status
    )
