"""LinkedIn: OAuth 2.0 with its pages, what an account's label needs, and posts, as the fact sheet tells them.

/linkedin/oauth/v2/authorization, accessToken, introspectToken; /linkedin/v2/me; /linkedin/rest/organizationAcls,
organizations, posts, images, organizationalEntityShareStatistics.

Below /_emulator/linkedin:
GET, PUT faults: the switches (SWITCHES); `only` names the operations that meet faults.
POST authorize {address, account?, scopes?, deny?}: what the person decides -> {location}. An unknown account is made.
PUT client {client_id?, client_secret?, redirect_uris?}: what is registered; what is not named accepts any.
GET accounts; PUT accounts/{email} {first?, last?, roles?: [{organization, role?, name?}]}.
GET grants: tokens by kind and status, not the tokens; POST grants/{account}/revoke: the member removes the access.
POST tokens/expire {account?, refresh?}: access tokens are too old from now on, refresh tokens too when wished.
GET counters: calls by operation; GET counters/statuses: answers by operation.
GET, POST posts and more: see `post_steering`.

Operations: token.code, token.refresh, token.other, introspect, me, organizationAcls, organizations, posts.create,
posts.get, posts.find, posts.update, posts.delete, images.initialize, images.upload, images.get, statistics.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sandbox.emulators.linkedin import consent
from sandbox.emulators.linkedin.api import API_SWITCHES, TOKEN_REFUSALS, Access, OfHolder, Organizations, People
from sandbox.emulators.linkedin.consent import ConsentScreens
from sandbox.emulators.linkedin.daily_limits import DAILY_SWITCHES
from sandbox.emulators.linkedin.errors import Refused, api_unavailable, envelope
from sandbox.emulators.linkedin.feed import LinkedInFeed
from sandbox.emulators.linkedin.images import IMAGE_SWITCHES, UPLOADS, Images, ImageStore
from sandbox.emulators.linkedin.members import Directory
from sandbox.emulators.linkedin.oauth_endpoints import ERRORS, TOKEN_SWITCHES, OAuthEndpoints
from sandbox.emulators.linkedin.post_steering import PostSteering
from sandbox.emulators.linkedin.posting import POSTING_SWITCHES, Posting
from sandbox.emulators.linkedin.posts import KINDS, PostStore
from sandbox.emulators.linkedin.rights import COUNTING, READING, WRITING
from sandbox.emulators.linkedin.share_statistics import STATISTICS_SWITCHES, ShareStatistics
from sandbox.emulators.linkedin.tokens import TokenStore
from sandbox.emulators.operations import FAULTS, Operations
from sandbox.emulators.spool import Spool
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Handler, Request, Response, Router, json_object, json_response

SWITCHES: Mapping[str, Any] = {
    **FAULTS,
    **TOKEN_SWITCHES,
    **API_SWITCHES,
    **DAILY_SWITCHES,
    **POSTING_SWITCHES,
    **IMAGE_SWITCHES,
    **STATISTICS_SWITCHES,
}
_CHOICES: Mapping[str, tuple[object, ...]] = {
    "token_error": (None, *ERRORS),
    "token_refusal": tuple(TOKEN_REFUSALS),
    "urn_kind": KINDS,
}
CONTROL = "/_emulator/linkedin"


class LinkedIn:
    name = "linkedin"

    def __init__(self, spool: Spool) -> None:
        self.switches = Switches(SWITCHES)
        self.operations = Operations(self.switches)
        self.directory = Directory()
        self.posts = PostStore()
        self.images = ImageStore(spool)
        self.feed = LinkedInFeed(self.directory, self.posts, self.images)
        self._tokens = TokenStore()
        self._access = Access(self.directory, self._tokens, self.switches, self.operations)
        self._screens = ConsentScreens(self.directory, self.switches)
        self._routes = Router()
        self._controls = Router()
        self._add_routes()
        self._add_posting()
        self._add_controls()

    def answer(self, request: Request) -> Response:
        handler, exists = self._routes.find(request)
        if handler is None:
            return envelope(405, "Method Not Allowed") if exists else envelope(404, "No resource found", 0, "NOT_FOUND")
        return handler(request)

    def steer(self, request: Request) -> Response:
        return self._controls.answer(request)

    def end(self) -> None:
        """It never sends anything by itself."""

    def _add_routes(self) -> None:
        endpoints = OAuthEndpoints(self.directory, self._screens, self._tokens, self.switches, self.operations)
        self._routes.add("GET", consent.PATH, self._screens.show)
        self._routes.add("POST", consent.PATH, self._screens.decide)
        self._routes.add("POST", "/linkedin/oauth/v2/accessToken", endpoints.issue)
        self._routes.add("POST", "/linkedin/oauth/v2/introspectToken", endpoints.introspect)
        people, organizations = People(), Organizations(self.directory, self.switches)
        self._serve("GET", "/v2/me", "me", people.scopes, people.me)
        self._serve("GET", "/rest/organizationAcls", "organizationAcls", organizations.acl_scopes, organizations.acls)
        self._serve("GET", "/rest/organizations", "organizations", organizations.scopes, organizations.by_vanity_name)
        self._serve("GET", "/rest/organizations/{id}", "organizations", organizations.scopes, organizations.one)

    def _add_posting(self) -> None:
        posting = Posting(self.posts, self.images, self.switches, self.operations)
        images = Images(self.images, self.switches)
        statistics = ShareStatistics(self.posts, self.operations)
        posts, one = "/rest/posts", "/rest/posts/{urn}"
        self._serve("POST", posts, "posts.create", WRITING, posting.create)
        self._serve("GET", posts, "posts.find", READING, posting.find)
        self._serve("GET", one, "posts.get", READING, posting.get)
        self._serve("POST", one, "posts.update", WRITING, posting.update)
        self._serve("DELETE", one, "posts.delete", WRITING, posting.delete)
        self._serve("POST", "/rest/images", "images.initialize", WRITING, images.initialize)
        self._serve("GET", "/rest/images/{urn}", "images.get", WRITING, images.get)
        self._serve("GET", "/rest/organizationalEntityShareStatistics", "statistics", COUNTING, statistics.find)
        self._routes.add("PUT", UPLOADS + "/{image}/{secret}", self._broken("images.upload", images.upload))

    def _serve(self, method: str, path: str, operation: str, scopes: frozenset[str], work: OfHolder) -> None:
        """A resource of the API; what is below /rest asks for a version."""

        def allowed(request: Request) -> Response:
            try:
                if path.startswith("/rest/"):
                    self._access.check_headers(operation, request)
                return work(self._access.check(operation, request, scopes), request)
            except Refused as refused:
                return refused.response

        self._routes.add(method, f"/linkedin{path}", self._broken(operation, allowed))

    def _broken(self, operation: str, work: Handler) -> Handler:
        """Counted, and with its faults."""
        return lambda request: self.operations.run(operation, request, work, api_unavailable)

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
        add("GET", f"{CONTROL}/counters", lambda _: json_response(self.operations.counts()))
        add("GET", f"{CONTROL}/counters/statuses", lambda _: json_response(self.operations.statuses()))
        PostSteering(self.directory, self.posts, self.images, self.switches).add_routes(self._controls, CONTROL)

    def _set_faults(self, request: Request) -> Response:
        values = json_object(request.body)
        for name, choices in _CHOICES.items():
            if values.get(name, choices[0]) not in choices:
                raise BadRequest(f"{name} is one of {', '.join(map(str, choices))}, not {values[name]!r}")
        self.switches.set(values)
        return json_response(self.switches.all())

    def _configure(self, request: Request) -> Response:
        return json_response(asdict(self._screens.configure(json_object(request.body))))

    def _show_accounts(self, _: Request) -> Response:
        return json_response({"accounts": [member.shown() for member in self.directory.members()]})

    def _change_account(self, request: Request) -> Response:
        return json_response(self.directory.change(request.parameters["email"], json_object(request.body)).shown())

    def _revoke(self, request: Request) -> Response:
        return json_response({"revoked": self._tokens.revoke(request.parameters["account"].lower())})

    def _expire(self, request: Request) -> Response:
        wishes = json_object(request.body)
        ended = self._tokens.expire(wishes.get("account"), refresh_too=bool(wishes.get("refresh")))
        return json_response({"expired": ended})
