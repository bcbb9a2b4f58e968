"""Who can sign in: people of organisations, guests, and people with an account of their own."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from sandbox.emulators.web import BadRequest

PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
_PERSONAL_DOMAINS = ("@outlook.com", "@hotmail.com", "@live.com", "@outlook.example")
KINDS = ("work", "personal", "guest")


@dataclass(frozen=True, slots=True)
class Account:
    """key: what it is called besides its address. tenant: GUID. time_zone: the mailbox's, an IANA or a Windows name."""

    key: str
    address: str
    name: str
    kind: str = "work"
    tenant: str = ""
    mailbox: bool = True
    teams: bool = True
    time_zone: str = "W. Central Africa Standard Time"

    @property
    def oid(self) -> str:
        return str(uuid5(NAMESPACE_DNS, self.address))

    def told(self) -> dict[str, Any]:
        return {
            "account": self.key,
            "address": self.address,
            "name": self.name,
            "kind": self.kind,
            "tenant": self.tenant,
            "oid": self.oid,
            "mailbox": self.mailbox,
            "teams": self.teams,
            "time_zone": self.time_zone,
        }


@dataclass(slots=True)
class Tenant:
    """An organisation. approved: per client id, the scopes that its administrator agreed to."""

    id: str
    domain: str
    user_consent: bool = True
    approved: dict[str, set[str]] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        approved = {client: sorted(scopes) for client, scopes in self.approved.items()}
        return {"id": self.id, "domain": self.domain, "user_consent": self.user_consent, "approved": approved}


class Directory:
    """Four people are there from the start: `work`, `personal`, `guest` (no mailbox) and `managed`.

    `managed` works where people may not consent to calendars themselves.
    """

    def __init__(self) -> None:
        self._guard = threading.RLock()
        self._accounts: dict[str, Account] = {}
        self._tenants: dict[str, Tenant] = {}
        self.put("work", {"address": "rh@exemple.cm", "name": "Awa Ndong"})
        self.put("personal", {"address": "awa.ndong@outlook.example", "name": "Awa Ndong", "kind": "personal"})
        self.put("guest", {"address": "invite@partenaire.example", "name": "Jean Mba", "kind": "guest"})
        self.put("managed", {"address": "rh@ministere.example", "name": "Marie Essono", "user_consent": False})

    def put(self, key: str, values: Mapping[str, Any]) -> Account:
        """Create or change: {address?, name?, kind?, tenant?, mailbox?, teams?, time_zone?, user_consent?}.

        tenant: the domain of the organisation; without it that of the address. A guest belongs to the
        organisation that invited it, by default the one of `work`.
        """
        known = {"address", "name", "kind", "tenant", "mailbox", "teams", "time_zone", "user_consent"}
        if set(values) - known or values.get("kind", "work") not in KINDS:
            raise BadRequest(f"an account has {', '.join(sorted(known))}; its kind is one of {', '.join(KINDS)}")
        with self._guard:
            account = self._changed(key, values)
            self._accounts[key] = account
            if "user_consent" in values:
                self._tenants[account.tenant].user_consent = bool(values["user_consent"])
            return account

    def _changed(self, key: str, values: Mapping[str, Any]) -> Account:
        members = {name: value for name, value in values.items() if name not in {"tenant", "user_consent"}}
        before = self._accounts.get(key)
        if before is not None and not {"kind", "address", "tenant"} & set(values):
            return replace(before, **members)
        kind = str(values.get("kind", before.kind if before else "work"))
        address = str(values.get("address", before.address if before else key))
        own = {"name": address.partition("@")[0], "mailbox": kind != "guest", "teams": kind == "work"}
        tenant = self._tenant_for(kind, str(values.get("tenant") or address.rpartition("@")[2]), values)
        return Account(key=key, tenant=tenant, **{**own, **members, "kind": kind, "address": address})

    def _tenant_for(self, kind: str, domain: str, values: Mapping[str, Any]) -> str:
        if kind == "personal":
            self._tenants.setdefault(PERSONAL_TENANT, Tenant(PERSONAL_TENANT, "consumers"))
            return PERSONAL_TENANT
        if kind == "guest" and not values.get("tenant"):
            return self._accounts["work"].tenant
        tenant = Tenant(str(uuid5(NAMESPACE_DNS, domain)), domain)
        return self._tenants.setdefault(tenant.id, tenant).id

    def get_or_make(self, name: str) -> Account:
        """By key or address. An unknown address becomes an account: personal at Microsoft's own domains, else work."""
        with self._guard:
            account = self.get(name)
            if account is None and "@" not in name:
                raise BadRequest(f"an account is an e-mail address, or one of {', '.join(self._accounts)}")
            kind = "personal" if name.casefold().endswith(_PERSONAL_DOMAINS) else "work"
            return account or self.put(name, {"kind": kind})

    def get(self, name: str) -> Account | None:
        with self._guard:
            return self._accounts.get(name) or self.by_address(name)

    def by_address(self, address: str) -> Account | None:
        with self._guard:
            wanted = address.casefold()
            return next((account for account in self._accounts.values() if account.address.casefold() == wanted), None)

    def all(self) -> Sequence[Account]:
        with self._guard:
            return list(self._accounts.values())

    def tenants(self) -> Sequence[Tenant]:
        """Organisations only."""
        with self._guard:
            return [tenant for tenant in self._tenants.values() if tenant.id != PERSONAL_TENANT]

    def closed(self) -> Tenant:
        """The first organisation that keeps its people from consenting, else the first of all."""
        tenants = self.tenants()
        return next((tenant for tenant in tenants if not tenant.user_consent), tenants[0])

    def tenant(self, name: str) -> Tenant | None:
        """By GUID or domain."""
        with self._guard:
            return next((tenant for tenant in self._tenants.values() if name in (tenant.id, tenant.domain)), None)

    def approve(self, tenant: Tenant, client_id: str, scopes: set[str]) -> None:
        with self._guard:
            tenant.approved.setdefault(client_id, set()).update(scopes)
