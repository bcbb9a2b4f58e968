"""Signatures of webhooks and of links, without a server."""

import base64
import hmac
import re
import time
from typing import Any

import pytest
import resend
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.source import ROOT
from worker.kit.settings import Settings
from worker.kit.signing import (
    BadSignature,
    Signer,
    new_webhook_secret,
    signed_headers,
    webhook_head,
    webhook_keys,
)

# The fact sheet's vector, made with the provider's own library.
SECRET = "whsec_aW50b3dvcmstdGVzdC1zZWNyZXQtMDEyMzQ1Njc4OWE="
BODY = (
    b'{"type":"email.bounced","created_at":"2026-09-21T13:33:20.000Z","data":{"email_id":"e-1",'
    b'"to":["bounced@example.org"],"bounce":{"type":"Permanent","subType":"General","message":"x"}}}'
)
SIGNATURE = "v1,CPPQtvyda3YR+Pekn4IX8twq01qkN3DPBCmP5+kqGFs="
NOW = 1790000000
HEADERS = {"svix-id": "msg_test_0001", "svix-timestamp": str(NOW), "svix-signature": SIGNATURE}
OTHER = "whsec_" + base64.b64encode(b"another secret of this provider").decode()


def verify(keys: str = SECRET, body: bytes = BODY, now: float = NOW, **changes: str) -> str:
    headers = {**HEADERS, **{name.replace("_", "-"): value for name, value in changes.items()}}
    head = webhook_head(headers, now=now)
    head.check(webhook_keys(keys), body)
    return head.identifier


def test_the_vector_of_the_provider() -> None:
    assert verify() == "msg_test_0001"


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_are_tolerated(seconds: int) -> None:
    assert verify(now=NOW + seconds)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_more_are_not(seconds: int) -> None:
    with pytest.raises(BadSignature, match="five minutes"):
        verify(now=NOW + seconds)


def test_one_good_signature_of_several_is_enough() -> None:
    assert verify(svix_signature=f"v1,{'A' * 43}= {SIGNATURE}")
    assert verify(svix_signature=f"{SIGNATURE} v1,AAAA")


def test_many_signatures_are_refused_before_the_body_is_looked_at() -> None:
    many = " ".join([f"v1,{'A' * 43}="] * 10)
    assert len(webhook_head({**HEADERS, "svix-signature": many}, now=NOW).signatures) == 10
    for signatures in (f"{many} {SIGNATURE}", "v1,A " * 400, "v1," + "A" * 4000):
        with pytest.raises(BadSignature, match="signature"):
            webhook_head({**HEADERS, "svix-signature": signatures}, now=NOW)
    with pytest.raises(BadSignature, match="too long"):
        webhook_head({**HEADERS, "svix-id": "m" * 201}, now=NOW)


def test_a_key_signs_a_body_once_however_many_signatures_came(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    digest = hmac.digest

    def counted(key: bytes, message: bytes, name: str) -> bytes:
        made.append(len(message))
        return digest(key, message, name)

    monkeypatch.setattr(hmac, "digest", counted)
    others = " ".join([f"v1,{'A' * 43}="] * 9)
    assert verify(svix_signature=f"{others} {SIGNATURE}")
    assert len(made) == 1


def test_one_good_secret_of_several_is_enough() -> None:
    assert verify(keys=f"{OTHER}, {SECRET}")


def test_the_standards_own_header_names() -> None:
    headers = {name.replace("svix", "webhook"): value for name, value in HEADERS.items()}
    head = webhook_head(headers, now=NOW)
    head.check(webhook_keys(SECRET), BODY)
    assert head.identifier == "msg_test_0001"


@pytest.mark.parametrize(
    "signature", ["", "v1", "v1,", "v1,!!!", SIGNATURE[3:], SIGNATURE.replace("v1", "v9"), SIGNATURE.lower(), "v1,é"]
)
def test_other_signatures_do_not_hold(signature: str) -> None:
    with pytest.raises(BadSignature):
        verify(svix_signature=signature)


def test_every_part_is_signed() -> None:
    with pytest.raises(BadSignature):
        verify(svix_id="msg_test_0002")
    with pytest.raises(BadSignature):
        verify(svix_timestamp=str(NOW + 1))
    with pytest.raises(BadSignature):
        verify(body=BODY + b" ")
    with pytest.raises(BadSignature):
        verify(keys=OTHER)


@pytest.mark.parametrize("instant", ["", "soon", "-1", "1.79e9", "9" * 40, "１７９０００００００"])
def test_an_instant_is_a_plain_number(instant: str) -> None:
    with pytest.raises(BadSignature):
        verify(svix_timestamp=instant)


def test_the_asymmetric_version_needs_the_public_key() -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signed = private.sign(f"msg_test_0001.{NOW}.".encode() + BODY)
    signature = f"v1a,{base64.b64encode(signed).decode()}"
    assert verify(keys=f"whpk_{base64.b64encode(public).decode()}", svix_signature=f"{SIGNATURE} {signature}")
    with pytest.raises(BadSignature):
        verify(svix_signature=signature)
    with pytest.raises(BadSignature):
        verify(svix_signature=SIGNATURE.replace("v1", "v1a"))


@pytest.mark.parametrize("text", ["", "secret", "whsec_", "whsec_!", "whpk_AAAA", f"{SECRET},"])
def test_a_secret_that_cannot_be_read_stops_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="webhook"):
        webhook_keys(text)
    with pytest.raises(ValueError, match="webhook"):
        Settings(database_url="postgresql://nowhere/none", resend_webhook_secret=text)


