"""What emulated OAuth 2.0 servers have in common: forms, codes that are good once, PKCE, redirects."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from sandbox.emulators.web import BadRequest, Request, Response

Consent = TypeVar("Consent")


def form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def form_values(request: Request, name: str) -> list[str]:
    """Every value of a field that may be repeated."""
    pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return [value for known, value in pairs if known == name]


def redirect(address: str, parameters: Mapping[str, str | None]) -> str:
    """The address with more parameters; those that are None are left out."""
    parts = urlsplit(address)
    more = urlencode({name: value for name, value in parameters.items() if value is not None})
    query = "&".join(part for part in (parts.query, more) if part)
    return urlunsplit(parts._replace(query=query))


def sent_to(location: str) -> Response:
    return Response(302, b"", {"Location": location, "Cache-Control": "no-store"})


def query_of(address: Any) -> dict[str, str]:
    """The parameters of an authorize address, for the emulator's own API."""
    if not isinstance(address, str) or "?" not in address:
        raise BadRequest("address must be the authorize address that the browser would be sent to")
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


def client_of(request: Request, fields: Mapping[str, str]) -> tuple[str, str]:
    """Id and secret of the client: HTTP Basic, else the form's fields."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return fields.get("client_id", ""), fields.get("client_secret", "")
    try:
        identifier, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote(identifier), unquote(secret)


def bearer_of(request: Request) -> str | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def opaque(prefix: str = "", size: int = 48) -> str:
    return prefix + secrets.token_urlsafe(size)


def proves(challenge: str, method: str, verifier: str) -> bool:
    """Whether the verifier belongs to the challenge (RFC 7636)."""
    if method != "S256":
        return secrets.compare_digest(challenge.encode(), verifier.encode())
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return secrets.compare_digest(challenge.encode(), digest)


def unsigned_jwt(claims: Mapping[str, Any]) -> str:
    """Well formed, signed by nobody (RFC 7519, section 6)."""
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def _part(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()


@dataclass(slots=True)
class _Issued(Generic[Consent]):
    consent: Consent
    until: float


class Codes(Generic[Consent]):
    """Authorization codes. life: seconds."""

    def __init__(self, life: float) -> None:
        self._life = life
        self._guard = threading.Lock()
        self._codes: dict[str, _Issued[Consent]] = {}

    def issue(self, consent: Consent, prefix: str = "") -> str:
        code = opaque(prefix)
        with self._guard:
            self._codes[code] = _Issued(consent, time.time() + self._life)
        return code

    def take(self, code: str) -> Consent | None:
        """What the code stands for; None when it is unknown, was taken before, or is too old."""
        with self._guard:
            issued = self._codes.pop(code, None)
        return issued.consent if issued is not None and time.time() < issued.until else None

    def expire(self) -> None:
        with self._guard:
            self._codes.clear()
