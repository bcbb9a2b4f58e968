"""Job alerts: a company set, a run of each frequency, and what a provider and a dying worker do to it."""

import os
import signal
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import requests

from sandbox.demo.scene import PROBE_SECONDS, Scene, Step, StepFailed, expect, expect_state
from sandbox.seed.generate import generate
from sandbox.seed.load import load
from worker.kit.database import query

RUN_SECONDS = 120.0
DELIVERY_SECONDS = 180.0
SLOW_SECONDS = 4.0
LOST_ANSWERS = 2

MESSAGES = """
    select count(*) filter (where state in ('pending', 'sending')) as waiting,
           count(*) filter (where state in ('sent', 'delivered', 'bounced', 'complained')) as sent,
           count(*) filter (where state = 'suppressed') as suppressed,
           count(*) filter (where state in ('failed', 'unknown')) as lost,
           count(distinct provider_id) as receipts,
           (select count(*) from job_changes)
         + (select count(*) from task_runs where state in ('queued', 'running')
                                             and (task like 'email.deliver%%' or task like 'alerts.%%'
                                                  or task = 'interviews.tell_people' and run_at <= now())) as working
      from email_messages
"""
DIGESTS = """
    select count(*) as digests, count(m.id) as messages, coalesce(max(cardinality(d.job_ids)), 0) as longest
      from alert_digests d left join email_messages m on m.id = d.message_id where d.alert_run_id = %s
"""
SENDING = """
    select r.id, w.pid from task_runs r join workers w on w.id = r.worker_id
      join effects e on e.run_id = r.id and e.state = 'intended'
     where r.task = 'email.deliver_batch' and r.state = 'running' limit 1
"""
REPEATED = """
    select count(*) as runs from task_runs r
     where r.task = 'email.deliver_batch' and r.state = 'succeeded'
       and (select count(*) from task_attempts a where a.run_id = r.id) > 1
"""


def seed(scene: Scene) -> str:
    counts = load(scene.database, generate(now=datetime.now(UTC))).rows
    names = ("companies", "jobs", "candidates", "job_alerts")
    companies, jobs, candidates, alerts = (counts[name] for name in names)
    return f"{companies} companies, {jobs} offers, {candidates} candidates, {alerts} alerts"


def daily(scene: Scene) -> str:
    began = time.monotonic()
    run_id = start_alerts(scene, "daily")
    shown = watch(scene, run_id)
    result = ended(scene, run_id)
    stored = rows(scene, DIGESTS, result["alert_run_id"])
    if not result["digests_stored"] or stored["digests"] != result["digests_stored"] != stored["messages"]:
        raise StepFailed(f"The run tells of {result['digests_stored']} digests, the database holds {stored}.")
    skipped, seconds = sum(result["skipped"].values()), time.monotonic() - began
    return (
        f"{result['alerts_scanned']} alerts looked at, {skipped} skipped, {result['alerts_matched']} matched, "
        f"{stored['digests']} digests of at most {stored['longest']} offers, in {seconds:.1f} s; "
        f"progress shown on the way: {', '.join(shown)}"
    )


def watch(scene: Scene, run_id: str) -> list[str]:
    """What the run's progress tells one after the other until it ends; StepFailed when it never counts alerts."""
    told: list[str] = []
    until = time.monotonic() + RUN_SECONDS
    is_over = False
    while not is_over and time.monotonic() < until:
        run = expect(scene.call("GET", f"/api/tasks/{run_id}"), 200).json()
        sentence = reached(run["progress"] or {"state": "queued"})
        told += [] if sentence in told else [sentence]
        is_over = bool(run["finished_at"])
        time.sleep(PROBE_SECONDS)
    if not any("alerts" in sentence for sentence in told):
        raise StepFailed(f"The run never told how far it was, only: {', '.join(told)}.")
    return told


def reached(progress: Mapping[str, Any]) -> str:
    if "alerts_total" in progress:
        return f"{progress['alerts_scanned']} of {progress['alerts_total']} alerts"
    return str(progress["state"])


def delivered_once(scene: Scene) -> str:
    """Every message has left, and the provider holds each exactly once."""
    told = wait_until_delivered(scene)
    with scene.database.transaction() as connection:
        addresses = [row["address"] for row in query(connection, "select address from suppressions")]
    for address in addresses:
        if steer(scene, "GET", f"/messages?to={quote(address)}").json()["total"]:
            raise StepFailed(f"{address} is on the suppression list and got a mail.")
    return (
        f"{told['sent']} mails at the provider, none twice, none to a suppressed address ({len(addresses)} on the list)"
    )


def same_period_again(scene: Scene) -> str:
    before = rows(scene, MESSAGES)
    result = run_alerts(scene, "daily", key="once more")
    after = rows(scene, MESSAGES)
    if after != before:
        raise StepFailed(f"The same period made further mails: {before} became {after}.")
    return f"answered with alert run {result['alert_run_id']} of before; no further mail"


