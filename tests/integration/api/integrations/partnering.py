"""A company with a partner of its own, and what its recruiter asks for."""

import time
from typing import Any

import resend

from tests.factories import main_web_app
from tests.factories.api import Answer
from tests.factories.emulators import ReceiverEmulator
from tests.integration.api.integrations.conftest import URL, Connecting

CUSTOM = f"{URL}/custom"
KEY, OTHER_KEY = "mjm_gh_a1b2c3d4e5f6", "mjm_gh_f6e5d4c3b2a1"


def connect(connecting: Connecting, receiver: ReceiverEmulator, name: str = "offers") -> str:
    """Connect a receiver; its secret."""
    answer = connecting.recruiter.call("PUT", CUSTOM, json={"kind": "webhook", "url": receiver.address(name)})
    assert answer.status_code == 201, answer.text
    secret: str = answer.json["secret"]
    return secret


def offer(connecting: Connecting, title: str = "Comptable (H/F)", **values: Any) -> int:
    made: int = connecting.app(lambda connection: main_web_app.insert_job(connection, title, **values))
    return made


def publish(connecting: Connecting, job: int) -> dict[str, Any]:
    """Publish and try once; the posting."""
    asked = connecting.recruiter.post(
        f"/api/jobs/{job}/postings", {"channels": [{"channel": "custom"}]}, headers={"Prefer": "respond-async"}
    )
    assert asked.status_code in (200, 202), asked.text
    connecting.work()
    return posting(connecting, job)


def posting(connecting: Connecting, job: int) -> dict[str, Any]:
    answer = connecting.recruiter.get(f"/api/jobs/{job}/postings")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json[0]
    return found


def withdraw(connecting: Connecting, posting_id: int) -> None:
    asked = connecting.recruiter.post(f"/api/postings/{posting_id}/withdraw", headers={"Prefer": "respond-async"})
    assert asked.status_code in (200, 202), asked.text
    connecting.work()


def try_until(connecting: Connecting, job: int, *states: str) -> dict[str, Any]:
    """Make what waits due until the posting is in one of these states."""
    for _ in range(100):
        connecting.rows("update task_runs set run_at = now() where state = 'queued' returning id")
        connecting.work()
        found = posting(connecting, job)
        if found["state"] in states:
            return found
        time.sleep(0.1)
    raise AssertionError(f"the posting is still {found['state']}")


def log(connecting: Connecting) -> list[dict[str, Any]]:
    answer = connecting.recruiter.get(f"{CUSTOM}/deliveries")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json
    assert answer.headers["X-Total-Count"] == str(len(found))
    return found


def send_again(connecting: Connecting, number: int) -> Answer:
    with connecting.working():
        return connecting.recruiter.post(f"{CUSTOM}/deliveries/{number}/send-again")


def check_signature(came: dict[str, Any], *secrets: str) -> None:
    """By a library for receivers that knows nothing of ours."""
    headers = came["headers"]
    signed: resend.WebhookHeaders = {
        "id": headers["webhook-id"],
        "timestamp": headers["webhook-timestamp"],
        "signature": headers["webhook-signature"],
    }
    assert len(headers["webhook-signature"].split()) == len(secrets)
    for secret in secrets:
        resend.Webhooks.verify({"payload": came["body"], "headers": signed, "webhook_secret": secret})


def delete_postings_once_answered(connecting: Connecting) -> None:
    """From now on a posting is gone by the time that what its channel has answered is on record."""
    connecting.api.database.autocommit(
        """
        create function forget_postings() returns trigger language plpgsql as
        $$ begin delete from job_postings; return null; end $$
        """,
        {},
    )
    connecting.api.database.autocommit(
        """
        create trigger forget_postings after update of state on effects for each row when (new.state = 'done')
        execute function forget_postings()
        """,
        {},
    )
