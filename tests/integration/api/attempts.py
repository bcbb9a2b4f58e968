"""The authorisation matrix: what everybody is answered at every route, with the ids of company 1 and candidate 1."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.factories.api import Answer, Api
from tests.integration.api.world import Named

# The columns of `Attempt.statuses`, in this order. A key of another scope may only tell of companies.
COLUMNS = (
    "the candidate",
    "another candidate",
    "the employer",
    "another company's employer",
    "an administrator",
    "a service key",
    "a service key of another scope",
)


class Attempt(NamedTuple):
    """statuses: one for each of `COLUMNS`, or a single one at a route that is open to all; without a token, with one
    that has expired or is forged, guarded routes answer 401.

    A text `{name}` of body and query becomes the id of that name (`Named`); names: other values for variables of the
    route.
    """

    statuses: str
    body: Any = None
    query: str = ""
    names: Mapping[str, Any] = {}


TEMPLATE = {
    "name": "Accueil",
    "type": "welcome_candidate",
    "subject": "Bienvenue {{candidate_first_name}}",
    "body": "<p>Bonjour {{candidate_name}}, bienvenue chez {{company_name}}.</p>",
}
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

JOBBERMAN = {"provider": "jobberman"}
OF_INTERVIEW = {"token": "{interview_token}"}
OF_MAILS = {"token": "{mails_token}"}
OF_USER = {"token": "{unsubscribe_token}"}

ATTEMPTS = {
    "GET /api/email-templates": Attempt("403 403 200 200 403 403 403", query="?company_id=1"),
    "POST /api/email-templates": Attempt(
        "403 403 201 201 403 403 403", body={**TEMPLATE, "company_id": 1, "id": "{template_id}"}
    ),
    "GET /api/email-templates/variables": Attempt("403 403 200 200 403 403 403", query="?company_id=1"),
    "GET /api/email-templates/defaults": Attempt("403 403 200 200 403 403 403", query="?company_id=1"),
    "POST /api/email-templates/defaults/<type>/activate": Attempt(
        "403 403 201 201 403 403 403", body={"company_id": 1}
    ),
    "GET /api/email-templates/stats/usage": Attempt("403 403 200 200 403 403 403", query="?company_id=1"),
    "POST /api/email-templates/preview": Attempt("403 403 200 403 403 403 403", body={**DRAFT, **APPLICATION}),
    "POST /api/email-templates/draft": Attempt(
        "403 403 202 202 403 403 403",
        body={"type": "custom", "instructions": "Bref", "template_id": "{template_id}", **APPLICATION},
    ),
    "GET /api/email-templates/<template_id>": Attempt("403 403 200 404 403 403 403"),
    "PUT /api/email-templates/<template_id>": Attempt(
        "403 403 200 404 403 403 403", body={**TEMPLATE, "company_id": 2}
    ),
    "PATCH /api/email-templates/<template_id>": Attempt(
        "403 403 200 404 403 403 403", body={"name": "Volé", "company_id": 2}
    ),
    "DELETE /api/email-templates/<template_id>": Attempt("403 403 204 404 403 403 403"),
    "PATCH /api/email-templates/<template_id>/set-default": Attempt("403 403 200 404 403 403 403"),
    "POST /api/email-templates/<template_id>/duplicate": Attempt("403 403 200 404 403 403 403"),
    "GET /api/email-templates/<template_id>/versions": Attempt("403 403 200 404 403 403 403"),
    "POST /api/email-templates/<template_id>/versions/<version>/restore": Attempt("403 403 200 404 403 403 403"),
    "POST /api/email-templates/<template_id>/preview": Attempt("403 403 200 404 403 403 403", body=APPLICATION),
    "POST /api/email-templates/<template_id>/send-test": Attempt("403 403 202 404 403 403 403", body={}),
    "POST /api/email-templates/<template_id>/send": Attempt("403 403 202 404 403 403 403", body=APPLICATION),
    "GET /api/job-alerts": Attempt("200 200 403 403 403 403 403", query="?candidate_id=1"),
    "POST /api/job-alerts": Attempt(
        "201 201 403 403 403 403 403", body={"name": "x", "criteria": {}, "candidate_id": 1}
    ),
    "POST /api/job-alerts/preview": Attempt("200 200 403 403 403 403 403", body={"criteria": {}}),
    "GET /api/job-alerts/stats/summary": Attempt("200 200 403 403 403 403 403"),
    "GET /api/job-alerts/<alert_id>": Attempt("200 404 403 403 403 403 403"),
    "GET /api/job-alerts/<alert_id>/preview": Attempt("200 404 403 403 403 403 403"),
    "PUT /api/job-alerts/<alert_id>": Attempt("200 404 403 403 403 403 403", body={"name": "x", "criteria": {}}),
    "PATCH /api/job-alerts/<alert_id>": Attempt("200 404 403 403 403 403 403", body={"name": "x"}),
    "DELETE /api/job-alerts/<alert_id>": Attempt("204 404 403 403 403 403 403"),
    "POST /api/job-alerts/<alert_id>/toggle": Attempt("200 404 403 403 403 403 403"),
    "GET /api/job-alerts/<alert_id>/digests": Attempt("200 404 403 403 403 403 403"),
    "GET /api/suppressions": Attempt("403 403 403 403 200 200 403", query="?search={address}"),
    "POST /api/suppressions": Attempt("403 403 403 403 201 201 403", body={"address": "{recipient}", "reason": "x"}),
    "DELETE /api/suppressions/<address>": Attempt("403 403 403 403 204 204 403", query="?reason=x"),
    "GET /api/tasks": Attempt("403 403 403 403 200 200 403"),
    "POST /api/tasks": Attempt("403 403 403 403 202 202 403", body=LETTER),
    "POST /api/tasks/batch": Attempt("403 403 403 403 202 202 403", body={"tasks": [LETTER]}),
    "POST /api/tasks/bulk": Attempt(
        "403 403 403 403 202 202 403", body={"action": "cancel", "filter": {"task": "email.send"}, "reason": "x"}
    ),
    "GET /api/tasks/catalogue": Attempt("403 403 403 403 200 200 403"),
    "GET /api/tasks/<run_id>": Attempt("404 404 200 404 200 200 404"),
    "POST /api/tasks/<run_id>/cancel": Attempt("403 403 403 403 200 200 403"),
    "POST /api/tasks/<run_id>/retry": Attempt("403 403 403 403 200 200 403", names={"run_id": "{failed_run_id}"}),
    "POST /api/tasks/<run_id>/settle": Attempt("403 403 403 403 409 409 403", body={"happened": False, "reason": "x"}),
    "GET /api/queues": Attempt("403 403 403 403 200 200 403"),
    "POST /api/queues/<name>/pause": Attempt("403 403 403 403 200 200 403", body={"reason": "x"}),
    "POST /api/queues/<name>/resume": Attempt("403 403 403 403 200 200 403", body={"reason": "x"}),
    "POST /api/webhooks/resend": Attempt(
        "401", body={"type": "email.bounced", "data": {"email_id": "{provider_id}", "to": ["{recipient}"]}}
    ),
    "GET /api/interviews": Attempt("200 200 200 200 200 403 403"),
    "POST /api/interviews": Attempt("403 403 201 403 403 403 403", body=PLANNED),
    "GET /api/interviews/application/<application_id>": Attempt("200 403 200 403 200 403 403"),
    "GET /api/interviews/settings": Attempt("403 403 200 200 403 403 403"),
    "PUT /api/interviews/settings": Attempt("403 403 200 200 403 403 403", body={}),
    "GET /api/interviews/suggestions": Attempt("403 403 200 403 403 403 403", query="?application_id={application_id}"),
    "GET /api/interviews/overlaps": Attempt(
        "403 403 200 403 403 403 403", query="?application_id={application_id}&scheduled_at=2030-01-02T10:00:00Z"
    ),
    "GET /api/interviews/calendar-feed": Attempt("403 403 200 200 403 403 403"),
    "POST /api/interviews/calendar-feed": Attempt("403 403 201 201 403 403 403"),
    "DELETE /api/interviews/calendar-feed": Attempt("403 403 204 204 403 403 403"),
    "GET /api/interviews/<interview_id>": Attempt("200 403 200 403 200 403 403"),
    "PUT /api/interviews/<interview_id>": Attempt("403 403 200 403 403 403 403", body={"title": "x"}),
    "PATCH /api/interviews/<interview_id>": Attempt("403 403 200 403 403 403 403", body={"title": "x"}),
    "DELETE /api/interviews/<interview_id>": Attempt("403 403 204 403 403 403 403"),
    "PATCH /api/interviews/<interview_id>/status": Attempt("200 403 200 403 200 403 403", body={"status": "canceled"}),
    "PATCH /api/interviews/<interview_id>/feedback": Attempt(
        "403 403 200 403 403 403 403", body={"notes": "x"}, names={"interview_id": "{past_interview_id}"}
    ),
    "GET /api/integrations/status": Attempt("403 403 200 200 403 403 403"),
    "GET /api/integrations/<provider>/auth-url": Attempt("403 403 200 200 403 403 403"),
    "DELETE /api/integrations/<provider>/disconnect": Attempt("403 403 200 200 403 403 403"),
    "POST /api/integrations/<provider>/switch-on": Attempt(
        "403 403 200 200 403 403 403", names={"provider": "facebook"}
    ),
    "GET /api/integrations/<provider>/feed": Attempt("403 403 200 200 403 403 403", names=JOBBERMAN),
    "POST /api/integrations/<provider>/feed": Attempt("403 403 201 201 403 403 403", names=JOBBERMAN),
    "DELETE /api/integrations/<provider>/feed": Attempt("403 403 204 204 403 403 403", names=JOBBERMAN),
    "GET /api/integrations/custom": Attempt("403 403 200 200 403 403 403"),
    "PUT /api/integrations/custom": Attempt(
        "403 403 200 201 403 403 403", body={"kind": "webhook", "url": "https://hooks.example/in"}
    ),
    "POST /api/integrations/custom/rotate-secret": Attempt("403 403 200 200 403 403 403"),
    "DELETE /api/integrations/custom/disconnect": Attempt("403 403 200 200 403 403 403"),
    "GET /api/integrations/custom/deliveries": Attempt("403 403 200 200 403 403 403"),
    "POST /api/integrations/custom/deliveries/<delivery_id>/send-again": Attempt("403 403 202 404 403 403 403"),
    "POST /api/integrations/google-calendar/create-event": Attempt("403 403 202 403 403 403 403", body=EVENT),
    "POST /api/integrations/outlook/create-event": Attempt("403 403 202 403 403 403 403", body=EVENT),
    "GET /api/integrations/<provider>/callback": Attempt("302", query="?state=of-nobody&code=x"),
    "GET /api/integrations/linkedin/organizations": Attempt("403 403 400 400 403 403 403"),
    "POST /api/integrations/linkedin/publish-job": Attempt("403 403 400 404 403 403 403", body={"job_id": "{job_id}"}),
    "GET /api/jobs/<job_id>/postings": Attempt("403 403 200 404 403 403 403"),
    "POST /api/jobs/<job_id>/postings": Attempt(
        "403 403 202 404 403 403 403", body={"channels": [{"channel": "intowork"}]}
    ),
    "POST /api/jobs/<job_id>/postings/preview": Attempt("403 403 200 404 403 403 403", body={"channel": "linkedin"}),
    "POST /api/postings/<posting_id>/withdraw": Attempt(
        "403 403 202 404 403 403 403", names={"posting_id": "{live_posting_id}"}
    ),
    "POST /api/postings/<posting_id>/decide": Attempt("403 403 200 404 403 403 403", body={"exists": False}),
    "POST /api/postings/<posting_id>/confirm": Attempt(
        "403 403 200 404 403 403 403",
        body={"external_url": "https://board.example/1"},
        names={"posting_id": "{told_posting_id}"},
    ),
    "GET /api/postings/<posting_id>/statistics": Attempt("403 403 200 404 403 403 403"),
    "GET /api/notifications": Attempt("200 200 200 200 200 403 403"),
    "GET /api/notifications/unread-count": Attempt("200 200 200 200 200 403 403"),
    "GET /api/notifications/preferences": Attempt("200 200 200 200 200 403 403"),
    "PATCH /api/notifications/preferences": Attempt(
        "200 200 200 200 200 403 403", body={"preferences": [{"kind": "message", "in_app": False}], "user_id": 1}
    ),
    "PUT /api/notifications/mark-all-read": Attempt("200 200 200 200 200 403 403"),
    "PUT /api/notifications/<notification_id>/read": Attempt("404 404 200 404 404 403 403"),
    "DELETE /api/notifications/<notification_id>": Attempt("404 404 200 404 404 403 403"),
    "GET /api/applications/<application_id>/notes": Attempt("403 403 200 403 403 403 403"),
    "POST /api/applications/<application_id>/notes": Attempt(
        "403 403 201 403 403 403 403", body={"note": "@[x](user:1)"}
    ),
    "DELETE /api/applications/<application_id>/notes/<note_id>": Attempt("403 403 204 403 403 403 403"),
    "PATCH /api/applications/<application_id>/rating": Attempt("403 403 200 403 403 403 403", body={"rating": 1}),
    "GET /api/applications/<application_id>/tags": Attempt("403 403 200 403 403 403 403"),
    "PATCH /api/applications/<application_id>/tags": Attempt("403 403 200 403 403 403 403", body={"tags": []}),
    "POST /api/applications/<application_id>/tags/<tag>": Attempt("403 403 200 403 403 403 403"),
    "DELETE /api/applications/<application_id>/tags/<tag>": Attempt("403 403 204 403 403 403 403"),
    "GET /api/applications/<application_id>/scorecard": Attempt("403 403 200 403 403 403 403"),
    "PATCH /api/applications/<application_id>/scorecard": Attempt("403 403 200 403 403 403 403", body={"overall": 1}),
    "GET /api/applications/<application_id>/collaboration": Attempt("403 403 200 403 403 403 403"),
    "GET /api/applications/<application_id>/collaboration/colleagues": Attempt("403 403 200 403 403 403 403"),
    "GET /api/applications/<application_id>/history": Attempt("403 403 200 403 403 403 403"),
    "GET /api/applications/<application_id>/timeline": Attempt("403 403 200 403 403 403 403"),
    "GET /api/applications/<application_id>/scorecards": Attempt("403 403 200 403 403 403 403"),
    "GET /api/applications/<application_id>/scorecards/mine": Attempt("403 403 200 403 403 403 403"),
    "PUT /api/applications/<application_id>/scorecards/mine": Attempt(
        "403 403 200 403 403 403 403", body={"overall": 1}
    ),
    "POST /api/ai-scoring/score-application": Attempt(
        "403 403 200 403 403 403 403", body={"application_id": "{application_id}"}
    ),
    "POST /api/ai-scoring/score-job-applications": Attempt("403 403 202 404 403 403 403", body={"job_id": "{job_id}"}),
    "GET /api/ai-scoring/scored-applications/<job_id>": Attempt("403 403 200 404 403 403 403"),
    "GET /api/ai-scoring/candidate/job-matches": Attempt("200 200 403 403 403 403 403"),
    "POST /api/ai-scoring/interview-prep": Attempt("200 200 403 403 403 403 403", body={"job_id": "{job_id}"}),
    "POST /api/ai-scoring/recompute": Attempt(
        "202 202 200 403 403 403 403", body={"application_id": "{application_id}"}
    ),
    "GET /api/openapi.json": Attempt("200"),
    "GET /api/docs": Attempt("200"),
    "GET /c/<token>.ics": Attempt("404", names={"token": "of-nobody"}),
    "GET /carrieres/<company>": Attempt("200"),
    "GET /carrieres/<company>/<offer>": Attempt("200"),
    "GET /carrieres/<company>/<offer>/image.png": Attempt("200"),
    "GET /carrieres/<company>/atom.xml": Attempt("200"),
    "GET /carrieres/<company>/image.png": Attempt("200"),
    "GET /carrieres/<company>/rss.xml": Attempt("200"),
    "GET /carrieres/<company>/sitemap.xml": Attempt("200"),
    "GET /carrieres/sitemap.xml": Attempt("200"),
    "GET /feeds/<token>/careerjet.xml": Attempt("404", names={"token": "of-nobody"}),
    "GET /feeds/<token>/indeed.xml": Attempt("404", names={"token": "of-nobody"}),
    "GET /healthz": Attempt("200"),
    "GET /i/<token>": Attempt("200", names=OF_INTERVIEW),
    "POST /i/<token>": Attempt("422", names=OF_INTERVIEW),
    "GET /i/<token>/calendar.ics": Attempt("200", names=OF_INTERVIEW),
    "GET /metrics": Attempt("403 403 403 403 200 200 403"),
    "GET /readyz": Attempt("200"),
    "GET /robots.txt": Attempt("200"),
    "GET /static/<name>": Attempt("200", names={"name": "{file}"}),
    "GET /dashboard/notifications": Attempt("200 200 200 200 200 403 403"),
    "GET /dashboard/notifications/<notification_id>": Attempt("404 404 200 404 404 403 403"),
    "POST /dashboard/notifications/<notification_id>/delete": Attempt("404 404 303 404 404 403 403"),
    "POST /dashboard/notifications/<notification_id>/open": Attempt("404 404 303 404 404 403 403"),
    "POST /dashboard/notifications/<notification_id>/read": Attempt("404 404 303 404 404 403 403"),
    "POST /dashboard/notifications/read": Attempt("303 303 303 303 303 403 403"),
    "POST /appearance": Attempt("303 303 303 303 303 403 403"),
    "POST /api/session": Attempt("200 200 200 200 200 403 403"),
    "GET /signin": Attempt("200"),
    "POST /signout": Attempt("303 303 303 303 303 403 403"),
    "GET /u/<token>": Attempt("200", names=OF_USER),
    "POST /u/<token>": Attempt("200", names=OF_USER),
    "GET /u/<token>/preferences": Attempt("200", names=OF_USER),
    "POST /u/<token>/preferences": Attempt("422", names=OF_USER),
    "GET /u/mails/<token>": Attempt("200", names=OF_MAILS),
    "POST /u/mails/<token>": Attempt("200", names=OF_MAILS),
}


def ask(caller: Api, route: str, named: Named) -> Answer:
    """Try a route; no answer waits for a worker."""
    attempt = ATTEMPTS[route]
    method, _, rule = route.partition(" ")
    options = {} if attempt.body is None else {"json": named.fill(attempt.body)}
    path = named.path(rule, attempt.query, **attempt.names)
    return caller.call(method, path, headers={"Prefer": "respond-async"}, **options)
