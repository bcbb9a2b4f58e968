"""Who may call LinkedIn's API, and what of it an account's label needs: /v2/me, organizationAcls, organizations."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.emulators.linkedin.daily_limits import DailyLimits
from sandbox.emulators.linkedin.errors import Refused, access_denied, envelope
from sandbox.emulators.linkedin.members import Directory, Organization
from sandbox.emulators.linkedin.restli import check_protocol, illegal, page
from sandbox.emulators.linkedin.rights import COUNTING, Holder
from sandbox.emulators.linkedin.tokens import Token, TokenStore
from sandbox.emulators.oauth import bearer_of
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, json_response

API_SWITCHES: Mapping[str, Any] = {
    # What is alive in November 2026.
    "versions": tuple(f"2026{month:02}" for month in range(1, 10)),
    "dead_version": 0.0,  # 426 whatever version was named
    "token_refused": 0.0,  # 401 as `token_refusal` says
    "token_refusal": 65601,  # one of TOKEN_REFUSALS
    "access_denied": 0.0,  # 403
    "just_refreshed_refused": 0.0,  # the first call with a refreshed token is a 401 65601
    "old_name": False,  # organizationTarget instead of organization in organizationAcls
}
# Code to message and name.
TOKEN_REFUSALS: Mapping[int, tuple[str, str]] = {
    65600: ("Invalid access token", "INVALID_ACCESS_TOKEN"),
    65601: ("The token used in the request has been revoked by the user", "REVOKED_ACCESS_TOKEN"),
    65602: ("The token used in the request has expired", "EXPIRED_ACCESS_TOKEN"),
    65604: ("Empty oauth2 access token", "EMPTY_ACCESS_TOKEN"),
    65608: ("The member is restricted", "RESTRICTED_MEMBER"),
}

OfHolder = Callable[[Holder, Request], Response]


class Access:
    def __init__(
        self,
        directory: Directory,
        tokens: TokenStore,
        switches: Switches,
        operations: Operations,
    ) -> None:
        self._directory = directory
        self._tokens = tokens
        self._switches = switches
        self._operations = operations
        self._limits = DailyLimits(switches)

    def check(self, operation: str, request: Request, scopes: frozenset[str]) -> Holder:
        """Who calls; raises Refused. scopes: any one of them opens the operation."""
        token = self._token(operation, request)
        member = self._directory.member(token.member)
        if member is None:
            raise _token_refused(65608)
        holder = Holder(member, frozenset(token.scopes), token.client)
        self._limits.count(holder)
        if not scopes.intersection(holder.scopes) or self._operations.hits(operation, "access_denied"):
            raise Refused(access_denied(operation))
        return holder

    def check_headers(self, operation: str, request: Request) -> None:
        """Only below /rest: there is no default version."""
        version = request.headers.get("linkedin-version", "")
        if not version:
            message = "A version must be present. Please specify a version"
            raise Refused(envelope(400, message, code="VERSION_MISSING"))
        if version not in self._switches["versions"] or self._operations.hits(operation, "dead_version"):
            message = f"Requested version {version}01 is not active"
            raise Refused(envelope(426, message, code="NONEXISTENT_VERSION"))
        check_protocol(request)

    def _token(self, operation: str, request: Request) -> Token:
        value = bearer_of(request)
        if not value:
            raise _token_refused(65604)
        token = self._tokens.get(value)
        if token is None or token.refresh:
            raise _token_refused(65600)
        if token.status != "active":
            raise _token_refused(65601 if token.revoked else 65602)
        if token.refreshed:
            self._tokens.settle(token)
            if self._operations.hits(operation, "just_refreshed_refused"):
                raise _token_refused(65601)
        if self._operations.hits(operation, "token_refused"):
            raise _token_refused(int(self._switches["token_refusal"]))
        return token


class People:
    """GET /v2/me."""

    scopes = frozenset({"r_basicprofile", "r_liteprofile"})

    def me(self, holder: Holder, _: Request) -> Response:
        member, locale = holder.member, {"country": "CM", "language": "fr"}
        return json_response(
            {
                "id": member.id,
                "localizedFirstName": member.first,
                "localizedLastName": member.last,
                "firstName": {"localized": {"fr_CM": member.first}, "preferredLocale": locale},
                "lastName": {"localized": {"fr_CM": member.last}, "preferredLocale": locale},
                "vanityName": f"{member.first}-{member.last}".lower(),
            }
        )


class Organizations:
    """GET /rest/organizationAcls and /rest/organizations."""

    acl_scopes = COUNTING
    scopes = COUNTING | {"r_organization_social"}

    def __init__(self, directory: Directory, switches: Switches) -> None:
        self._directory = directory
        self._switches = switches

    def acls(self, holder: Holder, request: Request) -> Response:
        query = request.query
        if query.get("q") != "roleAssignee":
            raise illegal(f"Unknown finder: {query.get('q')}")
        asked = query.get("state", "APPROVED") == "APPROVED"
        roles = [
            (identifier, role)
            for identifier, role in holder.member.roles.items()
            if asked and query.get("role") in (None, role)
        ]
        return json_response(page(roles, request, lambda entry: self._acl(holder.member.urn, *entry), total=True))

    def one(self, _: Holder, request: Request) -> Response:
        organization = self._directory.organization(request.parameters["id"])
        if organization is None:
            raise Refused(envelope(404, "Could not find organization", code="NOT_FOUND"))
        return json_response(_shown(organization))

    def by_vanity_name(self, _: Holder, request: Request) -> Response:
        if request.query.get("q") != "vanityName":
            raise illegal(f"Unknown finder: {request.query.get('q')}")
        wanted = request.query.get("vanityName")
        found = [known for known in self._directory.organizations() if known.vanity == wanted]
        return json_response(page(found, request, _shown, total=True))

    def _acl(self, assignee: str, identifier: int, role: str) -> dict[str, Any]:
        name = "organizationTarget" if self._switches["old_name"] else "organization"
        urn = f"urn:li:organization:{identifier}"
        return {name: urn, "role": role, "roleAssignee": assignee, "state": "APPROVED"}


def _shown(organization: Organization) -> dict[str, Any]:
    return {
        "id": organization.id,
        "localizedName": organization.name,
        "vanityName": organization.vanity,
    }


def _token_refused(code: int) -> Refused:
    message, name = TOKEN_REFUSALS[code]
    return Refused(envelope(401, message, code, name))
