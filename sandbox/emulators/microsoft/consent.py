"""What becomes of a visit to the authorize and administrator's pages."""

import base64
import json
import threading
from collections.abc import Mapping, Sequence
from uuid import uuid4

from sandbox.emulators.microsoft import scopes
from sandbox.emulators.microsoft.accounts import Account, Directory, Tenant
from sandbox.emulators.microsoft.identity_errors import KINDS, Refused, description
from sandbox.emulators.microsoft.registration import Registration
from sandbox.emulators.microsoft.tokens import Tokens
from sandbox.emulators.oauth import redirect
from sandbox.emulators.switches import Switches

Query = Mapping[str, str]


class Consent:
    def __init__(self, directory: Directory, tokens: Tokens, switches: Switches, registration: Registration) -> None:
        self._directory = directory
        self._tokens = tokens
        self._switches = switches
        self._registration = registration
        self._guard = threading.Lock()
        self._given: dict[tuple[str, str], set[str]] = {}

    def check(self, query: Query, tenant: str) -> None:
        """Raises what is shown on the authorize page itself."""
        self._registration.check_page(query, tenant)
        self.check_tenant(tenant)
        if query.get("response_type") != "code":
            raise Refused(700054)
        if query.get("response_mode", "query") not in ("query", "fragment"):
            raise Refused(900144, f"response_mode {query['response_mode']!r} is not emulated.")
        scopes.read(query["scope"])

    def check_tenant(self, tenant: str) -> None:
        if tenant not in ("common", "organizations", "consumers") and self._directory.tenant(tenant) is None:
            raise Refused(90002, f"Tenant '{tenant}' not found.")

    def people(self, tenant: str) -> Sequence[Account]:
        """Whom the page offers."""
        return [account for account in self._directory.all() if self._belongs(account, tenant)]

    def known(self, query: Query, tenant: str, signed_in: str | None) -> Account | None:
        """Who it is without asking: the hint's account, else the browser's, unless `prompt` wants a choice."""
        named = query.get("login_hint") or signed_in
        account = self._directory.get(named) if named else None
        choose = {"select_account", "login"} & set(query.get("prompt", "").split())
        return account if account and not choose and self._belongs(account, tenant) else None

    def check_account(self, account: Account, tenant: str) -> None:
        if not self._belongs(account, tenant):
            raise Refused(50020)

    def silent(self, query: Query, tenant: str, signed_in: str | None) -> str | None:
        """Where the browser goes without being shown a page; None when somebody must decide."""
        prompts = query.get("prompt", "").split()
        if {"select_account", "login", "consent"} & set(prompts):
            return None
        account = self.known(query, tenant, signed_in)
        if account and signed_in and account == self._directory.get(signed_in):
            asked = scopes.of_graph(scopes.read(query["scope"]))
            if asked <= self._given.get((account.key, query["client_id"]), set()):
                return self.accepted(query, tenant, account)
        return self.refused(query, 50058) if "none" in prompts else None

    def accepted(self, query: Query, tenant: str, account: Account, granted: Sequence[str] | None = None) -> str:
        """Where the browser goes once the account agreed. granted: the scopes, when not all that were asked."""
        self.check_account(account, tenant)
        asked = scopes.read(query["scope"])
        if self._needs_administrator(query, account, asked):
            return self.refused(query, int(self._switches["consent_error"]))
        names = list(granted or self._switches["scopes"] or asked)
        given = scopes.for_personal(names) if account.kind == "personal" else names
        with self._guard:
            self._given.setdefault((account.key, query["client_id"]), set()).update(scopes.of_graph(given))
        members = {"code": self._tokens.code(account, query, given), "session_state": str(uuid4())}
        if query.get("client_info") == "1":
            members["client_info"] = client_info(account)
        return self._location(query, members)

    def refused(self, query: Query, number: int) -> str:
        kind = KINDS[number]
        error = "consent_required" if kind.suberror == "consent_required" else kind.error
        return self._location(query, {"error": error, "error_description": description(number, kind.text)})

    def organisations(self, tenant: str) -> Sequence[Tenant]:
        """Those whose administrators the page offers."""
        named = self._directory.tenant(tenant)
        if named is not None:
            return [named]
        self.check_tenant(tenant)
        return self._directory.tenants()

    def check_administrator(self, query: Query, tenant: str) -> None:
        self._registration.check_page(query, "")
        self.organisations(tenant)
        scopes.read(query["scope"])

    def approved(self, query: Query, tenant: str, organisation: Tenant) -> str:
        """No code: the approval signs nobody in."""
        self._check_organisation(tenant, organisation)
        names = scopes.read(query["scope"])
        self._directory.approve(organisation, query["client_id"], scopes.of_graph(names))
        members = {"admin_consent": "True", "tenant": organisation.id, "scope": scopes.written(names, urls=True)}
        return self._location(query, members)

    def disapproved(self, query: Query, tenant: str, organisation: Tenant) -> str:
        """As documented: `admin_consent=True` stands beside the error."""
        self._check_organisation(tenant, organisation)
        text = description(65004, "The resource owner or authorization server denied the request.")
        error = {"error": "consent_required", "error_description": text}
        return self._location(query, {**error, "admin_consent": "True", "tenant": organisation.id})

    def _check_organisation(self, tenant: str, organisation: Tenant) -> None:
        if organisation not in self.organisations(tenant):
            raise Refused(50020)

    def _needs_administrator(self, query: Query, account: Account, asked: Sequence[str]) -> bool:
        wanted = scopes.restricted(asked)
        tenant = self._directory.tenant(account.tenant)
        if account.kind == "personal" or tenant is None or not wanted:
            return False
        if tenant.user_consent and self._switches["consent"] != "administrator":
            return False
        approved = tenant.approved.get(query["client_id"], set())
        # Whoever is made to consent again is asked for what only an administrator may give.
        return "consent" in query.get("prompt", "").split() or not wanted <= approved

    def _belongs(self, account: Account, tenant: str) -> bool:
        if tenant == "common":
            return True
        if tenant in ("organizations", "consumers"):
            return (account.kind == "personal") == (tenant == "consumers")
        named = self._directory.tenant(tenant)
        return named is not None and named.id == account.tenant

    def _location(self, query: Query, members: Mapping[str, str]) -> str:
        told = {**members, "state": query.get("state")}
        if query.get("response_mode") != "fragment":
            return redirect(query["redirect_uri"], told)
        return f"{query['redirect_uri']}#{redirect('', told).removeprefix('?')}"


def client_info(account: Account) -> str:
    """Who signed in, as MSAL wants to be told: base64url of {uid, utid}."""
    text = json.dumps({"uid": account.oid, "utid": account.tenant}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
