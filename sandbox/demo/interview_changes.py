"""Interviews that change without their recruiter: confirmed from the mail, deleted in the calendar."""

import re
from collections.abc import Sequence
from urllib.parse import quote

import requests

from sandbox.demo.alerts import rows, steer
from sandbox.demo.connections import steer_provider
from sandbox.demo.emails import recruiter
from sandbox.demo.interviews import shown, wait_until
from sandbox.demo.scene import Scene, Step, StepFailed, expect, expect_state
from worker.kit.database import execute

CONFIRMED, DELETED = "outlook", "google-calendar"
READ_SECONDS = 60.0

LINK = re.compile(r"https?://\S+/i/[\w.-]+")
START = re.compile(r'name="start" value="([^"]+)"')

# A quarter of an hour passes.
LATER = "update interview_schedules set event_checked_at = event_checked_at - interval '15 minutes'"
MOVING = "select count(*) as runs from task_runs where task = 'interviews.update_event' and finished_at is null"
BELL = "select message from notifications where user_id = %s order by id desc limit 1"


def confirm(scene: Scene) -> str:
    """From the mail about the last change, without signing in; opening its link changes nothing."""
    link = answer_link(scene)
    before = shown(scene, CONFIRMED)["status"]
    page = expect(requests.get(link, timeout=10), 200).text
    if shown(scene, CONFIRMED)["status"] != before:
        raise StepFailed("Opening the link of a mail has changed the interview.")
    starts = START.findall(page)
    if not starts:
        raise StepFailed("The candidate’s page asks for no answer.")
    form = {"action": "confirm", "start": starts[0]}
    expect(requests.post(link, data=form, timeout=10, allow_redirects=False), 303)
    expect_status(scene, CONFIRMED, "confirmed")
    return f"opened it and nothing changed, pressed the button and it is confirmed; the recruiter reads “{bell(scene)}”"


def delete(scene: Scene) -> str:
    """Somebody deletes the event in Google’s calendar itself; the next read-back ends the interview."""
    steer_provider(scene, "google", f"events/{scene.interviews[DELETED]['event_id']}/behind", delete=True)
    read_back(scene)
    expect_status(scene, DELETED, "canceled")
    if shown(scene, DELETED)["canceled_by"] != "calendar":
        raise StepFailed(f"The interview was ended by {shown(scene, DELETED)['canceled_by']}, not in the calendar.")
    return f"the next look at the calendar canceled the interview; the recruiter reads “{bell(scene)}”"


def answer_link(scene: Scene) -> str:
    """Of the newest mail to the candidate, once the move was told."""
    path = f"/messages?to={quote(scene.interviews[CONFIRMED]['email'])}&limit=1"
    found: list[str] = []

    def told() -> bool:
        for message in steer(scene, "GET", path).json()["messages"]:
            mail = steer(scene, "GET", f"/messages/{message['id']}").json()["mail"]
            found[:] = LINK.findall(mail["text"])
        return bool(found)

    wait_until(told, "The newest mail to the candidate has no link to answer by.")
    return found[0]


def read_back(scene: Scene) -> None:
    wait_until(lambda: not rows(scene, MOVING)["runs"], "A calendar is not told of a move that it shows already.")
    with scene.database.transaction() as connection:
        execute(connection, LATER)
    body = {"task": "interviews.read_calendars", "payload": {}}
    run = expect(scene.call("POST", "/api/tasks", json=body), 202).json()
    expect_state(scene.finished(run["id"], seconds=READ_SECONDS), "succeeded")


def expect_status(scene: Scene, slug: str, status: str) -> None:
    wait_until(lambda: shown(scene, slug)["status"] == status, f"The interview of {slug} did not become {status}.")


def bell(scene: Scene) -> str:
    """What the recruiter was told last."""
    return str(rows(scene, BELL, recruiter(scene).user_id)["message"])


STEPS: Sequence[Step] = (
    Step("A candidate confirms from the mail", confirm),
    Step("An event deleted in the calendar", delete),
)
