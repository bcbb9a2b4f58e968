"""What `intowork doctor --providers` looks at: our apps and keys at each provider, and tokens of connected accounts.

Every question is harmless, is asked of all providers at once, and has `PATIENCE` seconds; nothing secret is shown.
"""

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import psycopg
import sqlalchemy.exc
from pydantic import SecretStr

from worker.cli_kit import Finding, database_sentence, transaction
from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.contracts.providers import ACCOUNT_TABLES, AUTHORISED, LINKEDIN, AuthorisedProvider
from worker.kit.crypto import NoEncryptionKey, UnreadableToken
from worker.kit.errors import RunError
from worker.kit.settings import Settings
from worker.services.integrations import authorising, credentials, unreadable
from worker.services.integrations.vault import TokenVault
from worker.wiring import Wiring

PATIENCE = 20.0
MOST_NAMED = 10
_GUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_NO_TOKEN = "none"  # noqa: S105 - it is none
Question = Callable[[Wiring], str]
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Shape:
    """What a setting has to look like where `address`, a setting too, is the provider's own. wrong: what to do else."""

    address: str
    pattern: str
    wrong: str


SHAPES: Mapping[str, Shape] = {
    "google_client_id": Shape(
        "google_token_url",
        r"[0-9]+-[0-9a-z]+\.apps\.googleusercontent\.com",
        "Google's client ids end in .apps.googleusercontent.com: copy it again from Clients in Google's console.",
    ),
    "google_client_secret": Shape(
        "google_token_url",
        r"GOCSPX-[\w-]{10,}|[\w-]{24}",
        "Google's client secrets begin with GOCSPX-: copy it again from Clients in Google's console.",
    ),
    "microsoft_client_id": Shape(
        "microsoft_authority", _GUID, "It is the application (client) id of the app's registration, a GUID."
    ),
    "microsoft_client_secret": Shape(
        "microsoft_authority",
        rf"(?!{_GUID}$)\S{{16,}}",
        "It is the secret's value, which Entra shows once, and neither its id nor the tenant's.",
    ),
    "linkedin_client_id": Shape(
        "linkedin_token_url", r"[0-9a-z]{10,20}", "Copy it again from Auth in LinkedIn's developer portal."
    ),
    "linkedin_client_secret": Shape(
        "linkedin_token_url", r"\S{16,}", "Copy it again from Auth in LinkedIn's developer portal."
    ),
    "facebook_app_id": Shape(
        "facebook_api_url",
        r"[0-9]{10,20}",
        "Copy the app's id, digits only, again from Basic settings at Meta for Developers.",
    ),
    "facebook_app_secret": Shape(
        "facebook_api_url",
        r"[0-9a-f]{32}",
        "Copy the app's secret again from Basic settings at Meta for Developers.",
    ),
    "x_client_id": Shape(
        "x_api_url", r"[\w-]{20,60}", "It is the OAuth 2.0 client id of X's console, not the API key beside it."
    ),
    "x_client_secret": Shape(
        "x_api_url", r"[\w-]{40,80}", "It is the OAuth 2.0 client secret of X's console, not the API key's secret."
    ),
    "resend_api_key": Shape(
        "resend_api_url", r"re_\w{8,}", "Resend's keys begin with re_: make one on its dashboard, API Keys."
    ),
    "anthropic_api_key": Shape(
        "anthropic_base_url", r"sk-ant-[\w-]{8,}", "Anthropic's keys begin with sk-ant-: make one in its console."
    ),
}
CONSOLES: Mapping[str, str] = {
    "google": "Google's console, Clients, Authorised redirect URIs",
    "microsoft": "Entra, App registrations, Authentication, platform Web",
    "linkedin": "LinkedIn's developer portal, Auth, Authorized redirect URLs",
    "facebook": "Meta for Developers, Facebook Login, Settings, Valid OAuth Redirect URIs",
    "x": "X's developer console, User authentication settings, Callback URI",
}


def examine(settings: Settings) -> list[Finding]:
    """In the order: what is set, where people come back to, what the providers say, what is stored."""
    apps = [each for each in AUTHORISED.values() if _has_app(settings, each)]
    return [
        *_shapes(settings),
        *(finding for each in apps for finding in _app(settings, each)),
        *_asked(settings, _questions(settings, apps)),
        *_stored_tokens(settings),
    ]


def addresses(settings: Settings) -> list[str]:
    """The addresses that have to be registered, as they are to be typed."""
    apps = [each for each in AUTHORISED.values() if _has_app(settings, each)]
    if not apps:
        return ["No app of Google, Microsoft, LinkedIn, Facebook or X is set: nobody can connect an account there."]
    lines = ["Register these addresses letter for letter:"]
    return [*lines, *(f"  {CONSOLES[each.name]}:\n    {_redirect(settings, each)}" for each in apps)]


def _has_app(settings: Settings, provider: AuthorisedProvider) -> bool:
    return any(_value(settings, name) for name in _registration(provider))


def _registration(provider: AuthorisedProvider) -> tuple[str, str]:
    return provider.id_setting, provider.secret_setting


