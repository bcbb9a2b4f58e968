"""Connected accounts: consent at three providers, a grant that is withdrawn and given again."""

import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from sandbox.demo.alerts import rows
from sandbox.demo.emails import recruiter
from sandbox.demo.scene import PROBE_SECONDS, Scene, Step, StepFailed, expect, expect_state
from worker.ledger.enqueue import NewRun, enqueue_all

ACCOUNT = "recrutement@exemple.ga"
PROVIDERS = {"google-calendar": "google", "outlook": "microsoft", "linkedin": "linkedin"}
CARDS = {"google-calendar": "google_calendar", "outlook": "outlook_calendar", "linkedin": "linkedin"}
REFRESHED_SECONDS = 60.0

GOOGLE = "select id from integration_credentials where provider::text = 'GOOGLE_CALENDAR'"


def connect_all(scene: Scene) -> str:
    for slug in PROVIDERS:
        told = connect(scene, slug)
        if not comes_to_be_connected(scene, slug):
            raise StepFailed(f"Connecting {slug} ended with {told}, and its card says {card(scene, slug)}.")
    sealed = rows(scene, "select bool_and(access_token like 'gAAAAA%%') as all from integration_credentials")
    if not sealed["all"]:
        raise StepFailed("A token lies unsealed in its row.")
    return f"{ACCOUNT} at {', '.join(PROVIDERS)}: a state each, good once; their tokens lie sealed"


def lose_and_find(scene: Scene) -> str:
    """The account's owner withdraws the grant at Google: noted, told, and mended by connecting again."""
    steer_provider(scene, "google", f"grants/{ACCOUNT}/revoke")
    run = refresh(scene)
    reason = wait_for_loss(scene)
    told = connect(scene, "google-calendar")
    expect_state(scene.finished(run, seconds=REFRESHED_SECONDS), "succeeded")
    if not comes_to_be_connected(scene, "google-calendar"):
        raise StepFailed(f"Connecting again ended with {told}.")
    return f"“{reason}” The run that waited went on once the account was connected again"


def comes_to_be_connected(scene: Scene, slug: str) -> bool:
    """Whoever is told on a slow machine to come back in a moment does so."""
    until = time.monotonic() + REFRESHED_SECONDS
    while time.monotonic() < until:
        if card(scene, slug)["is_connected"]:
            return True
        time.sleep(PROBE_SECONDS)
    return False


def wait_for_loss(scene: Scene) -> str:
    until = time.monotonic() + REFRESHED_SECONDS
    while time.monotonic() < until:
        found = card(scene, "google-calendar")
        if found["state"] == "needs_reconnect":
            return str(found["reason"])
        time.sleep(PROBE_SECONDS)
    raise StepFailed(f"Nobody noticed within {REFRESHED_SECONDS:.0f} s that the grant was withdrawn.")


def refresh(scene: Scene) -> str:
    """A run that renews the Google account's access; its id."""
    credential = rows(scene, GOOGLE)["id"]
    run = NewRun("integrations.refresh_token", {"credential_id": credential})
    with scene.database.transaction() as connection:
        return str(enqueue_all(connection, [run])[0].id)


def steer_provider(scene: Scene, provider: str, path: str, **wishes: object) -> Mapping[str, Any]:
    """The provider's emulator, as the person at its page."""
    address = f"{scene.stack.url('emulators')}/_emulator/{provider}/{path}"
    found: Mapping[str, Any] = expect(requests.post(address, json=wishes, timeout=10), 200).json()
    return found


def connect(scene: Scene, slug: str) -> Mapping[str, str]:
    """What the page is told at which the flow ends."""
    headers = recruiter(scene).headers
    begun = expect(scene.call("GET", f"/api/integrations/{slug}/auth-url", headers=headers), 200).json()
    decided = steer_provider(scene, PROVIDERS[slug], "authorize", address=begun["auth_url"], account=ACCOUNT)
    answer = expect(requests.get(decided["location"], timeout=35, allow_redirects=False), 302)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def card(scene: Scene, slug: str) -> Mapping[str, Any]:
    answer = expect(scene.call("GET", "/api/integrations/status", headers=recruiter(scene).headers), 200)
    found: Mapping[str, Any] = answer.json()[CARDS[slug]]
    return found


STEPS: Sequence[Step] = (
    Step("Accounts at three providers", connect_all),
    Step("A grant that is withdrawn", lose_and_find),
)
