"""An offer at a company's own address: refused for a moment, sent again under its id, and signed."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import requests

from sandbox.demo.alerts import rows
from sandbox.demo.emails import recruiter
from sandbox.demo.publishing import OFFER
from sandbox.demo.scene import PROBE_SECONDS, Scene, Step, StepFailed, expect
from worker.kit.signing import BadSignature, webhook_head, webhook_keys

SHOWN = {"id": "DEMO-1", "url": "https://emplois.partenaire.example/demo-1"}
SECONDS = 60.0


def deliver(scene: Scene) -> str:
    """The receiver fails once; what it takes then is what it was offered before."""
    emulators, headers = scene.stack.url("emulators"), recruiter(scene).headers
    wish = {"kind": "webhook", "url": f"{emulators}/receiver/demo"}
    secret = expect(scene.call("PUT", "/api/integrations/custom", json=wish, headers=headers), 201).json()["secret"]
    faults = {"accepted": SHOWN, "error_5xx": 1.0, "times": 1}
    expect(requests.put(f"{emulators}/_emulator/receiver/faults", json=faults, timeout=10), 200)
    offer = rows(scene, OFFER, recruiter(scene).user_id)
    asked = scene.call(
        "POST",
        f"/api/jobs/{offer['id']}/postings",
        json={"channels": [{"channel": "custom"}]},
        headers={**headers, "Prefer": "respond-async"},
    )
    expect(asked, 202)
    posting = _published(scene, offer["id"])
    [came] = expect(requests.get(f"{emulators}/_emulator/receiver/deliveries", timeout=10), 200).json()["deliveries"]
    _check(came, secret)
    sent = expect(scene.call("GET", "/api/integrations/custom/deliveries", headers=headers), 200).json()[0]
    return f"“{offer['title']}” stands at {posting['address']} after {sent['attempts']} tries of one delivery"


def _published(scene: Scene, job_id: int) -> Mapping[str, Any]:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        answer = expect(scene.call("GET", f"/api/jobs/{job_id}/postings", headers=recruiter(scene).headers), 200)
        found = [each for each in answer.json() if each["channel"] == "custom"]
        if found and found[0]["state"] == "published" and found[0]["address"] == SHOWN["url"]:
            return dict(found[0])
        time.sleep(PROBE_SECONDS)
    raise StepFailed(f"The receiver was not told within {SECONDS:.0f} s.")


def _check(came: Mapping[str, Any], secret: str) -> None:
    body = str(came["body"]).encode()
    try:
        webhook_head(came["headers"], now=time.time()).check(webhook_keys(secret), body)
    except BadSignature as error:
        raise StepFailed(f"The delivery is not signed as it should be: {error}") from None
    if json.loads(body)["type"] != "offer.published":
        raise StepFailed("The receiver was told of something else.")


STEPS: Sequence[Step] = (Step("A company’s own webhook", deliver),)
