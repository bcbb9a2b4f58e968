"""A person agrees on a provider's page, and the browser comes back with a code."""

import base64
import hashlib
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.factories.emulators import AccountEmulator
from worker.contracts.accounts import CodeAnswer

CLIENT_ID, CLIENT_SECRET = "client.test", "secret-of-the-app"
REDIRECT_URI = "https://platform.example.org/api/integrations/callback"
VERIFIER = "v" * 64


def agreed(
    emulator: AccountEmulator,
    auth_url: str,
    scopes: str,
    *,
    account: str,
    ticked: list[str] | None = None,
    pkce: bool = False,
    **parameters: str,
) -> CodeAnswer:
    """ticked: the scopes to which the person agrees; None: all."""
    query = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI, "response_type": "code", "scope": scopes}
    query |= {"state": "s", **parameters}
    if pkce:
        digest = hashlib.sha256(VERIFIER.encode()).digest()
        query["code_challenge"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        query["code_challenge_method"] = "S256"
    wishes = {} if ticked is None else {"scopes": ticked}
    location = emulator.authorize(f"{auth_url}?{urlencode(query)}", account, **wishes)
    assert location is not None
    answered = dict(parse_qsl(urlsplit(location).query))
    return CodeAnswer(
        code=answered["code"],
        redirect_uri=REDIRECT_URI,
        scopes=tuple(scopes.split()),
        state="s",
        verifier=VERIFIER if pkce else None,
        parameters=answered,
    )