def _value(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return (value.get_secret_value() if isinstance(value, SecretStr) else value or "").strip()


def _redirect(settings: Settings, provider: AuthorisedProvider) -> str:
    return settings.redirect_uri(provider.slug, getattr(settings, f"{provider.name}_redirect_uri"))


def _shapes(settings: Settings) -> list[Finding]:
    """Not of emulators, which take anything."""
    return [
        Finding(name.upper(), well=False, sentence=f"It has not the form that it should have. {shape.wrong}")
        for name, shape in SHAPES.items()
        if (value := _value(settings, name))
        and getattr(settings, shape.address) == Settings.model_fields[shape.address].default
        and not re.fullmatch(shape.pattern, value)
    ]


def _app(settings: Settings, provider: AuthorisedProvider) -> list[Finding]:
    missing = [name for name in _registration(provider) if not _value(settings, name)]
    wanted = frozenset(getattr(settings, f"{provider.name}_scopes").lower().split())
    findings = [
        Finding(name.upper(), well=False, sentence=f"Not set: nobody connects {provider.title}.") for name in missing
    ]
    if authorising.missing_access(provider, wanted):
        needed = " and ".join(" or ".join(sorted(group)) for group in provider.needed if not group & wanted)
        sentence = f"Without {needed} nobody can connect {provider.title}: add it, at the provider's console too."
        findings.append(Finding(f"{provider.name.upper()}_SCOPES", well=False, sentence=sentence))
    fault = _fault_of(_redirect(settings, provider), f"/api/integrations/{provider.slug}/callback")
    if fault:
        findings.append(Finding(f"{provider.name.upper()}_REDIRECT_URI", well=False, sentence=fault))
    return findings


def _fault_of(address: str, path: str) -> str | None:
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in _LOCAL:
        return "It has to begin with https://: providers send people back to nothing else."
    if parts.path != path or parts.query or parts.fragment:
        return f"It has to end in {path} and hold nothing after it: no other address of ours takes people back."
    return None


def _questions(settings: Settings, apps: Sequence[AuthorisedProvider]) -> dict[str, Question]:
    """By provider: what to ask, answered with a sentence. A setting that is missing is told elsewhere."""
    asked: dict[str, Question] = {each.title: partial(_ask_of_app, each) for each in apps if _complete(settings, each)}
    if LINKEDIN in apps and _complete(settings, LINKEDIN):
        asked["LinkedIn API"] = _ask_for_version
    if _value(settings, "resend_api_key"):
        asked["Resend"] = lambda wiring: wiring.email().check(settings.from_email)
    if _value(settings, "anthropic_api_key"):
        asked["Anthropic"] = lambda wiring: wiring.writer().check()
    return asked


def _ask_of_app(provider: AuthorisedProvider, wiring: Wiring) -> str:
    wiring.accounts(provider.name).check(_redirect(wiring.settings, provider))
    return "It answers and takes our app, as far as it tells that without a person."


def _ask_for_version(wiring: Wiring) -> str:
    """Raises Misconfigured where LinkedIn refuses the version. Only a connected account gets to what it asks for."""
    version, token = wiring.settings.linkedin_api_version, _linkedin_token(wiring.settings)
    try:
        places = wiring.network(LINKEDIN.name).targets(token or _NO_TOKEN)
    except (AccessRefused, ScopeMissing):
        return f"It does not refuse version {version}, as far as it tells that without an account that may post."
    return f"It takes version {version}. Pages at which the account that was connected last may post: {len(places)}."


def _linkedin_token(settings: Settings) -> str | None:
    try:
        with transaction(settings) as connection:
            known = credentials.newest_in_use(connection, LINKEDIN.kind)
        return TokenVault(settings).open(known.access_token) if known else None
    except (sqlalchemy.exc.DBAPIError, psycopg.Error, NoEncryptionKey, UnreadableToken):
        return None


def _complete(settings: Settings, provider: AuthorisedProvider) -> bool:
    return all(_value(settings, name) for name in _registration(provider))


def _asked(settings: Settings, questions: Mapping[str, Question]) -> list[Finding]:
    """All at once; whoever has not answered in time is left behind."""
    answers: dict[str, Finding] = {}

    def note(name: str, ask: Question) -> None:
        with closing(Wiring(settings)) as wiring:
            try:
                answers[name] = Finding(name, well=True, sentence=ask(wiring))
            except RunError as error:
                answers[name] = Finding(name, well=False, sentence=str(error))

    threads = [threading.Thread(target=note, args=each, daemon=True) for each in questions.items()]
    until = time.monotonic() + PATIENCE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0.0))
    late = f"It did not answer within {PATIENCE:.0f} s. Try again, and look at the way to it (proxy, firewall, DNS)."
    return [answers.get(name) or Finding(name, well=False, sentence=late) for name in questions]


def _stored_tokens(settings: Settings) -> list[Finding]:
    try:
        return [_readable(settings)]
    except (sqlalchemy.exc.DBAPIError, psycopg.Error) as error:
        return [Finding("stored tokens", well=False, sentence=database_sentence(error))]


def _readable(settings: Settings) -> Finding:
    """As many rows as the time allows."""
    vault, until = TokenVault(settings), time.monotonic() + PATIENCE
    rows, closed, whole = 0, list[str](), True
    with transaction(settings) as connection:
        for table in ACCOUNT_TABLES:
            after: int | None = 0
            while after is not None and time.monotonic() < until:
                page = unreadable.look(connection, vault, table, after=after)
                rows, after = rows + page.rows, page.after
                closed += [f"{table.name} {each}" for each in page.unreadable]
            whole = whole and after is None
    seen = f"the tokens of {'all' if whole else 'the first'} {rows} connected accounts"
    if not closed:
        return Finding("stored tokens", well=True, sentence=f"Our keys open {seen}.")
    named = ", ".join(closed[:MOST_NAMED]) + (f" and {len(closed) - MOST_NAMED} more" if closed[MOST_NAMED:] else "")
    sentence = (
        f"No key opens {len(closed)} of {seen} ({named}). Put the key that is gone back into "
        "TOKEN_ENCRYPTION_KEYS (or ENCRYPTION_KEY, for rows of the main web app), or ask their owners to connect again."
    )
    return Finding("stored tokens", well=False, sentence=sentence)
