"""Signatures: links of ours that act without a login, and webhooks signed as Svix does (Standard Webhooks)."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOLERANCE = 300
MAC_BYTES = 16
LONGEST_TOKEN = 200
LONGEST_IDENTIFIER = 200
LONGEST_SIGNATURES = 2000
MOST_SIGNATURES = 10
SECRET_BYTES = 32
VERSIONS: Mapping[str, str] = {"whsec_": "v1", "whpk_": "v1a"}

_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,120})\.([A-Za-z0-9_-]{6})([A-Za-z0-9_-]{22})")


class BadSignature(Exception):
    """What arrived was not signed by who it claims, or not just now; the message says which."""


@dataclass(frozen=True, slots=True)
class WebhookKey:
    """version: `v1` (HMAC-SHA256, a shared secret) or `v1a` (Ed25519, the sender's public key)."""

    version: str
    material: bytes

    def has_made(self, signatures: Iterable[tuple[str, bytes]], signed: bytes) -> bool:
        """Whether one of the (version, bytes) is this key's signature; the shared secret's is made once for all."""
        mine = [signature for version, signature in signatures if version == self.version]
        if not mine:
            return False
        if self.version == "v1":
            made = hmac.digest(self.material, signed, "sha256")
            return any(hmac.compare_digest(made, each) for each in mine)
        return any(self._verifies(each, signed) for each in mine)

    def _verifies(self, signature: bytes, signed: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.material).verify(signature, signed)
        except InvalidSignature:
            return False
        return True


def webhook_keys(text: str) -> tuple[WebhookKey, ...]:
    """Keys as the provider shows them (`whsec_BASE64`, `whpk_BASE64`), separated by commas. Raises ValueError."""
    return tuple(_webhook_key(each.strip()) for each in text.split(","))


def _webhook_key(text: str) -> WebhookKey:
    prefix = next((each for each in VERSIONS if text.startswith(each)), "")
    material = _decoded(text.removeprefix(prefix)) if prefix else None
    if not material or (prefix == "whpk_" and len(material) != 32):
        raise ValueError("a webhook's secret is whsec_ (or whpk_) followed by base64, as the provider shows it")
    return WebhookKey(VERSIONS[prefix], material)


def new_webhook_secret() -> str:
    """For deliveries of ours: `whsec_` and 256 bits in base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def signed_headers(keys: Sequence[str], identifier: str, instant: int, body: bytes) -> Mapping[str, str]:
    """Headers by which a receiver knows a delivery of ours (Standard Webhooks), one signature per key (`whsec_…`).

    identifier: the same for every try of a delivery. instant: of this try, in epoch seconds. Raises ValueError.
    """
    signed = f"{identifier}.{instant}.".encode() + body
    made = (hmac.digest(_webhook_key(each).material, signed, "sha256") for each in keys)
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(instant),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(each).decode()}" for each in made),
    }


@dataclass(frozen=True, slots=True)
class WebhookHead:
    """What a delivery's headers say: whether they fit the body is still open. signatures: (version, bytes)."""

    identifier: str
    instant: str
    signatures: tuple[tuple[str, bytes], ...]

    def check(self, keys: Iterable[WebhookKey], body: bytes) -> None:
        """Raises BadSignature unless one of the keys has signed this raw body."""
        signed = f"{self.identifier}.{self.instant}.".encode() + body
        if not any(key.has_made(self.signatures, signed) for key in keys):
            raise BadSignature("The signature does not fit the request.")


def webhook_head(headers: Mapping[str, str], *, now: float) -> WebhookHead:
    """The headers of a delivery that was signed within five minutes of `now` (epoch s), before its body is read.

    headers: names in lower case, with Svix's prefix or the standard's (`svix-id`, `webhook-id`). Raises BadSignature.
    """
    prefix = "svix" if "svix-id" in headers else "webhook"
    identifier, instant, signatures = (headers.get(f"{prefix}-{name}", "") for name in ("id", "timestamp", "signature"))
    if not identifier or not signatures:
        raise BadSignature("The request is not signed.")
    if not re.fullmatch(r"[0-9]{1,12}", instant) or abs(now - int(instant)) > TOLERANCE:
        raise BadSignature("The request was not signed within the last five minutes.")
    if len(identifier) > LONGEST_IDENTIFIER or len(signatures) > LONGEST_SIGNATURES:
        raise BadSignature("The request's signature headers are too long.")
    given = [each.partition(",") for each in signatures.split()]
    if len(given) > MOST_SIGNATURES:
        raise BadSignature(f"The request has more than {MOST_SIGNATURES} signatures.")
    read = tuple((version, raw) for version, _, text in given if (raw := _decoded(text)))
    if not read:
        raise BadSignature("The request's signature cannot be read.")
    return WebhookHead(identifier, instant, read)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


class Signer:
    """Makes and reads tokens: short texts that only a holder of a secret can have made, for one scope.

    secrets: the first one signs, all are accepted. A token names the secret that signed it by six characters, is made
    of letters, digits, `-`, `_` and one dot, and never expires by itself: removing its secret ends it.
    """

    def __init__(self, secrets: Iterable[str], scope: str) -> None:
        keys = [hmac.digest(secret.encode(), f"intowork/token/{scope}".encode(), "sha256") for secret in secrets]
        self._keys = {_text(hashlib.sha256(key).digest()[:4])[:6]: key for key in reversed(keys)}
        self._newest = _text(hashlib.sha256(keys[0]).digest()[:4])[:6]

    def sign(self, value: str) -> str:
        """A token that holds `value` (at most 90 bytes, readable by anyone)."""
        body = _text(value.encode())
        return f"{body}.{self._newest}{self._mac(self._newest, body)}"

    def read(self, token: str) -> str | None:
        """The value of a token of ours and of this scope; None for any other text."""
        parts = _TOKEN.fullmatch(token) if len(token) <= LONGEST_TOKEN else None
        if parts is None or parts[2] not in self._keys:
            return None
        if not hmac.compare_digest(self._mac(parts[2], parts[1]), parts[3]):
            return None
        value = _decoded(parts[1].translate(_FROM_URL) + "=" * (-len(parts[1]) % 4))
        return value.decode() if value is not None and _text(value) == parts[1] else None

    def _mac(self, name: str, body: str) -> str:
        return _text(hmac.digest(self._keys[name], body.encode(), "sha256")[:MAC_BYTES])


@lru_cache(maxsize=16)
def signer_of(secrets: str, scope: str) -> Signer:
    """secrets: as SIGNING_SECRET has them, separated by commas."""
    return Signer([each.strip() for each in secrets.split(",")], scope)


_FROM_URL = str.maketrans("-_", "+/")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