def lost_answers(scene: Scene) -> str:
    """The provider takes the mails and the connection breaks before its answer: the hardest failure to repair."""
    wait_until_delivered(scene)
    set_faults(scene, {"drop_after_recording": 1.0, "times": LOST_ANSWERS})
    result = run_alerts(scene, "weekly")
    told = wait_until_delivered(scene)
    repeated = rows(scene, REPEATED)["runs"]
    if not repeated:
        raise StepFailed("No delivery was repeated although the provider's answers were lost.")
    return (
        f"{LOST_ANSWERS} answers lost, batches repeated under their keys: {repeated}; "
        f"{result['digests_stored']} digests delivered once ({told['sent']} mails in all)"
    )


def killed_worker(scene: Scene) -> str:
    set_faults(scene, {"slow_seconds": SLOW_SECONDS, "slow_p": 1.0})
    run_id = start_alerts(scene, "monthly")
    victim = wait_for_sending(scene)
    os.kill(victim["pid"], signal.SIGKILL)
    began = time.monotonic()
    set_faults(scene, {})
    expect_state(scene.finished(run_id, seconds=RUN_SECONDS), "succeeded")
    run = scene.finished(str(victim["id"]), seconds=DELIVERY_SECONDS)
    seconds = time.monotonic() - began
    expect_state(run, "succeeded")
    told = wait_until_delivered(scene)
    return (
        f"process {victim['pid']} killed while it sent a batch; the batch was finished by another "
        f"{seconds:.1f} s later, and the provider still holds each of {told['sent']} mails once"
    )


def start_alerts(scene: Scene, frequency: str, *, key: str = "first", hour: int = 8) -> str:
    period = datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    body = {"task": "alerts.run", "payload": {"frequency": frequency, "period": period.isoformat()}}
    headers = {"Idempotency-Key": f"demonstration {frequency} {key}"}
    return str(expect(scene.call("POST", "/api/tasks", json=body, headers=headers), 202).json()["id"])


def run_alerts(scene: Scene, frequency: str, *, key: str = "first", hour: int = 8) -> Mapping[str, Any]:
    """The result of one alert run of today."""
    return ended(scene, start_alerts(scene, frequency, key=key, hour=hour))


def ended(scene: Scene, run_id: str) -> Mapping[str, Any]:
    """A run's result; StepFailed when it did not succeed."""
    run = scene.finished(run_id, seconds=RUN_SECONDS)
    expect_state(run, "succeeded")
    result: Mapping[str, Any] = run["result"]
    return result


def wait_until_delivered(scene: Scene) -> Mapping[str, Any]:
    """Counts of messages once none waits and none can come; StepFailed when provider and database disagree about any.

    A report may tell of a mail before the delivery that lost the provider's answer has been repeated.
    """
    until = time.monotonic() + DELIVERY_SECONDS
    while (told := rows(scene, MESSAGES))["waiting"] or told["working"]:
        if time.monotonic() > until:
            raise StepFailed(f"Mails still wait after {DELIVERY_SECONDS:.0f} s: {told}.")
        time.sleep(PROBE_SECONDS)
    counted = steer(scene, "GET", "/counts").json()
    if told["lost"] or counted["duplicates"] or not told["sent"] == told["receipts"] == counted["accepted"]:
        raise StepFailed(f"The database tells {told}, the provider {counted}.")
    return told


def wait_for_sending(scene: Scene) -> Mapping[str, Any]:
    until = time.monotonic() + DELIVERY_SECONDS
    with_sending: list[dict[str, Any]] = []
    while not with_sending:
        if time.monotonic() > until:
            raise StepFailed("No delivery was under way, so that no worker could be killed in one.")
        time.sleep(PROBE_SECONDS)
        with scene.database.transaction() as connection:
            with_sending = query(connection, SENDING)
    return with_sending[0]


def rows(scene: Scene, statement: str, *parameters: object) -> dict[str, Any]:
    with scene.database.transaction() as connection:
        return query(connection, statement, parameters)[0]


def set_faults(scene: Scene, faults: Mapping[str, float]) -> None:
    steer(scene, "PUT", "/faults", json=dict(faults))


def steer(scene: Scene, method: str, path: str, **options: Any) -> requests.Response:
    """The mail provider's emulator, as its operator."""
    address = f"{scene.stack.url('emulators')}/_emulator/resend{path}"
    return expect(requests.request(method, address, timeout=10, **options), 200)


CALM_STEPS = (
    Step("A market to work on", seed),
    Step("Daily alerts", daily),
    Step("Each mail exactly once", delivered_once),
    Step("The same day again", same_period_again),
)
STORM_STEPS = (
    Step("The provider's answers get lost", lost_answers),
    Step("A worker is killed while it sends", killed_worker),
)
