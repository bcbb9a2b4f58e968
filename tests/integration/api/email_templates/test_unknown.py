"""A mail of which nobody knows whether it left: what operators see of it, and how they decide."""

from typing import Any

import pytest

from tests.factories.api import token
from tests.integration.api.email_templates.conftest import ADMIN, RECRUITER, URL, TemplateOffice, detail
from worker.catalogue.email import BATCH_PENDING

REASON = "looked into the provider's dashboard"


@pytest.fixture
def lost(office: TemplateOffice) -> dict[str, Any]:
    """The run of a delivery whose answer was lost for longer than its key lived."""
    office.faults("resend", drop_after_recording=1.0)
    made = office.make()
    sent = office.recruiter.post(f"{URL}/{made['id']}/send", {"application_ids": [office.applications.awa]})
    assert sent.status_code == 202
    office.work()
    office.faults("resend", drop_after_recording=0.0)
    office.rows("update effects set first_intended_at = now() - interval '24 hours' returning key")
    again(office)
    [run] = office.api.get("/api/tasks?state=uncertain").json["runs"]
    assert run["task"] == "email.deliver_batch"
    return dict(run)


def again(office: TemplateOffice) -> None:
    office.rows("update task_runs set run_at = now() where state = 'queued' returning id")
    office.work()


def states(office: TemplateOffice) -> list[str]:
    return [row["state"] for row in office.rows("select state from email_messages order by id")]


def settle(office: TemplateOffice, run: dict[str, Any], **decision: Any) -> Any:
    operator = office.api.with_token(token(sub=str(ADMIN)))
    return operator.post(f"/api/tasks/{run['id']}/settle", {"reason": REASON, **decision})


def test_the_mail_says_that_nobody_knows(office: TemplateOffice, lost: dict[str, Any]) -> None:
    made = office.api.post("/api/tasks", {"task": BATCH_PENDING.name, "payload": {}})
    assert made.status_code == 202, made.text
    office.work()
    assert states(office) == ["unknown"]
    refused = office.user(RECRUITER).post(f"/api/tasks/{lost['id']}/settle", {"happened": True, "reason": REASON})
    assert refused.status_code == 403, "operators decide"


def test_it_was_sent(office: TemplateOffice, lost: dict[str, Any]) -> None:
    [mail] = office.mails()
    answer = settle(office, lost, happened=True, reference={"ids": ["from-the-dashboard"]})
    assert (answer.status_code, answer.json["outcome"]) == (200, "queued")
    again(office)
    assert office.rows("select state, provider_id from email_messages") == [
        {"state": "sent", "provider_id": "from-the-dashboard"}
    ]
    assert office.mails() == [mail], "nothing is sent again"
    late = settle(office, lost, happened=True)
    assert late.status_code == 409
    assert detail(late)
    [entry] = office.rows("select actor, reason from audit_log where action = 'run.settle'")
    assert entry == {"actor": f"user:{ADMIN}", "reason": REASON}


def test_it_was_not_sent(office: TemplateOffice, lost: dict[str, Any]) -> None:
    assert settle(office, lost, happened=False).json["outcome"] == "queued"
    again(office)
    assert states(office) == ["sent"]
    assert len(office.mails()) == 1, "the same bytes under the same key: who is wrong within the day doubles nothing"
