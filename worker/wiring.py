"""The only file that names providers' classes: by dotted path, loaded on first use, because some import slowly."""

from importlib import import_module
from typing import Any

from worker.contracts.drafting import Writer
from worker.contracts.email import EmailProvider
from worker.kit.errors import Misconfigured
from worker.kit.settings import Settings


class Wiring:
    """Makes provider clients on first use, one of each per process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._email: EmailProvider | None = None
        self._writer: Writer | None = None

    @property
    def settings(self) -> Settings:
        return self._settings

    def email(self) -> EmailProvider:
        if self._email is None:
            self._email = self._make_email()
        return self._email

    def _make_email(self) -> EmailProvider:
        key = self._settings.resend_api_key
        if key is None or not key.get_secret_value().strip():
            raise Misconfigured(
                "No mail can be sent: RESEND_API_KEY is not set. Set it to a key from Resend's dashboard and restart "
                "the workers.",
                provider="resend",
            )
        provider: EmailProvider = _load("worker.providers.resend.client.ResendClient")(
            api_key=key.get_secret_value().strip(), url=self._settings.resend_api_url
        )
        return provider

    def writer(self) -> Writer:
        if self._writer is None:
            self._writer = self._make_writer()
        return self._writer

    def _make_writer(self) -> Writer:
        key = self._settings.anthropic_api_key
        if key is None or not key.get_secret_value().strip():
            raise Misconfigured(
                "Nothing can be proposed: ANTHROPIC_API_KEY is not set. Set it to a key from Anthropic's console and "
                "restart the workers.",
                provider="anthropic",
                waits=False,
            )
        writer: Writer = _load("worker.providers.anthropic.client.AnthropicClient")(
            api_key=key.get_secret_value().strip(),
            url=self._settings.anthropic_base_url,
            model=self._settings.anthropic_model,
        )
        return writer


def _load(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)
