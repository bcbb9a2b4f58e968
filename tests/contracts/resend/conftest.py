"""The real client against the emulator, over HTTP."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.factories.emulators import ResendEmulator
from worker.contracts.email import BatchReceipt, EmailProvider, OutgoingMail
from worker.kit.http import CallLimits
from worker.providers.resend.client import ResendClient

SHORT = CallLimits(connect=0.3, read=0.5, total=0.5)


@dataclass(frozen=True)
class Sender:
    """A client and the call as the platform makes it."""

    provider: EmailProvider

    def send(self, *mails: OutgoingMail, key: str = "email/1/0", seconds: float = 5.0) -> BatchReceipt:
        return self.send_frozen(self.provider.freeze(mails or (mail(),)), key=key, seconds=seconds)

    def send_frozen(self, payload: bytes, *, key: str = "email/1/0", seconds: float = 5.0) -> BatchReceipt:
        return self.provider.send_batch(payload, key=key, deadline=time.monotonic() + seconds)


def mail(number: int = 1, **changes: Any) -> OutgoingMail:
    members: dict[str, Any] = {
        "sender": "IntoWork <noreply@intowork.com>",
        "recipient": f"Awa Ndong <awa.{number}@example.org>",
        "subject": "Votre candidature — Développeur",
        "html": "<p>Bonjour Awa, ça va ?</p>",
        "text": "Bonjour Awa, ça va ?",
        "reply_to": "recruteur@example.org",
        "headers": {"List-Unsubscribe": "<https://platform.example.org/u/abc>"},
        "tags": {"message": str(number), "generation": "0"},
    }
    return OutgoingMail(**{**members, **changes})


MakeSender = Callable[..., Sender]


@pytest.fixture
def make_sender(emulator: ResendEmulator) -> Iterator[MakeSender]:
    """Make a client; without a url it talks to the emulator."""
    with contextlib.ExitStack() as stack:

        def make(url: str | None = None, *, api_key: str = "re_emulator", limits: CallLimits | None = None) -> Sender:
            client = ResendClient(api_key=api_key, url=url or f"{emulator.url}/resend", limits=limits)
            stack.callback(client.close)
            return Sender(client)

        yield make


@pytest.fixture
def sender(make_sender: MakeSender) -> Sender:
    return make_sender()
