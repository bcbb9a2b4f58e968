"""The emulator's webhooks against the real application over HTTP, and against the provider's own verifier."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests
import resend
from typing_extensions import override
from werkzeug.serving import make_server

from api_min import create_app
from api_min.context import EXTENSION
from tests.contracts.resend.conftest import Sender, mail
from tests.factories import runs
from tests.factories.emulators import ResendEmulator
from worker.catalogue.email import APPLY_EVENT
from worker.kit.database import Database, execute, query
from worker.kit.settings import Settings
from worker.ledger.synchronise import synchronise_catalogue
from worker.services.email.delivery import events

SECRET = "whsec_aW50b3dvcmstdGVzdC1zZWNyZXQtMDEyMzQ1Njc4OWE="
PATIENCE = 20.0


@pytest.fixture
def hook(database_url: str, database: Database, broker_url: str) -> Iterator[str]:
    """The address of the platform's webhook, served on a port of its own."""
    settings = Settings(
        database_url=database_url,
        broker_url=broker_url,
        resend_webhook_secret=SECRET,
        api_threads=4,
        log_level="ERROR",
    )
    with database.transaction() as connection:
        runs.prepare(connection, APPLY_EVENT.name)
        synchronise_catalogue(connection, [APPLY_EVENT])
    app = create_app(settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api/webhooks/resend"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions[EXTENSION].close()


def steer(emulator: ResendEmulator, **switches: Any) -> None:
    emulator.session.put(f"{emulator.url}/_emulator/resend/webhooks", json=switches).raise_for_status()


def told(emulator: ResendEmulator) -> list[dict[str, Any]]:
    """Every delivery, once none is on its way any more."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        state = emulator.get("resend/webhooks")
        if state["open"] == 0 and state["deliveries"]:
            found: list[dict[str, Any]] = state["deliveries"]
            return found
        threading.Event().wait(0.02)
    raise AssertionError("webhooks are still on their way")


def fates(database: Database) -> dict[str, str]:
    """Apply what was received; the state that each address's message ends in."""
    with database.transaction() as connection:
        waiting = query(connection, "select id from inbound_events where handled_at is null order by id")
        for row in waiting:
            events.apply(connection, row["id"])
        rows = query(connection, "select recipient, state from email_messages order by id")
    return {row["recipient"]: row["state"] for row in rows}


def send_to(sender: Sender, database: Database, *addresses: str) -> None:
    """Mails with their messages, as the platform has them once they are sent."""
    with database.transaction() as connection:
        for number, address in enumerate(addresses, 1):
            execute(
                connection,
                "insert into email_messages (template, recipient, state, source) values ('x', %s, 'sending', %s)",
                (address, f"test:{number}"),
            )
    mails = [mail(recipient=address, tags={"message": str(number)}) for number, address in enumerate(addresses, 1)]
    sender.send(*mails)


EVERY = {
    "awa@example.org": "delivered",
    "bounced@example.org": "bounced",
    "softbounced@example.org": "bounced",
    "complained@example.org": "complained",
    "failed@example.org": "failed",
    "suppressed@example.org": "suppressed",
}


@pytest.mark.parametrize(
    "habits",
    [
        {},
        {"duplicates": 1.0},
        {"disorder": 1.0},
        {"old": 1.0},
        {"two_signatures": 1.0, "opened": True},
        {"duplicates": 0.5, "disorder": 1.0, "old": 0.3, "two_signatures": 0.5, "opened": True},
    ],
)
def test_what_becomes_of_mails_is_learned(
    emulator: ResendEmulator, sender: Sender, database: Database, hook: str, habits: dict[str, Any]
) -> None:
    steer(emulator, url=hook, secret=SECRET, **habits)
    send_to(sender, database, *EVERY)
    statuses = {delivery["status"] for delivery in told(emulator)}
    assert statuses <= ({200, 401} if habits.get("old") else {200})
    assert fates(database) == EVERY
    with database.transaction() as connection:
        listed = query(connection, "select address, reason from suppressions order by address")
        counted = query(connection, "select address, count from soft_bounces")
        ids = query(connection, "select provider_id from email_messages order by id")
    assert {row["address"]: row["reason"] for row in listed} == {
        "bounced@example.org": "bounced",
        "complained@example.org": "complained",
        "suppressed@example.org": "provider",
    }
    assert counted == [{"address": "softbounced@example.org", "count": 1}]
    # A slow answer of an earlier test may have left a mail of its own behind.
    taken = {message["to"][0]: message["id"] for message in emulator.mails()[::-1] if message["to"][0] in EVERY}
    assert [row["provider_id"] for row in ids] == [taken[address] for address in EVERY]


def test_one_delivery_on_demand(emulator: ResendEmulator, sender: Sender, database: Database, hook: str) -> None:
    send_to(sender, database, "awa@example.org")
    steer(emulator, url=hook, secret=SECRET)

    def post(**wishes: Any) -> dict[str, Any]:
        url = f"{emulator.url}/_emulator/resend/messages/{emulator.mails()[::-1][0]['id']}/webhook"
        answer: dict[str, Any] = emulator.session.post(url, json=wishes).json()
        return answer

    assert post(type="sent", times=3)["statuses"] == [200, 200, 200]
    assert post(type="delivered", age=400)["statuses"] == [401]
    assert post(type="delivered", age=-400)["statuses"] == [401]
    assert fates(database) == {"awa@example.org": "sent"}
    assert post(type="delivered", two_signatures=True, age=290)["statuses"] == [200]
    assert fates(database) == {"awa@example.org": "delivered"}
    steer(emulator, url=hook)
    assert post(type="complained")["statuses"] == [401]


def test_a_platform_that_is_away_is_told_again(
    emulator: ResendEmulator, sender: Sender, database: Database, hook: str
) -> None:
    with database.transaction() as connection:
        execute(connection, "alter table inbound_events rename to away")
    steer(emulator, url=hook, secret=SECRET)
    send_to(sender, database, "awa@example.org")
    until = time.monotonic() + PATIENCE
    while not emulator.get("resend/webhooks")["deliveries"] and time.monotonic() < until:
        threading.Event().wait(0.02)
    with database.transaction() as connection:
        execute(connection, "alter table away rename to inbound_events")
    assert [delivery["status"] for delivery in told(emulator)][-1] == 200
    assert fates(database) == {"awa@example.org": "delivered"}


def test_the_providers_own_verifier_accepts_the_emulator(emulator: ResendEmulator, sender: Sender) -> None:
    received: list[tuple[bytes, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((body, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(200)
            self.end_headers()

        @override
        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        steer(emulator, url=f"http://127.0.0.1:{server.server_port}/", secret=SECRET, two_signatures=1.0)
        sender.send(mail())
        told(emulator)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    for body, headers in received:
        resend.Webhooks.verify(
            {
                "payload": body.decode(),
                "headers": {
                    "id": headers["svix-id"],
                    "timestamp": headers["svix-timestamp"],
                    "signature": headers["svix-signature"],
                },
                "webhook_secret": SECRET,
            }
        )
    types = [json.loads(body)["type"] for body, _ in received]
    assert types == ["email.sent", "email.delivered"]


def test_wrong_wishes_are_explained(emulator: ResendEmulator, sender: Sender) -> None:
    sender.send(mail())
    url = f"{emulator.url}/_emulator/resend/messages/{emulator.mails()[::-1][0]['id']}/webhook"
    assert requests.post(url, json={"type": "sent"}, timeout=5).status_code == 422
    assert requests.put(f"{emulator.url}/_emulator/resend/webhooks", json={"x": 1}, timeout=5).status_code == 422
    assert requests.post(url.replace("messages/", "messages/x"), json={}, timeout=5).status_code == 404
