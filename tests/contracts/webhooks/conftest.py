"""The real client against receivers, over HTTP."""

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest

from worker.contracts.partners import Receipt
from worker.kit.signing import new_webhook_secret
from worker.providers.webhooks.client import WebhookClient

BODY = b'{"type":"offer.published"}'
KEY = "posting:7:publish/0/1790000000000000"

MakeClient = Callable[..., WebhookClient]


@pytest.fixture
def make_client() -> Iterator[MakeClient]:
    with contextlib.ExitStack() as stack:

        def make(**changes: object) -> WebhookClient:
            client = WebhookClient(**{"ports": "443,8443", **changes})  # type: ignore[arg-type]
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def client(make_client: MakeClient) -> WebhookClient:
    """On a laptop, where receivers are on the same machine."""
    return make_client(local=True)


def deliver(client: WebhookClient, url: str, *secrets: str, key: str = KEY, seconds: float = 30.0) -> Receipt:
    given = secrets or (new_webhook_secret(),)
    return client.deliver(url, BODY, key=key, secrets=given, deadline=time.monotonic() + seconds)
