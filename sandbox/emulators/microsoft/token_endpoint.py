"""POST /{tenant}/oauth2/v2.0/token: codes and refresh tokens become tokens."""

import base64
import random
import time
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.microsoft import scopes
from sandbox.emulators.microsoft.accounts import Account, Directory
from sandbox.emulators.microsoft.consent import client_info
from sandbox.emulators.microsoft.identity_errors import Refused
from sandbox.emulators.microsoft.registration import Registration
from sandbox.emulators.microsoft.tokens import Grant, Pair, Tokens
from sandbox.emulators.oauth import unsigned_jwt
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Response, json_response

Form = Mapping[str, str]
_SHORTEST, _LONGEST = 3600, 5400


class TokenEndpoint:
    def __init__(self, directory: Directory, tokens: Tokens, switches: Switches, registration: Registration) -> None:
        self._directory = directory
        self._tokens = tokens
        self._switches = switches
        self._registration = registration

    def operation(self, form: Form) -> str:
        return "token.refresh" if form.get("grant_type") == "refresh_token" else "token.code"

    def answer(self, form: Form) -> Response:
        """Raises Refused."""
        self._registration.check_client(form)
        grant_type = form.get("grant_type")
        if grant_type == "authorization_code":
            grant = self._tokens.redeem(form)
            pair = self._tokens.pair(grant, self._switches["scopes"] or grant.scopes, self._lifetime())
        elif grant_type == "refresh_token":
            pair = self._refreshed(form)
        else:
            raise Refused(70003)
        return json_response(self._told(pair, form), headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    def _refreshed(self, form: Form) -> Pair:
        value, client_id = form.get("refresh_token", ""), form["client_id"]
        grant, asked = self._tokens.refreshable(value, client_id), scopes.read(form.get("scope", ""))
        granted = self._switches["scopes"] or scopes.narrowed(asked, grant.scopes)
        if self._switches["same_token"]:
            return self._tokens.same(value)
        return self._tokens.rotate(value, client_id, granted, self._lifetime())

    def _lifetime(self) -> int:
        fixed = self._switches["expires_in"]
        return random.randint(_SHORTEST, _LONGEST) if fixed is None else int(fixed)

    def _told(self, pair: Pair, form: Form) -> dict[str, Any]:
        account = self._directory.get_or_make(pair.grant.account)
        life = {"expires_in": pair.expires_in, "ext_expires_in": pair.expires_in}
        told: dict[str, Any] = {
            "token_type": "Bearer",
            "scope": scopes.written(pair.scopes, urls=bool(self._switches["scope_urls"])),
            **({} if self._switches["no_expires_in"] else life),
            "access_token": pair.access_token,
        }
        if "offline_access" in pair.grant.scopes and not self._switches["no_refresh_token"]:
            told["refresh_token"] = pair.refresh_token
        if "openid" in pair.grant.scopes:
            told["id_token"] = _id_token(account, pair.grant)
        if form.get("client_info") == "1":
            told["client_info"] = client_info(account)
        return told


def _id_token(account: Account, grant: Grant) -> str:
    """Unsigned: nobody may trust more of it than that it came over this connection."""
    now = int(time.time())
    claims = {
        "ver": "2.0",
        "iss": f"https://login.microsoftonline.com/{account.tenant}/v2.0",
        "aud": grant.client_id,
        "sub": base64.urlsafe_b64encode(f"{account.oid}{grant.client_id}".encode()).decode(),
        "iat": now,
        "nbf": now,
        "exp": now + _SHORTEST,
        "oid": account.oid,
        "tid": account.tenant,
    }
    if "profile" in grant.scopes:
        claims |= {"name": account.name, "preferred_username": account.address}
    if "email" in grant.scopes:
        claims["email"] = account.address
    if grant.nonce is not None:
        claims["nonce"] = grant.nonce
    return unsigned_jwt(claims)
