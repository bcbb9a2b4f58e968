"""Resend's webhook at the door: who is believed, what is written down, and how fast it is answered."""

import base64
import hmac
import io
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask_openapi.openapi import OpenAPI
from typing_extensions import override

from tests.factories.api import WEBHOOK_SECRET, Answer, Api
from worker.kit.settings import Settings

OTHER = f"whsec_{base64.b64encode(b'the secret that follows').decode()}"
PATH = "/api/webhooks/resend"
EVENT = {
    "type": "email.delivered",
    "created_at": "2026-11-24T10:00:00.000Z",
    "data": {"email_id": "e-1", "to": ["awa@example.org"], "subject": "Bonjour", "tags": {"message": "1"}},
}


@pytest.fixture
def stranger(api: Api) -> Api:
    """Nobody we know."""
    return Api(api.app, api.client, api.database, api.worker)


def sign(body: bytes, identifier: str, instant: int, secret: str = WEBHOOK_SECRET) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.digest(key, f"{identifier}.{instant}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(signed).decode()}"


def send(
    api: Api, event: Any = EVENT, identifier: str = "msg_1", *, age: int = 0, prefix: str = "svix", **changes: str
) -> Answer:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    instant = int(time.time()) - age
    headers = {
        f"{prefix}-id": identifier,
        f"{prefix}-timestamp": str(instant),
        f"{prefix}-signature": changes.get("signature") or sign(body, identifier, instant),
    }
    return api.call("POST", PATH, data=body, content_type="application/json", headers=headers)


def written(api: Api) -> list[dict[str, Any]]:
    return api.rows("select external_id, payload, run_id from inbound_events order by id")


def test_an_event_is_written_down_with_its_run(stranger: Api) -> None:
    answer = send(stranger)
    assert (answer.status_code, answer.json) == (200, {"received": "new"})
    [event] = written(stranger)
    [run] = stranger.rows("select id, task, queue, payload from task_runs where task = 'email.apply_event'")
    assert event["run_id"] == run["id"]
    assert (event["external_id"], event["payload"]["email_id"]) == ("msg_1", "e-1")
    assert "Bonjour" not in str(event["payload"])


def test_a_repetition_changes_nothing(stranger: Api) -> None:
    answers = [send(stranger).json["received"] for _ in range(3)]
    assert answers == ["new", "again", "again"]
    assert len(written(stranger)) == 1
    assert len(stranger.rows("select 1 from task_runs")) == 1


@pytest.mark.parametrize("type_", ["email.opened", "email.clicked", "email.scheduled", "domain.updated", "new.type"])
def test_other_types_are_answered_and_forgotten(stranger: Api, type_: str) -> None:
    answer = send(stranger, {**EVENT, "type": type_})
    assert (answer.status_code, answer.json) == (200, {"received": "ignored"})
    assert written(stranger) == []


def test_two_signatures_and_the_standards_names(stranger: Api) -> None:
    body = json.dumps(EVENT).encode()
    now = int(time.time())
    both = f"{sign(body, 'msg_1', now, OTHER)} {sign(body, 'msg_1', now)}"
    assert send(stranger, signature=both).status_code == 200
    assert send(stranger, identifier="msg_2", prefix="webhook").status_code == 200


@pytest.mark.parametrize("changes", [{"age": 310}, {"age": -310}, {"signature": "v1,AAAA"}, {"signature": "v1"}])
def test_what_is_not_signed_now_by_resend_is_refused(stranger: Api, changes: dict[str, Any]) -> None:
    answer = send(stranger, **changes)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert written(stranger) == []


def test_an_unsigned_request_is_refused(stranger: Api) -> None:
    assert stranger.post(PATH, EVENT).status_code == 401
    assert stranger.get(PATH).status_code == 405


def test_the_raw_bytes_are_what_is_signed(stranger: Api) -> None:
    spaced = json.dumps(EVENT, indent=3).encode()
    assert send(stranger, spaced).status_code == 200
    now = int(time.time())
    assert send(stranger, spaced, "msg_2", signature=sign(json.dumps(EVENT).encode(), "msg_2", now)).status_code == 401


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff"])
def test_a_signed_body_that_is_no_json(stranger: Api, body: bytes) -> None:
    assert send(stranger, body).status_code == 422


@pytest.mark.parametrize(
    "event",
    [
        [],
        {"type": "email.sent"},
        {"type": "email.sent", "data": {"email_id": "\u0000"}},
        {**EVENT, "data": {"email_id": "e\u0000", "to": ["\ud800@x.ga"], "tags": {"message": "1" * 40}}},
    ],
)
def test_strange_shapes_never_make_resend_try_again(stranger: Api, event: Any) -> None:
    assert send(stranger, event).status_code == 200


def test_a_large_body_is_refused(stranger: Api) -> None:
    assert send(stranger, b" " * (256 * 1024 + 1)).status_code == 413


def test_without_a_secret_nobody_is_believed(
    make_app: Callable[[Settings], OpenAPI], settings: Settings, api: Api
) -> None:
    app = make_app(settings.model_copy(update={"resend_webhook_secret": None}))
    answer = send(Api(app, app.test_client(), api.database, api.worker))
    assert answer.status_code == 503
    assert "RESEND_WEBHOOK_SECRET" in answer.json["detail"]


class Unread(io.BytesIO):
    """A body that nobody may read."""

    @override
    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError("the body was read")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"svix-id": "msg_1", "svix-timestamp": "1", "svix-signature": "v1,AAAA"},
        {"svix-id": "m" * 300, "svix-timestamp": "now", "svix-signature": "v1,AAAA"},
        {"svix-id": "msg_1", "svix-timestamp": "now", "svix-signature": "v1,AAAA " * 11},
        {"svix-id": "msg_1", "svix-timestamp": "now", "svix-signature": "v1,!"},
    ],
)
def test_a_body_is_read_only_when_its_headers_could_be_resends(stranger: Api, headers: dict[str, str]) -> None:
    filled = {name: str(int(time.time())) if value == "now" else value for name, value in headers.items()}
    answer = stranger.client.open(
        PATH, method="POST", headers=filled, input_stream=Unread(), content_length=1000, content_type="application/json"
    )
    assert answer.status_code == 401
