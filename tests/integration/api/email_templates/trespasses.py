"""What a recruiter tries at every route with the ids of another company."""

from typing import Any, NamedTuple

from tests.integration.api.email_templates.conftest import BODY


class Trespass(NamedTuple):
    """What a recruiter tries with the ids of another company, and what he is answered.

    A text `{name}` of the body becomes the victim's `name`. After a 2xx he has seen and changed his own only.
    """

    status: int
    body: Any = None
    query: str = ""


LETTER = {"task": "email.send", "payload": {"template_id": "{template_id}", "application_id": "{application_id}"}}
APPLICATION = {"application_id": "{application_id}", "application_ids": ["{application_id}"]}
DRAFT = {"type": "custom", "subject": "{{candidate_email}}", "body": "{{candidate_name}} {{candidate_email}}"}

PLANNED = {"application_id": "{application_id}", "title": "x", "scheduled_at": "2030-01-02T10:00:00Z"}
EVENT = {
    "application_id": "{application_id}",
    "title": "x",
    "start_time": "2030-01-02T10:00:00Z",
    "end_time": "2030-01-02T11:00:00Z",
}
SLUGS = "any('linkedin', 'google-calendar', 'outlook', 'facebook', 'twitter')"

# Every route below /api, with whatever else may be called by id; a new one belongs in here.
TRESPASSES = {
    "GET /api/email-templates": Trespass(200, query="?company_id=1"),
    "POST /api/email-templates": Trespass(201, body={**BODY, "company_id": 1, "id": "{template_id}"}),
    "GET /api/email-templates/variables": Trespass(200, query="?company_id=1"),
    "GET /api/email-templates/defaults": Trespass(200, query="?company_id=1"),
    "POST /api/email-templates/defaults/<type>/activate": Trespass(201, body={"company_id": 1}),
    "GET /api/email-templates/stats/usage": Trespass(200, query="?company_id=1"),
    "POST /api/email-templates/preview": Trespass(403, body={**DRAFT, **APPLICATION}),
    "POST /api/email-templates/draft": Trespass(
        202, body={"type": "custom", "instructions": "Bref", "template_id": "{template_id}", **APPLICATION}
    ),
    "GET /api/email-templates/<template_id>": Trespass(404),
    "PUT /api/email-templates/<template_id>": Trespass(404, body={**BODY, "company_id": 2}),
    "PATCH /api/email-templates/<template_id>": Trespass(404, body={"name": "Volé", "company_id": 2}),
    "DELETE /api/email-templates/<template_id>": Trespass(404),
    "PATCH /api/email-templates/<template_id>/set-default": Trespass(404),
    "POST /api/email-templates/<template_id>/duplicate": Trespass(404),
    "GET /api/email-templates/<template_id>/versions": Trespass(404),
    "POST /api/email-templates/<template_id>/versions/<version>/restore": Trespass(404),
    "POST /api/email-templates/<template_id>/preview": Trespass(404, body=APPLICATION),
    "POST /api/email-templates/<template_id>/send-test": Trespass(404, body={}),
    "POST /api/email-templates/<template_id>/send": Trespass(404, body=APPLICATION),
    "GET /api/job-alerts": Trespass(403, query="?candidate_id=1"),
    "POST /api/job-alerts": Trespass(403, body={"name": "x", "criteria": {}, "candidate_id": 1}),
    "POST /api/job-alerts/preview": Trespass(403, body={"criteria": {}}),
    "GET /api/job-alerts/stats/summary": Trespass(403),
    "GET /api/job-alerts/<alert_id>": Trespass(403),
    "GET /api/job-alerts/<alert_id>/preview": Trespass(403),
    "PUT /api/job-alerts/<alert_id>": Trespass(403, body={"name": "x", "criteria": {}}),
    "PATCH /api/job-alerts/<alert_id>": Trespass(403, body={"name": "x"}),
    "DELETE /api/job-alerts/<alert_id>": Trespass(403),
    "POST /api/job-alerts/<alert_id>/toggle": Trespass(403),
    "GET /api/job-alerts/<alert_id>/digests": Trespass(403),
    "GET /api/suppressions": Trespass(403, query="?search={address}"),
    "POST /api/suppressions": Trespass(403, body={"address": "{recipient}", "reason": "x"}),
    "DELETE /api/suppressions/<path:address>": Trespass(403, query="?reason=x"),
    "GET /api/tasks": Trespass(403),
    "POST /api/tasks": Trespass(403, body=LETTER),
    "POST /api/tasks/batch": Trespass(403, body={"tasks": [LETTER]}),
    "POST /api/tasks/bulk": Trespass(403, body={"action": "cancel", "filter": {"task": "email.send"}, "reason": "x"}),
    "GET /api/tasks/catalogue": Trespass(403),
    "GET /api/tasks/<run_id>": Trespass(404),
    "POST /api/tasks/<run_id>/cancel": Trespass(403),
    "POST /api/tasks/<run_id>/retry": Trespass(403),
    "POST /api/tasks/<run_id>/settle": Trespass(403, body={"happened": False, "reason": "x"}),
    "GET /api/queues": Trespass(403),
    "POST /api/queues/<name>/pause": Trespass(403, body={"reason": "x"}),
    "POST /api/queues/<name>/resume": Trespass(403, body={"reason": "x"}),
    "POST /api/webhooks/resend": Trespass(
        401, body={"type": "email.bounced", "data": {"email_id": "{provider_id}", "to": ["{recipient}"]}}
    ),
    "GET /api/interviews": Trespass(200),
    "POST /api/interviews": Trespass(403, body=PLANNED),
    "GET /api/interviews/application/<application_id>": Trespass(403),
    "GET /api/interviews/settings": Trespass(200),
    "PUT /api/interviews/settings": Trespass(200, body={}),
    "GET /api/interviews/suggestions": Trespass(403, query="?application_id={application_id}"),
    "GET /api/interviews/overlaps": Trespass(
        403, query="?application_id={application_id}&scheduled_at=2030-01-02T10:00:00Z"
    ),
    "GET /api/interviews/calendar-feed": Trespass(200),
    "POST /api/interviews/calendar-feed": Trespass(503),
    "DELETE /api/interviews/calendar-feed": Trespass(204),
    "GET /api/interviews/<interview_id>": Trespass(403),
    "PUT /api/interviews/<interview_id>": Trespass(403, body={"title": "x"}),
    "PATCH /api/interviews/<interview_id>": Trespass(403, body={"title": "x"}),
    "DELETE /api/interviews/<interview_id>": Trespass(403),
    "PATCH /api/interviews/<interview_id>/status": Trespass(403, body={"status": "canceled"}),
    "PATCH /api/interviews/<interview_id>/feedback": Trespass(403, body={"notes": "x"}),
    "GET /api/integrations/status": Trespass(200),
    "GET /api/integrations/<provider>/auth-url": Trespass(503),
    "DELETE /api/integrations/<provider>/disconnect": Trespass(200),
    "POST /api/integrations/<provider>/switch-on": Trespass(400),
    **{f"{method} /api/integrations/<provider>/feed": Trespass(400) for method in ("GET", "POST", "DELETE")},
    "GET /api/integrations/custom": Trespass(200),
    "PUT /api/integrations/custom": Trespass(503, body={"kind": "webhook", "url": "https://hooks.example/in"}),
    "POST /api/integrations/custom/rotate-secret": Trespass(409),
    "DELETE /api/integrations/custom/disconnect": Trespass(200),
    "GET /api/integrations/custom/deliveries": Trespass(200),
    "POST /api/integrations/custom/deliveries/<delivery_id>/send-again": Trespass(404),
    "POST /api/integrations/google-calendar/create-event": Trespass(403, body=EVENT),
    "POST /api/integrations/outlook/create-event": Trespass(403, body=EVENT),
    f"GET /api/integrations/<{SLUGS}:provider>/callback": Trespass(302, query="?state=of-nobody&code=x"),
    "GET /api/integrations/linkedin/organizations": Trespass(400),
    "POST /api/integrations/linkedin/publish-job": Trespass(404, body={"job_id": "{job_id}"}),
    "GET /api/jobs/<job_id>/postings": Trespass(404),
    "POST /api/jobs/<job_id>/postings": Trespass(404, body={"channels": [{"channel": "intowork"}]}),
    "POST /api/jobs/<job_id>/postings/preview": Trespass(404, body={"channel": "linkedin"}),
    "POST /api/postings/<posting_id>/withdraw": Trespass(404),
    "POST /api/postings/<posting_id>/decide": Trespass(404, body={"exists": False}),
    "POST /api/postings/<posting_id>/confirm": Trespass(404, body={"external_url": "https://board.example/1"}),
    "GET /api/postings/<posting_id>/statistics": Trespass(404),
    "GET /api/notifications": Trespass(200),
    "GET /api/notifications/unread-count": Trespass(200),
    "PUT /api/notifications/mark-all-read": Trespass(200),
    "PUT /api/notifications/<notification_id>/read": Trespass(404),
    "DELETE /api/notifications/<notification_id>": Trespass(404),
    "GET /api/applications/<application_id>/scorecards": Trespass(403),
    "GET /api/applications/<application_id>/scorecards/mine": Trespass(403),
    "PUT /api/applications/<application_id>/scorecards/mine": Trespass(403, body={"overall": 1}),
    "GET /api/openapi.json": Trespass(200),
    "GET /api/docs": Trespass(200),
}
