"""LinkedIn's API as far as an account's label needs it: /v2/me, organizationAcls, organizations.

Further resources are further routes of `provider`, each a function of the token's holder.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.emulators.linkedin.errors import envelope
from sandbox.emulators.linkedin.members import Directory, Member, Organization
from sandbox.emulators.linkedin.tokens import Token, TokenStore
from sandbox.emulators.oauth import bearer_of
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, json_response

API_SWITCHES: Mapping[str, Any] = {
    # What is alive in November 2026.
    "versions": tuple(f"2026{month:02}" for month in range(1, 10)),
    "just_refreshed_refused": 0.0,  # the first call with a refreshed token is a 401 65601
    "old_name": False,  # organizationTarget instead of organization in organizationAcls
}

OfMember = Callable[[Member, Request], Response]


class Access:
    def __init__(self, directory: Directory, tokens: TokenStore, switches: Switches, operations: Operations) -> None:
        self._directory = directory
        self._tokens = tokens
        self._switches = switches
        self._operations = operations

    def check(self, operation: str, request: Request, scopes: frozenset[str]) -> Member | Response:
        """Whose token it is, or the refusal. scopes: any one of them opens the operation."""
        value = bearer_of(request)
        if value is None:
            return envelope(401, "Empty oauth2 access token", 65604, "EMPTY_ACCESS_TOKEN")
        token = self._tokens.get(value)
        if token is None or token.refresh:
            return envelope(401, "Invalid access token", 65600, "INVALID_ACCESS_TOKEN")
        if refused := self._refused(operation, token):
            return refused
        member = self._directory.member(token.member)
        if member is None:
            return envelope(401, "The member is restricted", 65608, "RESTRICTED_MEMBER")
        if not scopes.intersection(token.scopes):
            return envelope(403, f"Not enough permissions to access: {operation}", 100, "ACCESS_DENIED")
        return member

    def check_version(self, request: Request) -> Response | None:
        """Only below /rest: there is no default version."""
        version = request.headers.get("linkedin-version", "")
        if not version:
            return envelope(400, "A version must be present. Please specify a version", code="VERSION_MISSING")
        if version not in self._switches["versions"]:
            return envelope(426, f"Requested version {version}01 is not active", code="NONEXISTENT_VERSION")
        return None

    def _refused(self, operation: str, token: Token) -> Response | None:
        if token.revoked:
            return _revoked()
        if token.status == "expired":
            return envelope(401, "The token used in the request has expired", 65602, "EXPIRED_ACCESS_TOKEN")
        if token.refreshed:
            self._tokens.settle(token)
            return _revoked() if self._operations.hits(operation, "just_refreshed_refused") else None
        return None


class People:
    """GET /v2/me."""

    scopes = frozenset({"r_basicprofile", "r_liteprofile"})

    def me(self, member: Member, _: Request) -> Response:
        locale = {"country": "CM", "language": "fr"}
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

    acl_scopes = frozenset({"rw_organization_admin", "r_organization_admin"})
    scopes = frozenset({"rw_organization_admin", "r_organization_admin", "r_organization_social"})

    def __init__(self, directory: Directory, switches: Switches) -> None:
        self._directory = directory
        self._switches = switches

    def acls(self, member: Member, request: Request) -> Response:
        query = request.query
        if query.get("q") != "roleAssignee":
            return envelope(400, f"Unknown finder: {query.get('q')}", code="ILLEGAL_ARGUMENT")
        if any(not query.get(name, "0").isdecimal() for name in ("start", "count")):
            return envelope(400, "start and count must be numbers", code="ILLEGAL_ARGUMENT")
        state = query.get("state", "APPROVED")
        elements = [
            self._acl(member, identifier, role)
            for identifier, role in member.roles.items()
            if query.get("role") in (None, role) and state == "APPROVED"
        ]
        return json_response(_page(elements, int(query.get("start", "0")), int(query.get("count", "10"))))

    def one(self, _: Member, request: Request) -> Response:
        organization = self._directory.organization(request.parameters["id"])
        if organization is None:
            return envelope(404, "Could not find organization", code="NOT_FOUND")
        return json_response(_shown(organization))

    def by_vanity_name(self, _: Member, request: Request) -> Response:
        if request.query.get("q") != "vanityName":
            return envelope(400, f"Unknown finder: {request.query.get('q')}", code="ILLEGAL_ARGUMENT")
        wanted = request.query.get("vanityName")
        found = [_shown(known) for known in self._directory.organizations() if known.vanity == wanted]
        return json_response(_page(found, 0, 10))

    def _acl(self, member: Member, identifier: int, role: str) -> dict[str, Any]:
        name = "organizationTarget" if self._switches["old_name"] else "organization"
        urn = f"urn:li:organization:{identifier}"
        return {name: urn, "role": role, "roleAssignee": member.urn, "state": "APPROVED"}


def _page(elements: Sequence[Mapping[str, Any]], start: int, count: int) -> dict[str, Any]:
    """Pages have at most 100 elements."""
    count = min(count, 100)
    paging = {"start": start, "count": count, "total": len(elements), "links": []}
    return {"elements": list(elements[start : start + count]), "paging": paging}


def _shown(organization: Organization) -> dict[str, Any]:
    return {
        "id": organization.id,
        "localizedName": organization.name,
        "vanityName": organization.vanity,
    }


def _revoked() -> Response:
    return envelope(401, "The token used in the request has been revoked by the user", 65601, "REVOKED_ACCESS_TOKEN")
