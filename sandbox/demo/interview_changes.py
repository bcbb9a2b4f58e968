"""Interviews that change without their recruiter: an event is deleted in the calendar."""

from collections.abc import Sequence

from sandbox.demo.alerts import rows
from sandbox.demo.connections import steer_provider
from sandbox.demo.emails import recruiter
from sandbox.demo.interviews import shown, wait_until
from sandbox.demo.scene import Scene, Step, StepFailed, expect, expect_state
from worker.kit.database import execute

DELETED = "google-calendar"
READ_SECONDS = 60.0

# A quarter of an hour passes.
LATER = "update interview_schedules set event_checked_at = event_checked_at - interval '15 minutes'"
MOVING = "select count(*) as runs from task_runs where task = 'interviews.update_event' and finished_at is null"
BELL = "select message from notifications where user_id = %s order by id desc limit 1"


def delete(scene: Scene) -> str:
    """Somebody deletes the event in Google’s calendar itself; the next read-back ends the interview."""
    steer_provider(scene, "google", f"events/{scene.interviews[DELETED]['event_id']}/behind", delete=True)
    read_back(scene)
    expect_status(scene, DELETED, "canceled")
    if shown(scene, DELETED)["canceled_by"] != "calendar":
        raise StepFailed(f"The interview was ended by {shown(scene, DELETED)['canceled_by']}, not in the calendar.")
    return f"the next look at the calendar canceled the interview; the recruiter reads “{bell(scene)}”"


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


STEPS: Sequence[Step] = (Step("An event deleted in the calendar", delete),)
