"""The providers' emulators, steered and asked over HTTP."""

from dataclasses import dataclass
from typing import Any, ClassVar

import requests


@dataclass(frozen=True)
class Emulator:
    """One provider's emulator."""

    url: str
    session: requests.Session
    provider: ClassVar[str]

    def get(self, path: str) -> Any:
        response = self.session.get(f"{self.url}/_emulator/{path}")
        response.raise_for_status()
        return response.json()

    def faults(self, **switches: Any) -> None:
        self.session.put(f"{self.url}/_emulator/{self.provider}/faults", json=switches).raise_for_status()

    def reset(self) -> None:
        """Every provider's."""
        self.session.post(f"{self.url}/_emulator/reset").raise_for_status()

    def journal(self) -> list[dict[str, Any]]:
        """Every request, the newest first."""
        entries: list[dict[str, Any]] = self.get(f"journal?provider={self.provider}")["entries"]
        return entries


class ResendEmulator(Emulator):
    provider = "resend"

    def requests(self) -> list[dict[str, Any]]:
        """In the order in which they came."""
        return self.journal()[::-1]

    def mails(self) -> list[dict[str, Any]]:
        """Summaries, in the order in which the mails were taken."""
        found: list[dict[str, Any]] = self.get("resend/messages?limit=1000")["messages"]
        return found[::-1]

    def mail(self, identifier: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"resend/messages/{identifier}")["mail"]
        return found


class AnthropicEmulator(Emulator):
    provider = "anthropic"

    def asked(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("anthropic/requests")["requests"]
        return found