def test_a_short_signing_secret_stops_the_start() -> None:
    with pytest.raises(ValueError, match="32 characters"):
        Settings(database_url="postgresql://nowhere/none", signing_secret=f"{'a' * 32},{'b' * 31}")


def test_a_token_gives_its_value_back() -> None:
    signer = Signer(["a" * 32], "unsubscribe")
    token = signer.sign("alert:12:7")
    assert signer.read(token) == "alert:12:7"
    assert signer.sign("alert:12:7") == token
    assert len(token) < 60


def test_a_token_is_for_one_scope() -> None:
    token = Signer(["a" * 32], "unsubscribe").sign("alert:12:7")
    assert Signer(["a" * 32], "feed").read(token) is None


def test_secrets_can_be_replaced() -> None:
    old, new, later = "o" * 32, "n" * 32, "l" * 32
    token = Signer([old], "unsubscribe").sign("alert:12:7")
    assert Signer([new, old], "unsubscribe").read(token) == "alert:12:7"
    assert Signer([new, old], "unsubscribe").sign("alert:12:7") == Signer([new], "unsubscribe").sign("alert:12:7")
    assert Signer([later, new], "unsubscribe").read(token) is None


@given(st.text(max_size=80))
def test_any_other_text_is_no_token(text: str) -> None:
    assert Signer(["a" * 32], "unsubscribe").read(text) is None


@given(place=st.integers(0, 60), letter=st.sampled_from("Aa0-_.~="))
def test_no_character_can_be_changed(place: int, letter: str) -> None:
    signer = Signer(["a" * 32], "unsubscribe")
    token = signer.sign("alert:12:7")
    changed = token[:place] + letter + token[place + 1 :]
    assert changed == token or signer.read(changed) is None


def test_our_deliveries_are_signed_as_the_vector() -> None:
    made = signed_headers([SECRET], "msg_test_0001", NOW, BODY)
    assert made == {
        "webhook-id": "msg_test_0001",
        "webhook-timestamp": str(NOW),
        "webhook-signature": SIGNATURE,
    }


@given(body=st.binary(max_size=300), identifier=st.from_regex(r"[A-Za-z0-9_:/-]{1,80}", fullmatch=True))
def test_what_we_sign_our_own_reading_finds_signed(body: bytes, identifier: str) -> None:
    secret = new_webhook_secret()
    head = webhook_head(signed_headers([secret], identifier, NOW, body), now=NOW)
    head.check(webhook_keys(secret), body)
    with pytest.raises(BadSignature):
        head.check(webhook_keys(secret), body + b" ")


def test_another_library_verifies_with_either_secret_of_a_rotation() -> None:
    """A library that was written for receivers, and knows nothing of ours."""
    new, old = new_webhook_secret(), new_webhook_secret()
    made = signed_headers([new, old], "posting:7:publish/0/1", int(time.time()), BODY)
    assert len(made["webhook-signature"].split(" ")) == 2
    headers = resend.WebhookHeaders(
        {"id": made["webhook-id"], "timestamp": made["webhook-timestamp"], "signature": made["webhook-signature"]}
    )
    for secret in (new, old):
        resend.Webhooks.verify({"payload": BODY.decode(), "headers": headers, "webhook_secret": secret})
    with pytest.raises(ValueError, match="no matching signature"):
        resend.Webhooks.verify({"payload": BODY.decode(), "headers": headers, "webhook_secret": OTHER})


def test_a_secret_of_ours_has_256_bits_and_is_never_the_same() -> None:
    made = {new_webhook_secret() for _ in range(20)}
    assert len(made) == 20
    assert all(len(base64.b64decode(each.removeprefix("whsec_"), validate=True)) == 32 for each in made)


def test_what_we_tell_receivers_to_do_verifies_a_delivery() -> None:
    [told] = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "docs/webhooks.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    known: dict[str, Any] = {}
    exec(told, known)
    new, old, now = new_webhook_secret(), new_webhook_secret(), int(time.time())
    headers = dict(signed_headers([new, old], "id", now, BODY))
    assert known["verify"](new, headers, BODY)
    assert known["verify"](old, headers, BODY)
    assert not known["verify"](OTHER, headers, BODY)
    assert not known["verify"](new, headers, BODY + b" ")
    assert not known["verify"](new, dict(signed_headers([new], "id", now - 301, BODY)), BODY)
