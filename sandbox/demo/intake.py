"""The main web app's first contact: a key, a run, its result, and the same run in Flower."""

import re
import time

import requests

from sandbox.access import service_key
from sandbox.demo.scene import PROBE_SECONDS, Scene, Step, StepFailed, expect, expect_state

FLOWER_SECONDS = 15.0
BEAT_SECONDS = 30.0
COMPLAINT = re.compile(r"\b(ERROR|CRITICAL|Traceback)\b|\"level\": \"(error|critical)\"")


def ready(scene: Scene) -> str:
    answer = expect(scene.call("GET", "/readyz"), 200).json()
    if answer["status"] != "ok":
        raise StepFailed(f"/readyz says {answer['status']}: {answer['problems']}")
    return f"/readyz says ok, the database is at migration {answer['migration']}"


def make_key(scene: Scene) -> str:
    refused = scene.call("GET", "/api/tasks/catalogue")
    if refused.status_code != requests.codes.unauthorized:
        raise StepFailed(f"Without a key the catalogue answered {refused.status_code} instead of 401.")
    scene.key = service_key(scene.database, scene.stack.folder)
    tasks = expect(scene.call("GET", "/api/tasks/catalogue"), 200).json()["tasks"]
    return f"refused without a key; with one the catalogue lists {len(tasks)} tasks"


def enqueue(scene: Scene) -> str:
    began = time.monotonic()
    made = expect(scene.call("POST", "/api/tasks", json={"task": "upkeep.prune", "payload": {}}), 202)
    location = made.headers["Location"]
    run = scene.finished(made.json()["id"], seconds=30)
    expect_state(run, "succeeded")
    scene.runs.append(run["id"])
    return f"202 with Location {location}; succeeded after {time.monotonic() - began:.2f} s"


def repeat(scene: Scene) -> str:
    """An idempotency key answers the first run again, and refuses another body."""
    body = {"task": "upkeep.prune", "payload": {"limit": 100}}
    headers = {"Idempotency-Key": "demonstration", "Prefer": "wait=20"}
    first = expect(scene.call("POST", "/api/tasks", json=body, headers=headers), 200).json()
    again = scene.call("POST", "/api/tasks", json=body, headers=headers).json()
    if again["id"] != first["id"]:
        raise StepFailed(f"The same key made two runs, {first['id']} and {again['id']}.")
    expect(scene.call("POST", "/api/tasks", json={**body, "payload": {"limit": 200}}, headers=headers), 409)
    return "waited for within the request; the same key and body made no second run; another body was refused with 409"


def seen_in_flower(scene: Scene) -> str:
    attempts = expect(scene.call("GET", f"/api/tasks/{scene.runs[0]}"), 200).json()["attempts"]
    message = attempts[-1]["message_id"]
    until = time.monotonic() + FLOWER_SECONDS
    while True:
        answer = ask_flower(scene, f"/api/task/info/{message}")
        if answer.ok:
            return f"Flower shows it as {answer.json()['name']} {answer.json()['state']} (message {message})"
        if time.monotonic() > until:
            raise StepFailed(f"Flower answered {answer.status_code} for message {message} of run {scene.runs[0]}.")
        time.sleep(PROBE_SECONDS)


def beat_ticks(scene: Scene) -> str:
    """Beat's only message arrives at a worker and is worked on."""
    until = time.monotonic() + BEAT_SECONDS
    while True:
        ticks = ask_flower(scene, "/api/tasks?taskname=upkeep.tick").json().values()
        if any(tick["state"] == "SUCCESS" for tick in ticks):
            return "a tick of beat's has reached a worker and succeeded"
        if time.monotonic() > until:
            raise StepFailed(f"No tick of beat's succeeded within {BEAT_SECONDS:.0f} s; Flower knows of {len(ticks)}.")
        time.sleep(PROBE_SECONDS)


def ask_flower(scene: Scene, path: str) -> requests.Response:
    sign_in = ("intowork", scene.stack.secrets["flower_password"])
    return requests.get(scene.stack.url("flower") + path, auth=sign_in, timeout=5)


def nothing_complained(scene: Scene) -> str:
    """No process has written an error so far; the faults that the later steps make are still to come."""
    complaints = [(name, line) for name, line in scene.stack.supervisor.lines() if COMPLAINT.search(line)]
    if complaints:
        raise StepFailed("; ".join(f"{name} wrote: {line[:300]}" for name, line in complaints[:3]))
    return "no process has written an error"


STEPS = (
    Step("Platform ready", ready),
    Step("Service key", make_key),
    Step("A run by HTTP", enqueue),
    Step("The same call twice", repeat),
    Step("Seen in Flower", seen_in_flower),
)
CALM_END = (
    Step("Beat", beat_ticks),
    Step("The logs so far", nothing_complained),
)
