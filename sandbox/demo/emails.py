"""E-mail: a recruiter's template to applicants, the provider's reports, and unsubscribing with one click."""

import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import requests

from sandbox.demo.alerts import rows, run_alerts, steer, wait_until_delivered
from sandbox.demo.main_app import SignedIn, publish_like, signed_in
from sandbox.demo.scene import PROBE_SECONDS, Scene, Step, StepFailed, expect, expect_state
from sandbox.seed.people import GONE_PREFIX
from worker.kit.database import query

REPORTED_SECONDS = 30.0
SENT_SECONDS = 60.0
LATER_HOUR = 9
MARK = "Suite à votre candidature"
TEMPLATE = {
    "name": "Suite donnée",
    "type": "application_received",
    "subject": f"{MARK} : {{job_title}}",
    "body": "<p>Bonjour {candidate_first_name},</p><p>Votre dossier pour {job_title} est complet. "
    "{company_name} vous répondra bientôt.</p><p>{recruiter_name}</p>",
}

RECRUITER = """
    select u.id, u.email from employers e join users u on u.id = e.user_id
      join job_applications a on a.job_id in (select id from jobs where company_id = e.company_id)
     order by e.company_id, e.id limit 1
"""
APPLICANTS = """
    select a.id, u.email, u.first_name, j.title, s.address is not null as suppressed
      from job_applications a join jobs j on j.id = a.job_id
      join candidates c on c.id = a.candidate_id join users u on u.id = c.user_id
      left join suppressions s on s.address = lower(u.email) and s.lifted_at is null
     where j.company_id = (select company_id from employers where user_id = %s) order by a.id
"""
# An offer that two daily alerts were told of: an offer like it has to reach the other one only.
SUBSCRIBED = """
    with told as (
        select d.alert_id, d.job_ids, m.provider_id
          from alert_digests d join email_messages m on m.id = d.message_id join alert_runs r on r.id = d.alert_run_id
         where r.frequency = 'daily' and m.state in ('sent', 'delivered'))
    select d.alert_id, d.provider_id, j.id as job_id from told d, unnest(d.job_ids) as j(id)
     where exists (select from told o where o.alert_id <> d.alert_id and j.id = any(o.job_ids))
     order by d.alert_id, j.id limit 1
"""
TOLD = """
    select count(*) filter (where alert_id = %s) as unsubscribed, count(*) filter (where alert_id <> %s) as others
      from alert_digests where alert_run_id = %s
"""


def point_webhooks(scene: Scene) -> str:
    address = f"{scene.stack.url('api')}/api/webhooks/resend"
    forged = requests.post(address, json={"type": "email.bounced"}, headers={"svix-id": "msg_1"}, timeout=10)
    expect(forged, 401)
    secret = scene.stack.environment["RESEND_WEBHOOK_SECRET"]
    steer(scene, "PUT", "/webhooks", json={"url": address, "secret": secret})
    return "a report without a signature was refused with 401; the provider knows address and secret"


def write_template(scene: Scene) -> str:
    """A name that does not exist is refused with the one that was meant; the right one makes a preview."""
    headers = recruiter(scene).headers
    wrong = {**TEMPLATE, "body": TEMPLATE["body"].replace("first_name", "firstname")}
    refused = expect(scene.call("POST", "/api/email-templates", json=wrong, headers=headers), 422).json()["detail"]
    if "{candidate_firstname}" not in refused or "{candidate_first_name}" not in refused:
        raise StepFailed(f"The refusal names neither the unknown name nor the one that was meant: {refused}")
    made = expect(scene.call("POST", "/api/email-templates", json=TEMPLATE, headers=headers), 201).json()
    scene.template = made["id"]
    somebody = applicants(scene)[0]
    body = {"application_id": somebody["id"]}
    preview = expect(scene.call("POST", f"{template(scene)}/preview", json=body, headers=headers), 200).json()
    expect_filled_in(preview, somebody)
    return f"“{refused}” with 422; saved with the right name, the preview reads “{preview['subject']}”"


def send_template(scene: Scene) -> str:
    everybody = applicants(scene)
    result = send(scene, [each["id"] for each in everybody])
    held_back = [each for each in everybody if each["suppressed"]]
    if result["messages"].get("suppressed", 0) != len(held_back) or result["total"] != len(everybody):
        raise StepFailed(f"{len(held_back)} of {len(everybody)} addresses are suppressed, the run tells {result}.")
    for each in everybody:
        expect_mails(scene, each, 0 if each["suppressed"] else 1)
    sent = len(everybody) - len(held_back)
    return f"{sent} mails with each one’s name, once each; held back for a suppressed address: {len(held_back)}"


def bounce(scene: Scene) -> str:
    """The provider reports that an address is gone; the next mail to it does not leave."""
    gone = next(each for each in applicants(scene) if each["email"].startswith(GONE_PREFIX))
    entry = wait_for_suppression(scene, gone["email"])
    states = send(scene, [gone["id"]])["messages"]
    if entry["reason"] != "bounced" or states != {"suppressed": 1}:
        raise StepFailed(f"{gone['email']} is suppressed as {entry['reason']}, and the next mail became {states}.")
    expect_mails(scene, gone, 1)
    return f"a signed report has put {gone['email']} on the list; the next mail to it was held back"


