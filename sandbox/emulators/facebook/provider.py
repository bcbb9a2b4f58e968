"""Facebook: its login dialog, tokens, pages and their posts, as the fact sheet tells them.

/facebook/dialog/oauth (also below a version); /facebook/graph/{version}: oauth/access_token, me, me/accounts,
me/permissions, {page}, {page}/feed, {post}, ?ids={post},….

Below /_emulator/facebook:
GET, PUT faults: the switches (SWITCHES); `only` names the operations that meet faults. `error_5xx_after` records a post
and answers code 2; `api_error` is one of errors.ERRORS.
POST authorize {address, account?, scopes?, pages?, deny?}: what the person decides -> {location}.
PUT client {client_id?, client_secret?, redirect_uris?}: what is registered; what is not named accepts any.
GET accounts; PUT accounts/{email} {name?, pages?: [{page, name?, tasks?}]}.
GET grants: sessions without tokens; POST grants/{account}/revoke: the person removes the app (190/458); POST
grants/{account}/end {error}: the session ends as one of errors.ERRORS, such as `password` (190/460).
POST tokens/expire {account?, pages?}: tokens of people are too old (190/463), those of pages too when wished.
GET posts: all that were made, the oldest first; POST posts/{id} {likes?, comments?, shares?}; DELETE posts/{id}: a
person deletes it on Facebook.
GET counters: calls by operation; GET counters/statuses: answers by operation.

Operations: token.code, token.exchange, token.other, me, accounts, permissions, revoke, object, objects, feed,
feed.create, object.delete.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sandbox.emulators.facebook import consent
from sandbox.emulators.facebook.access import ACCESS_SWITCHES, KNOWN, Access
from sandbox.emulators.facebook.consent import Dialog
from sandbox.emulators.facebook.errors import GraphError, graph_error, unavailable
from sandbox.emulators.facebook.feed import FacebookFeed
from sandbox.emulators.facebook.graph import GRAPH_SWITCHES, Me, OfToken, Pages
from sandbox.emulators.facebook.people import Directory
from sandbox.emulators.facebook.posts import PostStore
from sandbox.emulators.facebook.token_endpoint import TOKEN_SWITCHES, TokenEndpoint
from sandbox.emulators.facebook.tokens import TokenStore
from sandbox.emulators.operations import FAULTS, Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, Router, json_object, json_response

SWITCHES: Mapping[str, Any] = {**FAULTS, **TOKEN_SWITCHES, **ACCESS_SWITCHES, **GRAPH_SWITCHES}
CONTROL = "/_emulator/facebook"
GRAPH = "/facebook/graph/{version}"


class Facebook:
    name = "facebook"

    def __init__(self) -> None:
        self.switches = Switches(SWITCHES)
        self.operations = Operations(self.switches)
        self.directory = Directory()
        self.posts = PostStore()
        self.feed = FacebookFeed(self.directory, self.posts)
        self._tokens = TokenStore()
        self._dialog = Dialog(self.directory)
        self._access = Access(self.directory, self._dialog, self._tokens, self.switches, self.operations)
        self._routes = Router()
        self._controls = Router()
        self._add_routes()
        self._add_controls()

    def answer(self, request: Request) -> Response:
        handler, _ = self._routes.find(request)
        if handler is None:
            return graph_error(GraphError(2500, f"Unknown path components: {request.path.removeprefix('/facebook')}"))
        return handler(request)

    def steer(self, request: Request) -> Response:
        return self._controls.answer(request)

    def end(self) -> None:
        """It never sends anything by itself."""

    def _add_routes(self) -> None:
        endpoint = TokenEndpoint(self._dialog, self._tokens, self.switches, self.operations)
        for path in (consent.PATH, consent.PATH.replace("/facebook", "/facebook/{version}")):
            self._routes.add("GET", path, self._dialog.show)
            self._routes.add("POST", path, self._dialog.decide)
        for method in ("GET", "POST"):
            self._routes.add(method, f"{GRAPH}/oauth/access_token", endpoint.issue)
        me = Me(self._access, self.directory, self._tokens)
        self._serve("GET", "/me", "me", me.show)
        self._serve("GET", "/me/accounts", "accounts", me.accounts)
        self._serve("GET", "/me/permissions", "permissions", me.permissions)
        self._serve("DELETE", "/me/permissions", "revoke", me.revoke)
        pages = Pages(self._access, self.directory, self.posts, self.switches)
        self._serve("GET", "/{id}/feed", "feed", pages.feed)
        self._serve("POST", "/{id}/feed", "feed.create", pages.publish)
        self._serve("GET", "/", "objects", pages.several)
        self._serve("GET", "/{id}", "object", pages.show)
        self._serve("DELETE", "/{id}", "object.delete", pages.remove)

    def _serve(self, method: str, path: str, operation: str, work: OfToken) -> None:
        def allowed(request: Request) -> Response:
            token = self._access.token(operation, request)
            return token if isinstance(token, Response) else work(token, request)

        def counted(request: Request) -> Response:
            response = self.operations.run(operation, request, allowed, unavailable)
            return self._access.with_usage(response, request.parameters["version"])

        self._routes.add(method, f"{GRAPH}{path}", counted)

    def _add_controls(self) -> None:
        add = self._controls.add
        add("GET", f"{CONTROL}/faults", lambda _: json_response(self.switches.all()))
        add("PUT", f"{CONTROL}/faults", self._set_faults)
        add("POST", f"{CONTROL}/authorize", lambda request: self._dialog.shortcut(json_object(request.body)))
        add("PUT", f"{CONTROL}/client", self._configure)
        add("GET", f"{CONTROL}/accounts", self._show_accounts)
        add("PUT", f"{CONTROL}/accounts/{{email}}", self._change_account)
        add("GET", f"{CONTROL}/grants", lambda _: json_response({"grants": self._tokens.all()}))
        add("POST", f"{CONTROL}/grants/{{account}}/revoke", self._revoke)
        add("POST", f"{CONTROL}/grants/{{account}}/end", self._end)
        add("POST", f"{CONTROL}/tokens/expire", self._expire)
        add("GET", f"{CONTROL}/posts", lambda _: json_response({"posts": [each.shown() for each in self.posts.all()]}))
        add("POST", f"{CONTROL}/posts/{{id}}", self._react)
        add("DELETE", f"{CONTROL}/posts/{{id}}", self._remove)
        add("GET", f"{CONTROL}/counters", lambda _: json_response(self.operations.counts()))
        add("GET", f"{CONTROL}/counters/statuses", lambda _: json_response(self.operations.statuses()))

    def _set_faults(self, request: Request) -> Response:
        values = json_object(request.body)
        _check_error(values.get("api_error"))
        self.switches.set(values)
        return json_response(self.switches.all())

    def _configure(self, request: Request) -> Response:
        return json_response(asdict(self._dialog.configure(json_object(request.body))))

    def _show_accounts(self, _: Request) -> Response:
        return json_response({"accounts": [each.shown() for each in self.directory.people()]})

    def _change_account(self, request: Request) -> Response:
        return json_response(self.directory.change(request.parameters["email"], json_object(request.body)).shown())

    def _revoke(self, request: Request) -> Response:
        return json_response({"revoked": self._tokens.end(request.parameters["account"].lower(), "app_removed")})

    def _end(self, request: Request) -> Response:
        error = json_object(request.body).get("error", "invalid")
        _check_error(error)
        return json_response({"ended": self._tokens.end(request.parameters["account"].lower(), error)})

    def _expire(self, request: Request) -> Response:
        wishes = json_object(request.body)
        ended = self._tokens.expire(wishes.get("account"), pages_too=bool(wishes.get("pages")))
        return json_response({"expired": ended})

    def _react(self, request: Request) -> Response:
        figures = json_object(request.body)
        if not set(figures) <= {"likes", "comments", "shares"}:
            raise BadRequest("readers give likes, comments and shares")
        post = self.posts.count(request.parameters["id"], figures)
        if post is None:
            raise BadRequest(f"there is no post {request.parameters['id']!r}")
        return json_response({**post.shown(), **post.figures})

    def _remove(self, request: Request) -> Response:
        self.feed.remove(request.parameters["id"])
        return json_response({"removed": True})


def _check_error(error: Any) -> None:
    if error is not None and error not in KNOWN:
        raise BadRequest(f"an error is one of {', '.join(sorted(KNOWN))}, not {error!r}")
