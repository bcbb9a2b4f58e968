"""LinkedIn members, and the organisations in which they have a role."""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.emulators.web import BadRequest

ADMINISTRATOR = "ADMINISTRATOR"
POSTING_ROLES = (ADMINISTRATOR, "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER")
ROLES = (*POSTING_ROLES, "ANALYST", "CURATOR", "RECRUITING_POSTER")


@dataclass(frozen=True, slots=True)
class Organization:
    id: int
    name: str
    vanity: str

    @property
    def urn(self) -> str:
        return f"urn:li:organization:{self.id}"


@dataclass(slots=True)
class Member:
    """roles: organisation's id to role. An e-mail address names the member to the emulator, never to applications."""

    email: str
    first: str
    last: str
    roles: dict[int, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return hashlib.sha256(self.email.encode()).hexdigest()[:10]

    @property
    def urn(self) -> str:
        return f"urn:li:person:{self.id}"

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()

    def shown(self) -> dict[str, Any]:
        roles = [{"organization": identifier, "role": role} for identifier, role in self.roles.items()]
        return {"email": self.email, "id": self.id, "first": self.first, "last": self.last, "roles": roles}


_ORGANIZATIONS = (
    Organization(2414183, "Exemple SA", "exemple-sa"),
    Organization(5515715, "Exemple Conseil", "exemple-conseil"),
)
# One page, two pages to choose from, and none.
_MEMBERS = (
    Member("rh@exemple.cm", "Awa", "Ndiaye", {2414183: ADMINISTRATOR}),
    Member("direction@exemple.cm", "Paul", "Essomba", {2414183: ADMINISTRATOR, 5515715: ADMINISTRATOR}),
    Member("perso@gmail.com", "Jeanne", "Moussa"),
)


class Directory:
    """Every member and organisation."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._organizations = {organization.id: organization for organization in _ORGANIZATIONS}
        self._members = {
            member.email: Member(member.email, member.first, member.last, dict(member.roles)) for member in _MEMBERS
        }

    def members(self) -> list[Member]:
        with self._guard:
            return list(self._members.values())

    def member(self, email: str) -> Member | None:
        return self._members.get(email.strip().lower())

    def get_or_make(self, email: str) -> Member:
        """An unknown address becomes a member without any role."""
        email = email.strip().lower()
        if "@" not in email:
            raise BadRequest(f"an account is an e-mail address, not {email!r}")
        with self._guard:
            return self._members.setdefault(email, Member(email, email.partition("@")[0].capitalize(), ""))

    def organizations(self) -> list[Organization]:
        with self._guard:
            return list(self._organizations.values())

    def name_of(self, urn: str) -> str | None:
        """An organisation's or a member's."""
        with self._guard:
            names = {organization.urn: organization.name for organization in self._organizations.values()}
            names |= {member.urn: member.name for member in self._members.values()}
        return names.get(urn)

    def organization(self, identifier: str) -> Organization | None:
        return self._organizations.get(int(identifier)) if identifier.isdecimal() else None

    def change(self, email: str, wishes: Mapping[str, Any]) -> Member:
        """{first?, last?, roles?: [{organization, role?, name?}]}: organisations that are not known are made."""
        if unknown := sorted(set(wishes) - {"first", "last", "roles"}):
            raise BadRequest(f"a member has first, last and roles, not {', '.join(unknown)}")
        member = self.get_or_make(email)
        roles = [self._role(entry) for entry in wishes.get("roles", ())]
        with self._guard:
            member.first = wishes.get("first", member.first)
            member.last = wishes.get("last", member.last)
            if "roles" in wishes:
                member.roles = dict(roles)
        return member

    def _role(self, entry: Mapping[str, Any]) -> tuple[int, str]:
        identifier, role = entry.get("organization"), entry.get("role", ADMINISTRATOR)
        if not isinstance(identifier, int) or role not in ROLES:
            raise BadRequest(f"a role is {{organization: number, role: one of {', '.join(ROLES)}}}, not {entry!r}")
        name = str(entry.get("name") or f"Organisation {identifier}")
        with self._guard:
            known = self._organizations.get(identifier)
            if known is None or entry.get("name"):
                self._organizations[identifier] = Organization(identifier, name, name.lower().replace(" ", "-"))
        return identifier, role
