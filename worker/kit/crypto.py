"""Tokens of connected accounts at rest: ours with keys that can be replaced, and what the main web app wrote."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

# The main web app derives its key so (contract, "Encrypted columns").
_THEIR_SALT = b"intowork-secret-encryption-v1"
_THEIR_ROUNDS = 480_000
_ENCRYPTED = "gAAAAA"

Reader = Literal["us", "main_app", "main_app_clear"]


class UnreadableToken(Exception):
    """No key of ours opens a stored token. Carries nothing of it."""


class NoEncryptionKey(Exception):
    """TOKEN_ENCRYPTION_KEYS is not set: nothing may be stored."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A stored token. key: the id of the key that opened it; None when it lay in clear."""

    token: str = field(repr=False)
    key: str | None


class TokenCipher:
    """Fernet (AES-128-CBC with HMAC-SHA256): the first of `keys` encrypts, all decrypt, the main web app's too.

    A token that is not Fernet's is the main web app's calendar token, which it stores in clear.
    """

    def __init__(self, keys: Sequence[str], main_app_secret: str | None = None) -> None:
        self._keys = tuple(keys)
        self._main_app_secret = main_app_secret

    def knows(self, key: str) -> bool:
        """Whether one of `keys` has this id."""
        return key in map(key_id, self._keys)

    @property
    def current_key(self) -> str:
        """The id of the key that encrypts. Raises NoEncryptionKey."""
        return key_id(self._first())

    def seal(self, token: str, reader: Reader = "us") -> str:
        """The token as it is stored for whoever reads it. Raises NoEncryptionKey."""
        if reader == "main_app_clear":
            return token
        key = self._first() if reader == "us" else self._their_key()
        return Fernet(key).encrypt(token.encode()).decode()

    def open(self, stored: str) -> Opened:
        """Raises UnreadableToken."""
        if not stored.startswith(_ENCRYPTED):
            return Opened(stored, None)
        for key in self._keys:
            if (token := _decrypted(key, stored)) is not None:
                return Opened(token, key_id(key))
        token = _decrypted(self._their_key(), stored) if self._main_app_secret else None
        if token is None:
            raise UnreadableToken
        return Opened(token, None)

    def _first(self) -> str:
        if not self._keys:
            raise NoEncryptionKey
        return self._keys[0]

    def _their_key(self) -> str:
        if self._main_app_secret is None:
            raise NoEncryptionKey
        return _derived(self._main_app_secret)


def fernet_keys(text: str) -> tuple[str, ...]:
    """The keys of a comma-separated list. Raises ValueError, which says nothing of them."""
    keys = tuple(each.strip() for each in text.split(",") if each.strip())
    for place, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError:
            raise ValueError(f"key {place} is no Fernet key; `intowork keys generate` makes one") from None
    return keys


def key_id(key: str) -> str:
    """What a key is called in rows and logs: nothing of it can be found out from its name."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def _decrypted(key: str, stored: str) -> str | None:
    try:
        return Fernet(key).decrypt(stored).decode()
    except (InvalidToken, ValueError):
        return None


@lru_cache(maxsize=4)
def _derived(secret: str) -> str:
    """About 0.2 s of CPU, once per process."""
    kdf = PBKDF2HMAC(algorithm=SHA256(), length=32, salt=_THEIR_SALT, iterations=_THEIR_ROUNDS)
    return base64.urlsafe_b64encode(kdf.derive(secret.encode())).decode()