def unsubscribe(scene: Scene) -> str:
    """As mail programs do it, from the header of a digest, and twice; opening the link changes nothing."""
    chosen = rows(scene, SUBSCRIBED)
    mail = steer(scene, "GET", f"/messages/{chosen['provider_id']}").json()["mail"]
    link = mail["headers"]["List-Unsubscribe"].strip("<>")
    expect(requests.get(link, timeout=10), 200)
    if not is_active(scene, chosen["alert_id"]):
        raise StepFailed("Opening the link of a digest has unsubscribed from its alert.")
    for _ in range(2):
        form = {"List-Unsubscribe": "One-Click"}
        expect(requests.post(link, data=form, timeout=10, allow_redirects=False), 200)
    if is_active(scene, chosen["alert_id"]):
        raise StepFailed(f"Alert {chosen['alert_id']} is still active after unsubscribing twice.")
    told = tell_of_another_offer(scene, chosen)
    return f"200 both times; a new offer told to other alerts ({told['others']}), not to the one that unsubscribed"


def tell_of_another_offer(scene: Scene, chosen: Mapping[str, Any]) -> Mapping[str, Any]:
    """Digests of a later period, after an offer appeared that fits the unsubscribed alert as well as another one."""
    publish_like(scene, chosen["job_id"])
    result = run_alerts(scene, "daily", key="later", hour=LATER_HOUR)
    told = rows(scene, TOLD, chosen["alert_id"], chosen["alert_id"], result["alert_run_id"])
    if told["unsubscribed"] or not told["others"]:
        raise StepFailed(f"Digests after unsubscribing: {told}; expected none for it and some for others.")
    wait_until_delivered(scene)
    return told


def recruiter(scene: Scene) -> SignedIn:
    """Somebody of a company with applicants."""
    person = rows(scene, RECRUITER)
    return SignedIn(person["id"], signed_in(scene, person, "employer"))


def applicants(scene: Scene) -> Sequence[Mapping[str, Any]]:
    user_id = recruiter(scene).user_id
    with scene.database.transaction() as connection:
        return query(connection, APPLICANTS, (user_id,))


def template(scene: Scene) -> str:
    return f"/api/email-templates/{scene.template}"


def send(scene: Scene, application_ids: Sequence[int]) -> Mapping[str, Any]:
    """The result of the run that sends the template to these applicants."""
    body = {"application_ids": list(application_ids)}
    headers = recruiter(scene).headers
    run_id = expect(scene.call("POST", f"{template(scene)}/send", json=body, headers=headers), 202).json()["run"]["id"]
    run = scene.finished(run_id, seconds=SENT_SECONDS)
    expect_state(run, "succeeded")
    result: Mapping[str, Any] = run["result"]
    return result


def expect_mails(scene: Scene, applicant: Mapping[str, Any], amount: int) -> None:
    """So many mails of the template are at the provider, each with this applicant's values."""
    found = steer(scene, "GET", f"/messages?to={quote(applicant['email'])}&subject={quote(MARK)}").json()
    if found["total"] != amount:
        raise StepFailed(f"{found['total']} mails instead of {amount} went to {applicant['email']}.")
    for message in found["messages"]:
        expect_filled_in(steer(scene, "GET", f"/messages/{message['id']}").json()["mail"], applicant)


def expect_filled_in(mail: Mapping[str, Any], applicant: Mapping[str, Any]) -> None:
    wanted = (f"{MARK} : {applicant['title']}", f"Bonjour {applicant['first_name']},")
    if mail["subject"] != wanted[0] or wanted[1] not in mail["text"] or "{" in mail["text"]:
        raise StepFailed(f"The mail to {applicant['email']} reads “{mail['subject']}”: {mail['text'][:200]}")


def wait_for_suppression(scene: Scene, address: str) -> Mapping[str, Any]:
    until = time.monotonic() + REPORTED_SECONDS
    while True:
        answer = expect(scene.call("GET", f"/api/suppressions?search={quote(address)}"), 200).json()
        if answer["suppressions"]:
            entry: Mapping[str, Any] = answer["suppressions"][0]
            return entry
        if time.monotonic() > until:
            raise StepFailed(f"{address} came back and was not suppressed within {REPORTED_SECONDS:.0f} s.")
        time.sleep(PROBE_SECONDS)


def is_active(scene: Scene, alert_id: int) -> bool:
    return bool(rows(scene, "select is_active from job_alerts where id = %s", alert_id)["is_active"])


STEPS = (
    Step("The provider's reports", point_webhooks),
    Step("A recruiter's template", write_template),
    Step("Sent to applicants", send_template),
    Step("An address is gone", bounce),
    Step("Unsubscribed with one click", unsubscribe),
)
