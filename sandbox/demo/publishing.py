"""One offer on every channel; LinkedIn's answer is lost, and its post is found instead of being made twice."""

import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from sandbox.demo.alerts import rows
from sandbox.demo.connections import ACCOUNT, steer_provider
from sandbox.demo.emails import recruiter
from sandbox.demo.scene import PROBE_SECONDS, Scene, Step, StepFailed, expect
from worker.kit.database import execute

STATES = {
    "intowork": "published",
    "linkedin": "published",
    "facebook": "published",
    "twitter": "published",
    "jobberman": "exported",
    "brightermonday": "exported",
}
NETWORKS = {"linkedin": "linkedin", "facebook": "facebook", "twitter": "x"}
FOUND_SECONDS = 60.0
PAGE, FACEBOOK_PAGE = 2414183, "106541988990001"

OFFER = """
select j.id, j.title from jobs j join employers e on e.company_id = j.company_id
 where e.user_id = %s and lower(j.status::text) = 'published' and (j.expires_at is null or j.expires_at > now())
 order by j.posted_at desc, j.id desc limit 1
"""
# Half a minute passes: that is when the network is asked whether the post is there.
LATER = "update effects set intended_at = intended_at - interval '30 seconds' where state = 'intended'"
SOONER = """
update task_runs set run_at = run_at - interval '30 seconds' where state = 'queued' and task = 'publishing.publish'
"""


def connect(scene: Scene) -> str:
    """A page on Facebook, an account on X, and feeds for two boards."""
    headers = recruiter(scene).headers
    steer(scene, "linkedin", f"accounts/{ACCOUNT}", roles=[{"organization": PAGE, "role": "ADMINISTRATOR"}])
    steer(scene, "facebook", f"accounts/{ACCOUNT}", pages=[{"page": FACEBOOK_PAGE}])
    for slug in ("facebook", "twitter"):
        told = agree(scene, slug, headers)
        if told.get("success") != "true":
            raise StepFailed(f"Connecting {slug} ended with {told}.")
    feeds = [
        expect_made(scene.call("POST", f"/api/integrations/{board}/feed", json={}, headers=headers)).json()
        for board in ("jobberman", "brightermonday")
    ]
    return f"Facebook and X connected; {len(feeds)} boards have the address of a feed"


def agree(scene: Scene, slug: str, headers: Mapping[str, str]) -> Mapping[str, str]:
    """What the page is told at which the flow ends."""
    begun = expect(scene.call("GET", f"/api/integrations/{slug}/auth-url", headers=headers), 200).json()
    decided = steer_provider(scene, NETWORKS[slug], "authorize", address=begun["auth_url"], account=ACCOUNT)
    answer = expect(requests.get(decided["location"], timeout=35, allow_redirects=False), 302)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def expect_made(answer: requests.Response) -> requests.Response:
    return answer if answer.status_code == 201 else expect(answer, 200)


def publish(scene: Scene) -> str:
    """One call; LinkedIn makes the post and says nothing."""
    offer = rows(scene, OFFER, recruiter(scene).user_id)
    steer(scene, "linkedin", "faults", only=["posts.create"], drop_after=1.0)
    wishes = [{"channel": channel} for channel in STATES]
    answer = scene.call(
        "POST",
        f"/api/jobs/{offer['id']}/postings",
        json={"channels": wishes},
        headers={**recruiter(scene).headers, "Prefer": "wait=2"},
    )
    expect(answer, 202)
    wait_for_doubt(scene)
    steer(scene, "linkedin", "faults", only=None, drop_after=0.0)
    with scene.database.transaction() as connection:
        execute(connection, LATER)
        execute(connection, SOONER)
    found = wait_for_states(scene, offer["id"])
    expect_one_post(scene, found["linkedin"])
    states = ", ".join(f"{channel} {posting['state']}" for channel, posting in found.items())
    return f"“{offer['title']}”: {states}; LinkedIn’s answer was lost, and its one post was found"


def wait_for_doubt(scene: Scene) -> None:
    """Until the call has been made and nothing was answered."""
    until = time.monotonic() + FOUND_SECONDS
    while time.monotonic() < until:
        found = rows(scene, "select count(*) as calls from effects where key like 'posting:%%' and state = 'intended'")
        if found["calls"] and posts(scene):
            return
        time.sleep(PROBE_SECONDS)
    raise StepFailed(f"Nothing was posted within {FOUND_SECONDS:.0f} s.")


def wait_for_states(scene: Scene, job_id: int) -> Mapping[str, Mapping[str, Any]]:
    """The postings by channel, once each has the state that is promised for it."""
    until = time.monotonic() + FOUND_SECONDS
    while True:
        answer = expect(scene.call("GET", f"/api/jobs/{job_id}/postings", headers=recruiter(scene).headers), 200)
        found = {each["channel"]: each for each in answer.json()}
        states = {channel: found[channel]["state"] if channel in found else "missing" for channel in STATES}
        if states == STATES:
            return {channel: found[channel] for channel in STATES}
        if time.monotonic() > until:
            raise StepFailed(f"After {FOUND_SECONDS:.0f} s the postings are {states}.")
        time.sleep(PROBE_SECONDS)


def expect_one_post(scene: Scene, posting: Mapping[str, Any]) -> None:
    """The one that the posting names, whole, as readers see it."""
    [post] = posts(scene) if len(posts(scene)) == 1 else [{}]
    if post.get("urn") != posting["external_id"] or post.get("cut"):
        raise StepFailed(f"LinkedIn shows {posts(scene)}, and the posting says {posting['external_id']}.")
    page = requests.get(f"{scene.stack.url('emulators')}/feed/linkedin", timeout=10)
    if posting["external_id"].rpartition(":")[2] not in page.text:
        raise StepFailed("The sandbox’ page of LinkedIn's feed does not show the post.")


def posts(scene: Scene) -> list[Mapping[str, Any]]:
    address = f"{scene.stack.url('emulators')}/_emulator/linkedin/posts?live=true"
    found: list[Mapping[str, Any]] = expect(requests.get(address, timeout=10), 200).json()["posts"]
    return found


def steer(scene: Scene, network: str, path: str, **wishes: object) -> None:
    address = f"{scene.stack.url('emulators')}/_emulator/{network}/{path}"
    expect(requests.put(address, json=wishes, timeout=10), 200)


STEPS: Sequence[Step] = (
    Step("More channels", connect),
    Step("An offer on every channel", publish),
)
