"""X's API as far as posts of one's own need it: users/me, tweets, users/{id}/tweets."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sandbox.emulators.oauth import bearer_of
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, json_response
from sandbox.emulators.x import texts
from sandbox.emulators.x.errors import (
    DUPLICATE,
    forbidden,
    invalid,
    not_enrolled,
    not_found,
    unauthorized,
    unavailable,
    usage_capped,
)
from sandbox.emulators.x.meter import Meter
from sandbox.emulators.x.people import Directory, Person
from sandbox.emulators.x.posts import Post, PostStore
from sandbox.emulators.x.tokens import TokenStore

API_SWITCHES: Mapping[str, Any] = {
    "timeline_delay": 0.0,  # seconds until a new post is in its author's list
    "not_enrolled": False,  # the app belongs to no project
    "usage_capped": False,  # the project's posts of this month are used up
    "reset_in": None,  # seconds in the x-rate-limit-reset of a `rate_limit`; None: no such header
    "id_missing": 0.0,  # done, but the answer has no id
}
LEAST_RESULTS, MOST_RESULTS = 5, 100
SUSPENDED = "Your account is suspended and is not permitted to access this feature."

OfPerson = Callable[[Person, Request], Response]


class Access:
    def __init__(
        self, directory: Directory, tokens: TokenStore, meter: Meter, switches: Switches, operations: Operations
    ) -> None:
        self._directory = directory
        self._tokens = tokens
        self._meter = meter
        self._switches = switches
        self._operations = operations

    def run(self, operation: str, request: Request, scopes: frozenset[str], work: OfPerson) -> Response:
        def allowed(request: Request) -> Response:
            person = self._person(request, scopes)
            if isinstance(person, Response):
                return person
            counted = self._meter.count(operation, person.id)
            if isinstance(counted, Response):
                return counted
            response = self._meter.refusal() or work(person, request)
            response.headers |= counted
            return response

        return self._operations.run(operation, request, allowed, self._unavailable)

    def _person(self, request: Request, scopes: frozenset[str]) -> Person | Response:
        token = self._tokens.get(bearer_of(request) or "")
        if token is None or token.refresh or not token.good:
            return unauthorized()
        if self._switches["not_enrolled"]:
            return not_enrolled()
        if self._switches["usage_capped"]:
            return usage_capped()
        if not scopes <= set(token.scopes):
            return forbidden("You are not permitted to perform this action.")
        return self._directory.get_or_make(token.person)

    def _unavailable(self, status: int) -> Response:
        response = unavailable(status)
        if status == 429 and self._switches["reset_in"] is not None:
            response.headers |= self._meter.headers(0, round(time.time() + self._switches["reset_in"]))
        return response


class Posts:
    reading = frozenset({"tweet.read", "users.read"})
    writing = reading | {"tweet.write"}

    def __init__(self, posts: PostStore, meter: Meter, switches: Switches) -> None:
        self._posts = posts
        self._meter = meter
        self._switches = switches

    def me(self, person: Person, _: Request) -> Response:
        return json_response({"data": {"id": person.id, "name": person.name, "username": person.username}})

    def create(self, person: Person, request: Request) -> Response:
        text = _text(request)
        if text is None:
            return invalid("text", "The text must be given, and not be empty.")
        if refused := _refused(person, text):
            return refused
        post = self._posts.add(person.id, text, delay=float(self._switches["timeline_delay"]))
        if post is None:
            return forbidden(DUPLICATE)
        self._meter.spend(posts=1, with_address=bool(texts.addresses(text)))
        data = {"id": post.id, "text": texts.shown(text), "edit_history_tweet_ids": [post.id]}
        if self._switches.hits("id_missing"):
            del data["id"]
        return json_response({"data": data}, 201)

    def remove(self, person: Person, request: Request) -> Response:
        post = self._posts.get(request.parameters["id"])
        if post is None:
            return unavailable_post(request.parameters["id"])
        if post.author != person.id:
            return forbidden("You are not authorized to delete this Tweet.")
        self._posts.remove(post.id)
        return json_response({"data": {"deleted": True}})

    def read(self, _: Person, request: Request) -> Response:
        """GET of at most 100 ids; those that are gone are errors beside the data."""
        identifiers = [each for each in request.query.get("ids", "").split(",") if each]
        if not 1 <= len(identifiers) <= MOST_RESULTS or not all(each.isdecimal() for each in identifiers):
            return invalid("ids", "The `ids` query parameter must hold 1 to 100 numbers.")
        found = {each: self._posts.get(each) for each in identifiers}
        posts = [post for post in found.values() if post is not None]
        answer: dict[str, Any] = {"data": self._told(posts, request)} if posts else {}
        if gone := [not_found(each) for each, post in found.items() if post is None]:
            answer["errors"] = gone
        return json_response(answer)

    def of_person(self, _: Person, request: Request) -> Response:
        most = request.query.get("max_results", "10")
        if not most.isdecimal() or not LEAST_RESULTS <= int(most) <= MOST_RESULTS:
            return invalid("max_results", f"The `max_results` query parameter value [{most}] is not between 5 and 100")
        posts = self._posts.of(request.parameters["id"])
        if start := request.query.get("start_time"):
            since = _instant(start)
            if since is None:
                return invalid("start_time", f"The `start_time` query parameter value [{start}] is not a valid time")
            posts = [post for post in posts if post.created >= since]
        page = request.query.get("pagination_token", "0")
        if not page.isdecimal():
            return invalid("pagination_token", "The `pagination_token` query parameter value is not valid.")
        end = int(page) + int(most)
        shown = self._told(posts[int(page) : end], request)
        meta: dict[str, Any] = {"result_count": len(shown)}
        if shown:
            meta |= {"newest_id": shown[0]["id"], "oldest_id": shown[-1]["id"]}
        if end < len(posts):
            meta["next_token"] = str(end)
        return json_response({"data": shown, "meta": meta} if shown else {"meta": meta})

    def _told(self, posts: list[Post], request: Request) -> list[dict[str, Any]]:
        self._meter.spend(reads=len(posts))
        fields = frozenset(request.query.get("tweet.fields", "").split(","))
        return [post.told(fields) for post in posts]


def unavailable_post(identifier: str) -> Response:
    response = json_response({"errors": [not_found(identifier)]}, 404)
    response.note = "Not Found Error"
    return response


def _text(request: Request) -> str | None:
    try:
        members = json.loads(request.body)
    except ValueError:
        return None
    text = members.get("text") if isinstance(members, dict) else None
    return text if isinstance(text, str) and text.strip() else None


def _refused(person: Person, text: str) -> Response | None:
    if person.suspended:
        return forbidden(SUSPENDED)
    if texts.weight(text) > texts.LONGEST:
        message = (
            "Your Tweet text is too long. For more information on how Twitter determines text length see twitter-text."
        )
        return invalid("text", message)
    return forbidden("A post can hold one cashtag at most.") if texts.cashtags(text) > 1 else None


def _instant(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
