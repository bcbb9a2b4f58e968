"""What a receiver gets, and what its answers mean."""

import time
from typing import Any

import pytest
import resend

from tests.contracts.webhooks.conftest import BODY, KEY, MakeClient, deliver
from tests.factories.emulators import ReceiverEmulator
from tests.factories.peers import peer, site
from worker.contracts.partners import Receipt, ReceiverFailed, ReceiverGone, answered_status
from worker.kit.errors import NotSent, RateLimited, Refused, RunError, UnknownOutcome, Unreachable
from worker.kit.http import CallLimits
from worker.kit.signing import new_webhook_secret
from worker.providers.webhooks.client import WebhookClient


def test_a_delivery_is_the_frozen_bytes_signed_with_both_secrets(
    client: WebhookClient, receiver: ReceiverEmulator
) -> None:
    new, old = new_webhook_secret(), new_webhook_secret()
    assert deliver(client, receiver.address(), new, old) == Receipt(204)
    [came] = receiver.deliveries()
    headers = came["headers"]
    assert came["body"] == BODY.decode()
    assert headers["webhook-id"] == KEY
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"] == "IntoWork-Webhooks/1"
    assert "authorization" not in headers
    assert "cookie" not in headers
    signed: resend.WebhookHeaders = {
        "id": headers["webhook-id"],
        "timestamp": headers["webhook-timestamp"],
        "signature": headers["webhook-signature"],
    }
    for secret in (new, old):
        resend.Webhooks.verify({"payload": came["body"], "headers": signed, "webhook_secret": secret})


TOLD: list[tuple[Any, Receipt]] = [
    (None, Receipt(204)),
    ({}, Receipt(200)),
    ({"id": "A-7", "url": "https://jobs.example/A-7"}, Receipt(200, "A-7", "https://jobs.example/A-7")),
    ({"id": 7, "url": None}, Receipt(200, "7")),
    ({"id": True, "url": "javascript:alert(1)"}, Receipt(200)),
    ({"id": ["x"], "url": "https://user:word@jobs.example/"}, Receipt(200)),
    ({"id": "a\x00b", "url": "https://jobs.example/\n"}, Receipt(200, "ab")),
    ([{"id": "x"}], Receipt(200)),
]
MEANINGS: list[tuple[int, type[RunError], str]] = [
    (410, ReceiverGone, "wants no more deliveries"),
    *((status, Refused, "refused the delivery") for status in (400, 401, 404, 409, 422)),
    *((status, Refused, "redirect") for status in (301, 302, 303, 307, 308)),
    *((status, ReceiverFailed, "tried again") for status in (408, 425, 500, 503)),
    (429, RateLimited, "for now"),
]
PAUSES = [("120", 120.0), ("0", 1.0), ("7200", 3600.0), ("1e9", 60.0), ("soon", 60.0), (None, 60.0)]


def test_what_a_receiver_tells_of_the_offer_is_read_where_it_can_be(
    client: WebhookClient, receiver: ReceiverEmulator
) -> None:
    for accepted, receipt in TOLD:
        receiver.faults(accepted=accepted)
        assert deliver(client, receiver.address()) == receipt


def test_what_a_refusal_means(client: WebhookClient, receiver: ReceiverEmulator) -> None:
    for status, kind, said in MEANINGS:
        elsewhere = {"Location": receiver.address("elsewhere")}
        receiver.faults(answer={"status": status, "text": "secret words", "headers": elsewhere})
        with pytest.raises(kind, match=said) as caught:
            deliver(client, receiver.address())
        assert answered_status(caught.value) == status
        assert "secret words" not in str(caught.value)
        assert "/receiver/" not in str(caught.value)
    assert receiver.deliveries("elsewhere") == []


def test_a_pause_has_an_end(client: WebhookClient, receiver: ReceiverEmulator) -> None:
    for said, after in PAUSES:
        receiver.faults(answer={"status": 429, "headers": {"Retry-After": said} if said else {}})
        with pytest.raises(RateLimited) as caught:
            deliver(client, receiver.address())
        assert caught.value.after == after


def test_a_lost_answer_is_unknown_and_a_closed_window_or_port_proves_that_nothing_left(
    client: WebhookClient, receiver: ReceiverEmulator
) -> None:
    receiver.faults(drop_after=1.0, times=1)
    with pytest.raises(UnknownOutcome):
        deliver(client, receiver.address())
    assert len(receiver.deliveries()) == 1
    with pytest.raises(NotSent):
        deliver(client, receiver.address(), seconds=-1.0)
    with peer(lambda _: None) as url:
        closed = url
        with pytest.raises(UnknownOutcome):
            deliver(client, closed)
    with pytest.raises(Unreachable):
        deliver(client, closed)


def test_a_receiver_that_hangs_is_given_up(make_client: MakeClient, receiver: ReceiverEmulator) -> None:
    receiver.faults(slow_seconds=2.0)
    hurried = make_client(local=True, limits=CallLimits(connect=1.0, read=0.3, total=0.5, body=64 * 1024, cut=True))
    with pytest.raises(UnknownOutcome):
        deliver(hurried, receiver.address())


def test_an_answer_is_read_to_its_bound_and_no_further(client: WebhookClient) -> None:
    """Receipt is proved by the status: what stands behind it need not be read."""
    page = '{"id": "A-7"}' + " " * 10_000_000
    with site(lambda _: (200, page, {})) as url:
        assert deliver(client, url) == Receipt(200, "A-7")
    with site(lambda _: (200, "<" * 10_000_000, {})) as url:
        assert deliver(client, url) == Receipt(200)
    with site(lambda _: (200, "[" * 60_000, {})) as url:
        assert deliver(client, url) == Receipt(200)
