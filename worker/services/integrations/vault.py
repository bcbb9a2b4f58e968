"""The tokens of connected accounts: sealed for whoever reads them, opened here alone."""

from dataclasses import dataclass, field

from models.enums import IntegrationProvider
from worker.contracts.providers import AUTHORISED, ProviderKind
from worker.kit.crypto import NoEncryptionKey, Reader, TokenCipher, fernet_keys
from worker.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Sealed:
    """Tokens as they are stored. key: the id of the key that sealed them; None where the main web app shall read
    them.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    key: str | None


class TokenVault:
    """Seals and opens with the settings' keys. Raises NoEncryptionKey where they lack one, UnreadableToken."""

    def __init__(self, settings: Settings) -> None:
        keys, secret = settings.token_encryption_keys, settings.encryption_key or settings.nextauth_secret
        self._cipher = TokenCipher(
            fernet_keys(keys.get_secret_value()) if keys else (), secret.get_secret_value() if secret else None
        )
        self._shared = settings.main_app_reads_tokens

    def lacks(self, key: str | None) -> bool:
        """Whether tokens that this key sealed are readable elsewhere, but not in this process."""
        return key is not None and not self._cipher.knows(key)

    def can_seal(self, provider: ProviderKind) -> bool:
        try:
            self.seal(provider, "", None)
        except NoEncryptionKey:
            return False
        return True

    @property
    def current_key(self) -> str:
        return self._cipher.current_key

    def seal(self, provider: ProviderKind, access_token: str, refresh_token: str | None) -> Sealed:
        reader = self._reader(provider)
        return Sealed(
            self._cipher.seal(access_token, reader),
            None if refresh_token is None else self._cipher.seal(refresh_token, reader),
            self._cipher.current_key if reader == "us" else None,
        )

    def open(self, stored: str) -> str:
        return self._cipher.open(stored).token

    def seal_text(self, text: str) -> str:
        """For what only this platform reads."""
        return self._cipher.seal(text)

    def _reader(self, provider: ProviderKind) -> Reader:
        """The main web app reads LinkedIn's tokens with its key and the calendars' in clear; it knows no others."""
        if not self._shared or not isinstance(provider, IntegrationProvider) or provider not in AUTHORISED:
            return "us"
        return "main_app" if provider is IntegrationProvider.LINKEDIN else "main_app_clear"
