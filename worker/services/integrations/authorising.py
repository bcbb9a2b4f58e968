"""The addresses of consent pages, built from data: nothing is asked of a provider here."""

import base64
import hashlib
from dataclasses import dataclass, field
from urllib.parse import urlencode

from worker.contracts.providers import AuthorisedProvider
from worker.kit.settings import Settings
from worker.services.integrations import reasons
from worker.services.integrations.states import Begun
from worker.services.integrations.vault import TokenVault

GRAPH = "https://graph.microsoft.com/"
# Microsoft: an administrator has to agree for the whole organisation (error codes AADSTS90094, 900941 and 65001).
APPROVAL_CODES = ("AADSTS90094", "AADSTS900941", "AADSTS65001")
EVERY_ORGANISATION = "organizations"
SHARED_TENANTS = frozenset({"common", "consumers", EVERY_ORGANISATION})


@dataclass(frozen=True, slots=True)
class Registration:
    """Our app at a provider, from the settings."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    authorise_url: str
    complete: bool = field(default=True)


def registration(settings: Settings, provider: AuthorisedProvider) -> Registration | None:
    """None when client id or secret is not set, or no key that could seal what the provider gives."""
    client_id: str | None = getattr(settings, provider.id_setting)
    secret = getattr(settings, provider.secret_setting)
    if not (client_id and client_id.strip() and secret and secret.get_secret_value().strip()):
        return None
    if settings.token_encryption_keys is None or not TokenVault(settings).can_seal(provider.kind):
        return None
    return Registration(
        client_id.strip(),
        settings.redirect_uri(provider.slug, getattr(settings, f"{provider.name}_redirect_uri")),
        tuple(getattr(settings, f"{provider.name}_scopes").split()),
        _authorise_url(settings, provider),
    )


def _authorise_url(settings: Settings, provider: AuthorisedProvider) -> str:
    if provider.name == "microsoft":
        return f"{settings.microsoft_authority.rstrip('/')}/{settings.microsoft_tenant_id}/oauth2/v2.0/authorize"
    url: str = getattr(settings, f"{provider.name}_auth_url")
    return url


def consent_address(
    provider: AuthorisedProvider, ours: Registration, begun: Begun, *, known_account: str | None
) -> str:
    """Where the browser goes. known_account: the address of the account that is to be connected again; without one the
    person may choose.
    """
    values = {
        "response_type": "code",
        "client_id": ours.client_id,
        "redirect_uri": ours.redirect_uri,
        "scope": " ".join(dict.fromkeys((*provider.identity, *ours.scopes))),
        "state": begun.state,
        **provider.parameters,
    }
    prompt = provider.again if known_account else provider.choose
    if prompt:
        values["prompt"] = prompt
    if known_account and provider.identity and "@" in known_account:
        values["login_hint"] = known_account
    if provider.pkce:
        values |= {"code_challenge": challenge(begun.verifier), "code_challenge_method": "S256"}
    if provider.nonce:
        values["nonce"] = hashlib.sha256(begun.nonce.encode()).hexdigest()
    return f"{ours.authorise_url}?{urlencode(values)}"


def challenge(verifier: str) -> str:
    """RFC 7636, method S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def approval_address(settings: Settings, ours: Registration, state: str) -> str:
    """The page on which an administrator of a Microsoft organisation agrees for all of its people."""
    tenant = settings.microsoft_tenant_id
    tenant = EVERY_ORGANISATION if tenant in SHARED_TENANTS else tenant
    scopes = [each for each in ours.scopes if each != "offline_access"]
    values = {
        "client_id": ours.client_id,
        "scope": " ".join(each if "/" in each else f"{GRAPH}{each}" for each in scopes),
        "redirect_uri": ours.redirect_uri,
        "state": state,
    }
    return f"{settings.microsoft_authority.rstrip('/')}/{tenant}/v2.0/adminconsent?{urlencode(values)}"


def needs_approval(provider: AuthorisedProvider, error: str, description: str) -> bool:
    """Whether a refused consent means that only an administrator may agree."""
    if provider.name != "microsoft":
        return False
    return error == "consent_required" or description.lstrip().startswith(APPROVAL_CODES)


def missing_access(provider: AuthorisedProvider, granted: frozenset[str]) -> str | None:
    """Why what was granted is of no use; None when it is of use."""
    if all(granted & group for group in provider.needed):
        return None
    return reasons.in_english(reasons.not_granted(provider), provider)
