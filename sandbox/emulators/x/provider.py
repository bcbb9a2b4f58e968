"""X: OAuth 2.0 with its page, and posts of one's own, as the fact sheet tells them.

/x/i/oauth2/authorize; /x/2/oauth2/token, /x/2/oauth2/revoke; /x/2/users/me, /x/2/users/{id}/tweets, /x/2/tweets,
/x/2/tweets/{id}.

Below /_emulator/x:
GET, PUT faults: the switches (SWITCHES); `only` names the operations that meet faults.
POST authorize {address, account?, scopes?, deny?}: what the person decides -> {location}. An unknown account is made.
PUT client {client_id?, client_secret?, redirect_uris?}: what is registered; what is not named accepts any.
GET accounts; PUT accounts/{email} {name?, username?, suspended?}.
GET grants: tokens by kind, not the tokens; POST grants/{account}/revoke: the person removes the app.
POST tokens/expire {account?, refresh?}: access tokens are too old from now on, refresh tokens too when wished.
GET posts: all that were made, the oldest first; POST posts/{id} {like_count?, …}; DELETE posts/{id}: a person deletes
it on X.
GET spent: US dollars that posts and reads have cost.
GET counters: calls by operation; GET counters/statuses: answers by operation.

Operations: token.code, token.refresh, token.other, revoke, me, tweets.create, tweets.read, tweets.delete, timeline.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sandbox.emulators.operations import FAULTS, Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, Router, json_object, json_response
from sandbox.emulators.x import consent
from sandbox.emulators.x.api import API_SWITCHES, Access, OfPerson, Posts
from sandbox.emulators.x.consent import ConsentScreens
from sandbox.emulators.x.errors import problem
from sandbox.emulators.x.feed import XFeed
from sandbox.emulators.x.meter import METER_SWITCHES, Meter
from sandbox.emulators.x.people import Directory
from sandbox.emulators.x.posts import PostStore
from sandbox.emulators.x.token_endpoint import TOKEN_SWITCHES, TokenEndpoint
from sandbox.emulators.x.tokens import TokenStore

SWITCHES: Mapping[str, Any] = {**FAULTS, **TOKEN_SWITCHES, **API_SWITCHES, **METER_SWITCHES}
CONTROL = "/_emulator/x"


class X:
    name = "x"

    def __init__(self) -> None:
        self.switches = Switches(SWITCHES)
        self.operations = Operations(self.switches)
        self.directory = Directory()
        self.posts = PostStore()
        self.feed = XFeed(self.directory, self.posts)
        self._meter = Meter(self.switches)
        self._tokens = TokenStore()
        self._screens = ConsentScreens(self.directory)
        self._access = Access(self.directory, self._tokens, self._meter, self.switches, self.operations)
        self._routes = Router()
        self._controls = Router()
        self._add_routes()
        self._add_controls()

    def answer(self, request: Request) -> Response:
        handler, exists = self._routes.find(request)
        if handler is None:
            return problem(405 if exists else 404, "Not Found", "Not Found")
        return handler(request)

    def steer(self, request: Request) -> Response:
        return self._controls.answer(request)

    def end(self) -> None:
        """It never sends anything by itself."""

    def _add_routes(self) -> None:
        endpoint = TokenEndpoint(self._screens, self._tokens, self.switches, self.operations)
        self._routes.add("GET", consent.PATH, self._screens.show)
        self._routes.add("POST", consent.PATH, self._screens.decide)
        self._routes.add("POST", "/x/2/oauth2/token", endpoint.issue)
        self._routes.add("POST", "/x/2/oauth2/revoke", endpoint.revoke)
        posts = Posts(self.posts, self._meter, self.switches)
        self._serve("GET", "/2/users/me", "me", posts.reading, posts.me)
        self._serve("GET", "/2/users/{id}/tweets", "timeline", posts.reading, posts.of_person)
        self._serve("GET", "/2/tweets", "tweets.read", posts.reading, posts.read)
        self._serve("POST", "/2/tweets", "tweets.create", posts.writing, posts.create)
        self._serve("DELETE", "/2/tweets/{id}", "tweets.delete", posts.writing, posts.remove)

    def _serve(self, method: str, path: str, operation: str, scopes: frozenset[str], work: OfPerson) -> None:
        self._routes.add(method, f"/x{path}", lambda request: self._access.run(operation, request, scopes, work))

    def _add_controls(self) -> None:
        add = self._controls.add
        add("GET", f"{CONTROL}/faults", lambda _: json_response(self.switches.all()))
        add("PUT", f"{CONTROL}/faults", self._set_faults)
        add("POST", f"{CONTROL}/authorize", lambda request: self._screens.shortcut(json_object(request.body)))
        add("PUT", f"{CONTROL}/client", self._configure)
        add("GET", f"{CONTROL}/accounts", self._show_accounts)
        add("PUT", f"{CONTROL}/accounts/{{email}}", self._change_account)
        add("GET", f"{CONTROL}/grants", lambda _: json_response({"grants": self._tokens.all()}))
        add("POST", f"{CONTROL}/grants/{{account}}/revoke", self._revoke)
        add("POST", f"{CONTROL}/tokens/expire", self._expire)
        add("GET", f"{CONTROL}/posts", lambda _: json_response({"posts": [each.shown() for each in self.posts.all()]}))
        add("POST", f"{CONTROL}/posts/{{id}}", self._react)
        add("DELETE", f"{CONTROL}/posts/{{id}}", self._remove)
        add("GET", f"{CONTROL}/spent", lambda _: json_response({"spent": self._meter.spent}))
        add("GET", f"{CONTROL}/counters", lambda _: json_response(self.operations.counts()))
        add("GET", f"{CONTROL}/counters/statuses", lambda _: json_response(self.operations.statuses()))

    def _set_faults(self, request: Request) -> Response:
        self.switches.set(json_object(request.body))
        return json_response(self.switches.all())

    def _configure(self, request: Request) -> Response:
        return json_response(asdict(self._screens.configure(json_object(request.body))))

    def _show_accounts(self, _: Request) -> Response:
        return json_response({"accounts": [each.shown() for each in self.directory.people()]})

    def _change_account(self, request: Request) -> Response:
        return json_response(self.directory.change(request.parameters["email"], json_object(request.body)).shown())

    def _revoke(self, request: Request) -> Response:
        return json_response({"revoked": self._tokens.revoke(request.parameters["account"].lower())})

    def _expire(self, request: Request) -> Response:
        wishes = json_object(request.body)
        ended = self._tokens.expire(wishes.get("account"), refresh_too=bool(wishes.get("refresh")))
        return json_response({"expired": ended})

    def _react(self, request: Request) -> Response:
        figures = json_object(request.body)
        post = self.posts.count(request.parameters["id"], figures)
        if post is None or not all(name.endswith("_count") for name in figures):
            raise BadRequest("readers give like_count and other counts to a post that is there")
        return json_response({**post.shown(), **post.figures})

    def _remove(self, request: Request) -> Response:
        self.feed.remove(request.parameters["id"])
        return json_response({"removed": True})
