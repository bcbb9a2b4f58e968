"""The emulator itself, where the real client does not reach."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.emulators.resend.keys import KEPT_SECONDS, Keys, KeyState
from sandbox.emulators.site import Site
from sandbox.emulators.spool import Spool
from sandbox.emulators.web import Request, Response

GOOD = {"from": "a@example.org", "to": "b@example.org", "subject": "s", "text": "t"}
AUTHORISED = {"authorization": "Bearer re_key", "user-agent": "test"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.close()


def call(
    site: Site, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None, **headers: str
) -> tuple[int, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = b"" if body is None else json.dumps(body).encode()
    response = site.answer(Request(method, path, query or {}, {**AUTHORISED, **named}, data))
    return response.status, json.loads(response.body) if response.body else None


def test_permissive_batches_take_the_good_mails(site: Site) -> None:
    mails = [GOOD, {**GOOD, "to": "nobody"}, GOOD]
    status, answer = call(site, "POST", "/resend/emails/batch", mails, x_batch_validation="permissive")
    assert status == 200
    assert len(answer["data"]) == 2
    assert [error["index"] for error in answer["errors"]] == [1]
    status, message = call(site, "GET", f"/_emulator/resend/messages/{answer['data'][1]['id']}")
    assert message["mail"] == GOOD


def test_single_mails_are_taken_and_given_back(site: Site) -> None:
    tags = [{"name": "message", "value": "1"}]
    mail = {**GOOD, "tags": tags, "cc": "c@example.org", "reply_to": ["r@example.org"], "scheduled_at": "in 1 min"}
    status, answer = call(site, "POST", "/resend/emails", mail, idempotency_key="k")
    assert status == 200
    assert call(site, "POST", "/resend/emails", mail, idempotency_key="k") == (200, answer)
    status, email = call(site, "GET", f"/resend/emails/{answer['id']}")
    assert (status, email["last_event"], email["text"]) == (200, "delivered", "t")
    assert {name: email[name] for name in ("cc", "bcc", "reply_to", "scheduled_at", "tags")} == {
        "cc": ["c@example.org"],
        "bcc": [],
        "reply_to": ["r@example.org"],
        "scheduled_at": "in 1 min",
        "tags": tags,
    }
    assert "headers" not in email


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/resend/nothing", 404, "not_found"),
        ("DELETE", "/resend/emails", 405, "method_not_allowed"),
        ("GET", "/resend/emails/unknown", 422, "validation_error"),
        ("GET", "/resend/emails/3f2b8c1e-0000-4000-8000-000000000000", 404, "not_found"),
    ],
)
def test_unknown_places(site: Site, method: str, path: str, status: int, name: str) -> None:
    answered, body = call(site, method, path)
    assert (answered, body["statusCode"], body["name"]) == (status, status, name)


@pytest.mark.parametrize(
    ("key", "method", "status", "name"),
    [
        ("re_invalid", "POST", 400, "validation_error"),
        ("wrong", "GET", 400, "validation_error"),
        ("re_unknown", "POST", 403, "invalid_api_key"),
        ("re_restricted", "GET", 401, "restricted_api_key"),
        ("re_restricted", "POST", 200, None),
    ],
)
def test_keys_are_refused_as_the_provider_does(
    site: Site, key: str, method: str, status: int, name: str | None
) -> None:
    headers = {**AUTHORISED, "authorization": f"Bearer {key}"}
    answer = site.answer(Request(method, "/resend/emails", headers=headers, body=json.dumps(GOOD).encode()))
    assert (answer.status, json.loads(answer.body).get("name")) == (status, name)


def test_a_missing_key_and_a_missing_user_agent_are_refused(site: Site) -> None:
    assert call(site, "POST", "/resend/emails", GOOD, authorization="")[1]["name"] == "missing_api_key"
    nameless = Request("POST", "/resend/emails", headers={"authorization": "Bearer re_key"})
    assert site.answer(nameless).status == 403


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"from": None}, "missing_required_field"),
        ({"from": "nobody"}, "validation_error"),
        ({"to": []}, "missing_required_field"),
        ({"to": ["b@example.org"] * 51}, "validation_error"),
        ({"cc": "nobody"}, "validation_error"),
        ({"reply_to": "nobody"}, "validation_error"),
        ({"subject": None}, "missing_required_field"),
        ({"text": ""}, "missing_required_field"),
        ({"tags": [{"name": "a b", "value": "1"}]}, "validation_error"),
        ({"tags": 7}, "validation_error"),
        ({"headers": {"a": 1}}, "invalid_parameter"),
    ],
)
def test_bad_mails(site: Site, change: dict[str, Any], name: str) -> None:
    status, body = call(site, "POST", "/resend/emails", {**GOOD, **change})
    assert (status, body["name"]) == (422, name)


@pytest.mark.parametrize("mails", [[], [GOOD] * 101, {"to": "x"}])
def test_a_batch_has_its_bounds(site: Site, mails: Any) -> None:
    assert call(site, "POST", "/resend/emails/batch", mails)[0] == 422


def test_a_key_that_is_too_long(site: Site) -> None:
    status, body = call(site, "POST", "/resend/emails", GOOD, idempotency_key="k" * 257)
    assert (status, body["name"]) == (400, "invalid_idempotency_key")


def test_a_key_is_forgotten_after_a_day() -> None:
    now = [0.0]
    keys = Keys(lambda: now[0])
    assert keys.begin("k", Request("POST", "/p", body=b"1")) == (KeyState.NEW, None)
    assert keys.begin("k", Request("POST", "/p", body=b"1")) == (KeyState.RUNNING, None)
    keys.finish("k", Response(200, b"first"))
    standing, answer = keys.begin("k", Request("POST", "/p", body=b"1"))
    assert (standing, answer and answer.body) == (KeyState.DONE, b"first")
    assert keys.begin("k", Request("POST", "/p", body=b"2"))[0] is KeyState.OTHER_BYTES
    assert keys.begin("k", Request("POST", "/other", body=b"1"))[0] is KeyState.OTHER_BYTES
    now[0] = KEPT_SECONDS + 1
    assert keys.begin("k", Request("POST", "/p", body=b"2"))[0] is KeyState.NEW


def test_messages_are_found_and_counted(site: Site) -> None:
    for message, to in (("1", "a@example.org"), ("1", "a@example.org"), ("2", "b@example.org")):
        mail = {**GOOD, "to": to, "subject": f"Offre {message}", "tags": [{"name": "message", "value": message}]}
        call(site, "POST", "/resend/emails", mail)

    def total(**query: str) -> int:
        found: int = call(site, "GET", "/_emulator/resend/messages", query=query)[1]["total"]
        return found

    assert (total(), total(to="B@"), total(tag="message:1"), total(tag="message"), total(subject="offre 2")) == (
        3,
        1,
        2,
        3,
        1,
    )
    counts = call(site, "GET", "/_emulator/resend/counts", query={"tag": "message", "rows": "1"})[1]
    assert (counts["accepted"], counts["recipients"], counts["duplicates"]) == (3, 2, 1)
    assert {"to": "a@example.org", "tags": {"message": "1"}, "count": 2} in counts["rows"]


def test_faults_with_a_seed_repeat(site: Site) -> None:
    def outcomes() -> list[int]:
        call(site, "PUT", "/_emulator/resend/faults", {"error_5xx": 0.5, "seed": 3})
        return [call(site, "POST", "/resend/emails", GOOD)[0] for _ in range(20)]

    first = outcomes()
    assert set(first) == {200, 500}
    assert outcomes() == first


def test_a_wrong_switch_is_explained(site: Site) -> None:
    status, body = call(site, "PUT", "/_emulator/resend/faults", {"eror_5xx": 1})
    assert status == 422
    assert "unknown switches eror_5xx" in body["error"]
    assert call(site, "PUT", "/_emulator/resend/faults", {"rate_limit": {"per_minute": 1}})[0] == 422


def test_reset_forgets_everything(site: Site) -> None:
    call(site, "POST", "/resend/emails", GOOD, idempotency_key="k")
    call(site, "PUT", "/_emulator/resend/faults", {"error_5xx": 1})
    assert call(site, "POST", "/_emulator/reset") == (204, None)
    assert call(site, "GET", "/_emulator/journal")[1] == {"total": 0, "entries": []}
    assert call(site, "GET", "/_emulator/resend/counts")[1]["accepted"] == 0
    assert call(site, "POST", "/resend/emails", {**GOOD, "text": "other"}, idempotency_key="k")[0] == 200


def test_old_bodies_make_room(tmp_path: Path) -> None:
    spool = Spool(tmp_path, file_bytes=10)
    places = [spool.append(bytes([number]) * 6) for number in range(4)]
    assert [spool.read(place) for place in places] == [None, None, b"\x02" * 6, b"\x03" * 6]
    assert len(list(tmp_path.iterdir())) == 2
    spool.close()
    assert list(tmp_path.iterdir()) == []
