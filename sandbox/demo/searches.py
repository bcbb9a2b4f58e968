"""A candidate's own search: tried out, saved as an instant alert, and answered when an offer appears."""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sandbox.demo.alerts import rows, steer, wait_until_delivered
from sandbox.demo.main_app import publish_like, signed_in
from sandbox.demo.scene import PROBE_SECONDS, Scene, Step, StepFailed, expect

TOLD_SECONDS = 30.0
NAME = "Comptabilité, sans attendre"
KEYWORDS, CITY = ("Comptables", "accountant"), "Libreville"
SEARCH = {"criteria": {"keywords": KEYWORDS, "location": CITY}, "frequency": "instant"}
CANDIDATE = """
    select u.id, u.email from candidates c join users u on u.id = c.user_id
     where u.is_active and not exists (select from suppressions s where s.address = lower(u.email))
     order by c.id limit 1
"""


def preview(scene: Scene) -> str:
    found = _preview(scene)
    newest = found["matching_jobs"][0]
    reason = newest["reasons"][0]
    return (
        f"{found['total_matches']} offers for {' or '.join(KEYWORDS)} in {CITY}; "
        f"“{newest['title']}” because of “{reason['keyword']}” in its {reason['field']}; "
        f"about {found['mails_per_week']} mails a week"
    )


def instant(scene: Scene) -> str:
    """Saved through the API, then told of an offer that was published past it, in one mail."""
    person = rows(scene, CANDIDATE)
    headers = signed_in(scene, person, "candidate")
    expect(scene.call("POST", "/api/job-alerts", json={"name": NAME, **SEARCH}, headers=headers), 201)
    like = _preview(scene)["matching_jobs"][0]
    publish_like(scene, like["id"])
    began = time.monotonic()
    mail = _wait_for_mail(scene, person["email"])
    seconds = time.monotonic() - began
    if like["title"] not in mail["text"]:
        raise StepFailed(f"The mail “{mail['subject']}” does not name the offer “{like['title']}”.")
    wait_until_delivered(scene)
    _mail(scene, person["email"])
    return f"“{like['title']}” was published by SQL; “{mail['subject']}” was at the provider {seconds:.1f} s later"


def _preview(scene: Scene) -> Mapping[str, Any]:
    """What the criteria find; StepFailed when that is nothing, or nobody knows why."""
    headers = signed_in(scene, rows(scene, CANDIDATE), "candidate")
    answer = scene.call("POST", "/api/job-alerts/preview", json=SEARCH, headers=headers)
    found: Mapping[str, Any] = expect(answer, 200).json()
    if not all(each["reasons"] for each in found["matching_jobs"]) or not found["matching_jobs"]:
        raise StepFailed(f"The preview finds nothing, or does not say why: {found}")
    return found


def _wait_for_mail(scene: Scene, address: str) -> Mapping[str, Any]:
    until = time.monotonic() + TOLD_SECONDS
    while not (mail := _mail(scene, address)):
        if time.monotonic() > until:
            raise StepFailed(f"{address} was not told of the offer within {TOLD_SECONDS:.0f} s.")
        time.sleep(PROBE_SECONDS)
    return mail


def _mail(scene: Scene, address: str) -> Mapping[str, Any]:
    """The mail about the alert, empty before it has come; StepFailed when there are several."""
    path = f"/messages?to={quote(address)}&subject={quote(NAME)}"
    found = steer(scene, "GET", path).json()
    if found["total"] > 1:
        raise StepFailed(f"{address} was told {found['total']} times of one offer.")
    if not found["total"]:
        return {}
    mail: Mapping[str, Any] = steer(scene, "GET", f"/messages/{found['messages'][0]['id']}").json()["mail"]
    return mail


STEPS = (
    Step("A search tried out", preview),
    Step("Told at once", instant),
)
