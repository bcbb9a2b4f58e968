"""Providers at which people connect accounts: addresses, scopes and flags of their authorisation, as data.

The API builds the address of a consent page from it; only the exchange of the code needs the provider's client.
Sources: Google "OAuth 2.0 for web server applications", Microsoft "OAuth 2.0 authorization code flow", LinkedIn
"Authorization code flow (3-legged OAuth)".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from models.enums import IntegrationProvider

AccountProviderName = Literal["linkedin", "google", "microsoft", "facebook", "x"]
GOOGLE_SCOPES = "https://www.googleapis.com/auth/"


@dataclass(frozen=True, slots=True)
class AuthorisedProvider:
    """kind: in rows and answers. slug: in routes. name: of its client, settings, gate and limits. title: for people.

    per_company: one connection for the whole company instead of one for each of its recruiters.
    needed: of each group any one scope (in lower case) must have been granted for the connection to be of use.
    nonce: the consent page is asked for the SHA-256, in hexadecimal digits, of what `CodeAnswer` holds.
    identity: scopes that tell whose account it is, which are asked for whatever the settings say.
    parameters: of every consent page. choose: `prompt` where the person may choose an account; again: where a known one
    is to be connected anew. refresh_margin: seconds before the end at which a token is replaced.
    """

    kind: IntegrationProvider
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


LINKEDIN = AuthorisedProvider(
    kind=IntegrationProvider.LINKEDIN,
    slug="linkedin",
    name="linkedin",
    title="LinkedIn",
    per_company=True,
    needed=(frozenset({"w_organization_social", "w_member_social"}),),
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
)

AUTHORISED: Mapping[IntegrationProvider, AuthorisedProvider] = {
    provider.kind: provider for provider in (LINKEDIN, GOOGLE, MICROSOFT)
}
CALENDARS: Mapping[IntegrationProvider, AuthorisedProvider] = {
    provider.kind: provider for provider in (GOOGLE, MICROSOFT)
}
FREE_BUSY = frozenset({f"{GOOGLE_SCOPES}{name}" for name in ("calendar", "calendar.readonly", "calendar.freebusy")})
"""Google's scopes of which one is needed to ask when people are taken; Microsoft's `Calendars.ReadWrite` allows it."""
PROPOSALS = frozenset({"calendars.read.shared", "calendars.readwrite.shared"})
"""Microsoft's scopes of which one is needed to ask when people should meet; only organisations grant them."""
