"""LinkedIn: pictures for posts."""

import json
import time
from typing import Any

import pytest

from sandbox.emulators.linkedin.image_files import pixels_of, type_of
from sandbox.emulators.web import Request
from tests.unit.sandbox.emulators.linkedin.application import HR, ORGANIZATION, PNG, Application, code_of, one

GIF = b"GIF89a" + (640).to_bytes(2, "little") + (480).to_bytes(2, "little") + bytes(20)
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + (627).to_bytes(2, "big") + (1200).to_bytes(2, "big") + bytes(20)
)
CARD = {"source": "https://intowork.example/o/1", "title": "Comptable"}
ME = "urn:li:person:me"


@pytest.fixture
def token(application: Application) -> str:
    return str(application.connect()["access_token"])


@pytest.mark.parametrize(
    ("content", "kind", "pixels"),
    [
        (PNG, "image/png", 1200 * 627),
        (GIF, "image/gif", 640 * 480),
        (JPEG, "image/jpeg", 1200 * 627),
        (JPEG[:8], "image/jpeg", None),
        (PNG[:14], "image/png", None),
        (GIF[:8], "image/gif", None),
        (b"<!doctype html>", None, None),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", None, None),
    ],
)
def test_files_are_known_by_their_bytes(content: bytes, kind: str | None, pixels: int | None) -> None:
    assert (type_of(content), pixels_of(content)) == (kind, pixels)


def test_a_picture_is_uploaded_and_shown_by_a_post(
    application: Application, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    application.faults(processing_seconds=60)
    image, uploaded = application.upload(token)
    assert (uploaded.status, uploaded.body) == (201, b"")
    assert status_of(application, token, image) == "PROCESSING"
    application.published(token, content={"article": {**CARD, "thumbnail": image}})
    assert application.posts()[0]["card"]["thumbnail"] == image
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 61)
    assert status_of(application, token, image) == "AVAILABLE"
    told = application.steer("GET", "images")["images"]
    assert told == [{"urn": image, "owner": ORGANIZATION, "content_type": "image/png", "bytes": len(PNG)}]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (PNG + bytes(5 * 1024 * 1024), 413),
        (b"<!doctype html>", 415),
        (PNG[:16] + (8192).to_bytes(4, "big") * 2, 400),
    ],
)
def test_pictures_that_are_refused(application: Application, token: str, content: bytes, status: int) -> None:
    image, uploaded = application.upload(token, content)
    assert uploaded.status == status
    assert status_of(application, token, image) == "WAITING_UPLOAD"
    refused = application.publish(token, content={"article": {**CARD, "thumbnail": image}})
    assert (refused.status, code_of(refused)) == (400, "INVALID_VALUE_FOR_FIELD")


def test_a_picture_belongs_to_an_author(application: Application, token: str) -> None:
    application.steer("PUT", f"accounts/{HR}", {"roles": [{"organization": 2414183}, {"organization": 5515715}]})
    image, _ = application.upload(token, owner="urn:li:organization:5515715")
    refused = application.publish(token, content={"article": {**CARD, "thumbnail": image}})
    assert code_of(refused) == "INVALID_VALUE_FOR_FIELD"


@pytest.mark.parametrize(
    ("target", "body", "status"),
    [
        ("?action=register", {}, 400),
        ("?action=initializeUpload", {}, 400),
        ("?action=initializeUpload", {"initializeUploadRequest": {"owner": "urn:li:organization:1"}}, 403),
        ("?action=initializeUpload", {"initializeUploadRequest": {"owner": ME}}, 403),
    ],
)
def test_uploads_that_do_not_begin(
    application: Application, token: str, target: str, body: dict[str, Any], status: int
) -> None:
    assert application.call(token, "POST", f"/rest/images{target}", body=body).status == status


def test_addresses_of_uploads_end(application: Application, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = application.call(
        token,
        "POST",
        "/rest/images?action=initializeUpload",
        body={"initializeUploadRequest": {"owner": ORGANIZATION}},
    )
    address = json.loads(begun.body)["value"]["uploadUrl"]
    assert address.startswith("http://emulators.example:8080/linkedin/")
    assert application.site.answer(Request.received("PUT", f"{address}x", {}, PNG)).status == 404
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3601)
    assert application.site.answer(Request.received("PUT", address, {}, PNG)).status == 403


def status_of(application: Application, token: str, image: str) -> str:
    target = one(image).replace("posts", "images")
    answer: dict[str, str] = json.loads(application.call(token, "GET", target).body)
    return answer["status"]
