"""Interviews: planned in both calendars, and moved although every access token has ended meanwhile."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import requests

from sandbox.demo.connections import ACCOUNT, PROVIDERS, card, steer_provider
from sandbox.demo.emails import applicants, recruiter
from sandbox.demo.scene import PROBE_SECONDS, Scene, Step, StepFailed, expect
from worker.kit.database import execute

LINKS = {"google-calendar": "meet_link", "outlook": "teams_link"}
HOURS = {"google-calendar": 9, "outlook": 10}
LATER_HOURS = {"google-calendar": 14, "outlook": 15}
TITLE = "Premier entretien"
MINUTES = 45
TOLD_SECONDS = 60.0

# An hour passes.
END_TOKENS = "update integration_credentials set token_expires_at = now() where provider::text like '%%_CALENDAR'"


def plan(scene: Scene) -> str:
    """Each is one call, answered with the link; the calendar invites the candidate by itself, once."""
    people = [person for person in applicants(scene) if not person["suppressed"]]
    for slug, person in zip(LINKS, people, strict=False):
        scene.interviews[slug] = {**create_event(scene, slug, person), "email": person["email"]}
    for slug in LINKS:
        expect_mails(scene, slug, "invitation")
        if TITLE not in calendar_page(scene, slug):
            raise StepFailed(f"The sandbox’ page of calendars does not show the interview of {slug}.")
    links = " and ".join(scene.interviews[slug][link] for slug, link in LINKS.items())
    return f"answered with {links}; one invitation each, from the calendar itself"


def move(scene: Scene) -> str:
    """Both accounts' tokens have ended; whoever moves an interview notices nothing."""
    asked = {slug: renewals(scene, slug) for slug in LINKS}
    end_tokens(scene)
    for slug in LINKS:
        later = {"scheduled_at": next_time(LATER_HOURS[slug]).isoformat()}
        expect(scene.call("PATCH", interview(scene, slug), json=later, headers=recruiter(scene).headers), 200)
    for slug in LINKS:
        expect_mails(scene, slug, "update")
        expect_renewed(scene, slug, asked[slug])
    return "one new token each, asked for once; both events moved under their links, one mail each, nobody disturbed"


def create_event(scene: Scene, slug: str, person: Mapping[str, Any]) -> Mapping[str, Any]:
    start = next_time(HOURS[slug])
    body = {
        "application_id": person["id"],
        "title": f"{TITLE} : {person['title']}",
        "start_time": start.isoformat(),
        "end_time": (start + timedelta(minutes=MINUTES)).isoformat(),
        "create_meeting_link": True,
        "timezone": "Africa/Libreville",
    }
    path, headers = f"/api/integrations/{slug}/create-event", recruiter(scene).headers
    answer: Mapping[str, Any] = expect(scene.call("POST", path, json=body, headers=headers), 200).json()
    if not answer["event_id"] or not answer[LINKS[slug]]:
        raise StepFailed(f"{slug} answered without event or link: {answer}")
    return answer


def end_tokens(scene: Scene) -> None:
    """As the provider sees it and as we know it."""
    for slug in LINKS:
        steer_provider(scene, PROVIDERS[slug], "tokens/expire")
    with scene.database.transaction() as connection:
        execute(connection, END_TOKENS)


def next_time(hour: int) -> datetime:
    """The first time that the clock shows this hour (UTC) in more than a day, and less than two."""
    earliest = datetime.now(UTC) + timedelta(days=1)
    found = earliest.replace(hour=hour, minute=0, second=0, microsecond=0)
    return found if found > earliest else found + timedelta(days=1)


def interview(scene: Scene, slug: str) -> str:
    return f"/api/interviews/{scene.interviews[slug]['interview_id']}"


def shown(scene: Scene, slug: str) -> Mapping[str, Any]:
    """The interview as the recruiter sees it."""
    answer = scene.call("GET", interview(scene, slug), headers=recruiter(scene).headers)
    found: Mapping[str, Any] = expect(answer, 200).json()
    return found


def expect_mails(scene: Scene, slug: str, kind: str) -> None:
    """The calendar's own mail of this kind comes, and comes once."""
    address = scene.interviews[slug]["email"]
    path = f"/_emulator/{PROVIDERS[slug]}/mails?kind={kind}&to={quote(address)}"

    def told() -> int:
        return int(expect(requests.get(scene.stack.url("emulators") + path, timeout=10), 200).json()["total"])

    wait_until(lambda: told() > 0, f"{slug} sent no {kind} to {address} within {TOLD_SECONDS:.0f} s.")
    if told() > 1:
        raise StepFailed(f"{slug} sent {told()} mails of the kind {kind} to {address} instead of one.")


def expect_renewed(scene: Scene, slug: str, asked: int) -> None:
    """One renewal since then, the account's card as before, the interview's link too."""
    if renewals(scene, slug) != asked + 1:
        raise StepFailed(f"{slug} was asked {renewals(scene, slug) - asked} times for a new token instead of once.")
    if not card(scene, slug)["is_connected"]:
        raise StepFailed(f"A token that ended has disconnected {slug}: {card(scene, slug)}")
    if shown(scene, slug)["meeting_link"] != scene.interviews[slug][LINKS[slug]]:
        raise StepFailed(f"The interview of {slug} was moved, and has another link than before.")


def renewals(scene: Scene, slug: str) -> int:
    address = f"{scene.stack.url('emulators')}/_emulator/{PROVIDERS[slug]}/counters"
    return int(expect(requests.get(address, timeout=10), 200).json().get("token.refresh", 0))


def wait_until(ready: Callable[[], bool], sentence: str) -> None:
    """StepFailed with the sentence when it takes longer."""
    until = time.monotonic() + TOLD_SECONDS
    while not ready():
        if time.monotonic() > until:
            raise StepFailed(sentence)
        time.sleep(PROBE_SECONDS)


def calendar_page(scene: Scene, slug: str) -> str:
    """The account's calendar as the sandbox shows it."""
    address = f"{scene.stack.url('emulators')}/calendar?account={PROVIDERS[slug]}:{quote(ACCOUNT)}"
    return expect(requests.get(address, timeout=10), 200).text


STEPS: Sequence[Step] = (
    Step("Interviews in both calendars", plan),
    Step("Tokens that end meanwhile", move),
)
