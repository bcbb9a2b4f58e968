"""In whose name the holder of a token may post, read and count. Source: LinkedIn, "Posts API", permissions."""

from dataclasses import dataclass

from sandbox.emulators.linkedin.errors import Refused, access_denied, envelope
from sandbox.emulators.linkedin.members import ADMINISTRATOR, POSTING_ROLES, Member

ORGANIZATION = "urn:li:organization:"
WRITING = frozenset({"w_organization_social", "w_member_social"})
READING = frozenset({"r_organization_social", "r_member_social"})
COUNTING = frozenset({"rw_organization_admin", "r_organization_admin"})


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token it is, what was granted with it, and to which application."""

    member: Member
    scopes: frozenset[str]
    client: str

    def writes_as(self, author: str, operation: str) -> None:
        """Raises Refused where the holder may not post in the name of this author."""
        if author == self.member.urn:
            self._needs("w_member_social", operation)
            return
        if author.startswith(ORGANIZATION) and "w_organization_social" not in self.scopes:
            message = "Organization permissions must be used when using organization as author"
            raise Refused(envelope(400, message, code="ILLEGAL_ARGUMENT"))
        self._has_role(author, POSTING_ROLES, operation)

    def reads(self, author: str, operation: str) -> None:
        if author == self.member.urn:
            self._needs("r_member_social", operation)
            return
        self._needs("r_organization_social", operation)
        self._has_role(author, POSTING_ROLES, operation)

    def counts(self, organization: str, operation: str) -> None:
        self._has_role(organization, (ADMINISTRATOR,), operation)

    def _needs(self, scope: str, operation: str) -> None:
        if scope not in self.scopes:
            raise Refused(access_denied(operation))

    def _has_role(self, organization: str, roles: tuple[str, ...], operation: str) -> None:
        """Nobody has a role in another person."""
        number = organization.removeprefix(ORGANIZATION)
        if not number.isdecimal() or self.member.roles.get(int(number)) not in roles:
            raise Refused(access_denied(operation))
