"""Feeds for job boards: their addresses, and the feeds themselves, which boards fetch."""

from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import board_feeds, feeds
from api_min.actions.feeds import Reading
from api_min.answers import json_response, no_content
from api_min.auth import access, caller, open_route
from api_min.idempotency import once
from api_min.localising import _
from api_min.schemas.common import GUARDED, problems
from api_min.schemas.feeds import BoardFeed, BoardPath, FeedPath
from api_min.streaming import begun, gzipped, in_chunks
from models.enums import IntegrationProvider

URL = "/api/integrations/<provider>/feed"
BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
XML = "application/xml"
# Bytes: some two thousand offers, about a second.
MADE_FIRST = 4 * 1024 * 1024
NO_FEED = "This address is that of no feed, or of none any more. Ask the company for the present one.\n"
FEED_ANSWERS: dict[str | int | HTTPStatus, Any] = {
    200: {"description": "All open offers", "content": {XML: {"schema": {"type": "string"}}}},
    304: {"description": "Nothing has changed since (If-None-Match)."},
    404: {"description": "No feed", "content": {"text/plain": {"schema": {"type": "string"}}}},
    **problems(429, 503),
}
HEADERS = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "X-Robots-Tag": "noindex, nofollow",
}

api = APIBlueprint("feeds", __name__)


@api.get(
    URL,
    summary="The addresses of a job board's feed",
    security=BEARER,
    responses={200: BoardFeed, **problems(*GUARDED, 400, 404, 422)},
)
@access(roles=("employer",))
def show(path: BoardPath) -> Response:
    """Whoever knows an address reads the feed: only the company's recruiters are told."""
    return _addresses(board_feeds.board_of(path.provider))


@api.post(
    URL,
    summary="Give a job board's feed new addresses",
    security=BEARER,
    responses={201: BoardFeed, **problems(*GUARDED, 400, 404, 409, 422)},
)
@access(roles=("employer",))
def renew(path: BoardPath) -> Response:
    """The first ones, or others instead of some that were given away: the old ones end at once. A repetition is
    answered with the present ones.
    """
    board = board_feeds.board_of(path.provider)
    # What is kept under the request's key names no address.
    once(partial(board_feeds.renew, caller(), board), no_content)
    return _addresses(board, 201)


@api.delete(
    URL,
    summary="End a job board's feed",
    security=BEARER,
    responses={204: None, **problems(*GUARDED, 400, 404, 409, 422)},
)
@access(roles=("employer",))
def withdraw(path: BoardPath) -> Response:
    """Also when there is none."""
    return once(partial(board_feeds.withdraw, caller(), board_feeds.board_of(path.provider)), no_content)


@api.get(
    "/feeds/<token>/indeed.xml",
    summary="A company's offers for a job board, as Indeed reads them",
    responses=FEED_ANSWERS,
)
@open_route
def read_indeed(path: FeedPath) -> Response:
    """The address itself is the permission. Complete: an offer that is missing is closed."""
    return _feed(path.token, "indeed")


@api.get(
    "/feeds/<token>/careerjet.xml",
    summary="A company's offers for a job board, as Careerjet reads them",
    responses=FEED_ANSWERS,
)
@open_route
def read_careerjet(path: FeedPath) -> Response:
    """The address itself is the permission. Complete: an offer that is missing is closed."""
    return _feed(path.token, "careerjet")


def _feed(token: str, layout: str) -> Response:
    found = feeds.read(token, layout, request.remote_addr)
    if found is None:
        return Response(NO_FEED, 404, content_type="text/plain; charset=utf-8")
    response = _unchanged(found) if request.if_none_match.contains_weak(found.version) else _document(found)
    # Weak: with gzip and without, and made a moment later, it is the same feed in other bytes.
    response.set_etag(found.version, weak=True)
    response.headers.update(HEADERS)
    return response


def _unchanged(found: Reading) -> Response:
    """The board has what the feed contains."""
    if request.method == "GET":
        found.note_fetched()
    return Response(status=HTTPStatus.NOT_MODIFIED)


def _document(found: Reading) -> Response:
    """A feed of a few thousand offers is made before its answer begins: a list that was cut off could be taken for a
    complete one. Nothing is read for who wants the head alone.

    werkzeug's own conditional answers would gather any feed, to know its length.
    """
    squeezed = request.accept_encodings["gzip"] > 0
    made = in_chunks(found.document())
    if request.method == "GET":
        made = begun(made, MADE_FIRST)
    response = Response(_noted(gzipped(made) if squeezed else made, found.note_fetched), mimetype=XML)
    if squeezed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _noted(chunks: Iterator[bytes], note: Callable[[], None]) -> Iterator[bytes]:
    """The chunks; once the last one has been taken, `note` is called."""
    yield from chunks
    note()


def _addresses(board: IntegrationProvider, status: int = 200) -> Response:
    view = board_feeds.find(caller(), board)
    return json_response(
        {
            "provider": board.value,
            "state": view.state.value,
            "indeed_url": view.addresses.get("indeed"),
            "careerjet_url": view.addresses.get("careerjet"),
            "connected_at": view.connected_at,
            "last_used_at": view.last_used_at,
            "reason": _(view.reason) if view.reason else "",
        },
        status,
    )
