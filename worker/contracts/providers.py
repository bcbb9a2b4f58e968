"""Providers at which people connect accounts: addresses, scopes and flags of their authorisation, as data.

The API builds the address of a consent page from it; only the exchange of the code needs the provider's client.
Sources: Google "OAuth 2.0 for web server applications", Microsoft "OAuth 2.0 authorization code flow", LinkedIn
"Authorization code flow (3-legged OAuth)", Facebook "Manually build a login flow", X "OAuth 2.0 Authorization Code Flow
with PKCE".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from models.enums import IntegrationProvider, PostingChannel

AccountProviderName = Literal["linkedin", "google", "microsoft", "facebook", "x"]
ProviderKind: TypeAlias = IntegrationProvider | PostingChannel
GOOGLE_SCOPES = "https://www.googleapis.com/auth/"
SIXTY_DAYS = 5_184_000.0


@dataclass(frozen=True, slots=True)
class AccountTable:
    """Where accounts are kept. kind: the column that says at which provider, of `kinds`. document: a column of JSON
    that new rows need. subject: what a row is called in the audit log and in keys; ids of two tables are never taken
    for each other's.
    """

    name: Literal["integration_credentials", "channel_accounts"]
    kind: str
    kinds: type[IntegrationProvider] | type[PostingChannel]
    document: str
    subject: Literal["credential", "channel_account"]

    def stored(self, kind: ProviderKind) -> str:
        """What the column of kinds holds: a label of the main web app's enum type, or a plain word."""
        return kind.label if self.kinds is IntegrationProvider else kind.value

    def reference(self, row_id: int | None) -> dict[str, Any]:
        """A row in payloads and results: `credential_id` or `channel_account_id`."""
        return {f"{self.subject}_id": row_id}


CREDENTIALS = AccountTable("integration_credentials", "provider", IntegrationProvider, "provider_data", "credential")
CHANNEL_ACCOUNTS = AccountTable("channel_accounts", "channel", PostingChannel, "settings", "channel_account")
ACCOUNT_TABLES = (CREDENTIALS, CHANNEL_ACCOUNTS)
"""The main web app's table, and ours for what its enum of providers lacks."""


@dataclass(frozen=True, slots=True)
class AuthorisedProvider:
    """kind: in rows and answers. slug: in routes. name: of its client, settings, gate and limits. title: for people.
    registered_as: what our registration is called there (settings `<name>_<registered_as>_id`, `_secret`).

    per_company: one connection for the whole company instead of one for each of its recruiters.
    needed: of each group any one scope (in lower case) must have been granted for the connection to be of use.
    nonce: the consent page is asked for the SHA-256, in hexadecimal digits, of what `CodeAnswer` holds.
    identity: scopes that tell whose account it is, which are asked for whatever the settings say.
    parameters: of every consent page. choose: `prompt` where the person may choose an account; again: where a known one
    is to be connected anew. refresh_margin: seconds before the end at which a token is replaced. usual_life: seconds
    that a token is good for where the provider does not say; at LinkedIn and Google what the main web app assumes.
    unused_days: days after which a grant is used lest it end for want of use (Microsoft's do after 90 days, Google's
    and X's after half a year); None where that ends none.
    """

    kind: ProviderKind
    slug: str
    name: AccountProviderName
    title: str
    per_company: bool
    needed: tuple[frozenset[str], ...]
    identity: tuple[str, ...] = ()
    pkce: bool = False
    nonce: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    choose: str = ""
    again: str = ""
    refresh_margin: float = 300.0
    usual_life: float = 3_600.0
    unused_days: int | None = None
    registered_as: Literal["client", "app"] = "client"

    @property
    def table(self) -> AccountTable:
        return table_of(self.kind)

    @property
    def id_setting(self) -> str:
        return f"{self.name}_{self.registered_as}_id"

    @property
    def secret_setting(self) -> str:
        return f"{self.name}_{self.registered_as}_secret"


def table_of(kind: ProviderKind) -> AccountTable:
    return next(table for table in ACCOUNT_TABLES if isinstance(kind, table.kinds))


LINKEDIN = AuthorisedProvider(
    kind=IntegrationProvider.LINKEDIN,
    slug="linkedin",
    name="linkedin",
    title="LinkedIn",
    per_company=True,
    needed=(frozenset({"w_organization_social", "w_member_social"}),),
    usual_life=SIXTY_DAYS,
)
GOOGLE = AuthorisedProvider(
    kind=IntegrationProvider.GOOGLE_CALENDAR,
    slug="google-calendar",
    name="google",
    title="Google Calendar",
    per_company=False,
    needed=(frozenset({f"{GOOGLE_SCOPES}calendar", f"{GOOGLE_SCOPES}calendar.events"}),),
    identity=("openid", "email"),
    pkce=True,
    parameters={"access_type": "offline", "include_granted_scopes": "true"},
    choose="consent select_account",
    again="consent",
    unused_days=90,
)
MICROSOFT = AuthorisedProvider(
    kind=IntegrationProvider.OUTLOOK_CALENDAR,
    slug="outlook",
    name="microsoft",
    title="Outlook",
    per_company=False,
    needed=(frozenset({"calendars.readwrite"}),),
    identity=("openid", "profile"),
    pkce=True,
    nonce=True,
    parameters={"response_mode": "query"},
    choose="select_account",
    unused_days=30,
)
FACEBOOK = AuthorisedProvider(
    kind=PostingChannel.FACEBOOK,
    slug="facebook",
    name="facebook",
    title="Facebook",
    per_company=True,
    needed=(frozenset({"pages_show_list"}), frozenset({"pages_manage_posts"})),
    # Whoever refused a permission once is never asked for it again without this.
    parameters={"auth_type": "rerequest"},
    usual_life=SIXTY_DAYS,
    registered_as="app",
)
X = AuthorisedProvider(
    kind=PostingChannel.TWITTER,
    slug="twitter",
    name="x",
    title="X",
    per_company=True,
    needed=(frozenset({"tweet.write"}), frozenset({"tweet.read"}), frozenset({"users.read"})),
    pkce=True,
    usual_life=7_200.0,
    unused_days=90,
)

AUTHORISED: Mapping[ProviderKind, AuthorisedProvider] = {
    provider.kind: provider for provider in (LINKEDIN, GOOGLE, MICROSOFT, FACEBOOK, X)
}
CALENDARS: Mapping[ProviderKind, AuthorisedProvider] = {provider.kind: provider for provider in (GOOGLE, MICROSOFT)}
FREE_BUSY = frozenset({f"{GOOGLE_SCOPES}{name}" for name in ("calendar", "calendar.readonly", "calendar.freebusy")})
"""Google's scopes of which one is needed to ask when people are taken; Microsoft's `Calendars.ReadWrite` allows it."""
PROPOSALS = frozenset({"calendars.read.shared", "calendars.readwrite.shared"})
"""Microsoft's scopes of which one is needed to ask when people should meet; only organisations grant them."""


def provider_called(name: str) -> AuthorisedProvider:
    """A provider by any name of its kind. Raises ValueError."""
    for kind, provider in AUTHORISED.items():
        if kind.is_called(name):
            return provider
    known = ", ".join(provider.slug for provider in AUTHORISED.values())
    raise ValueError(f"There is no provider {name[:40]!r}; known are {known}.")
