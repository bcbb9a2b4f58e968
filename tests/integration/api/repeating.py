"""Every route that writes or sends, asked twice under one key."""

from typing import Any, NamedTuple

from tests.factories.api import Answer, Api

KEY = {"Idempotency-Key": "a key of the caller's"}


class Asked(NamedTuple):
    """A request as its caller makes it; `path` is the route as the OpenAPI document names it."""

    method: str
    path: str
    body: Any = None
    values: tuple[Any, ...] = ()
    query: str = ""

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"

    def send(self, api: Api, **headers: str) -> Answer:
        path = self.path
        for value in self.values[: path.count("{")]:
            before, _, after = path.partition("{")
            path = f"{before}{value}{after.partition('}')[2]}"
        options = {} if self.body is None else {"json": self.body}
        return api.call(self.method, path + self.query, headers={**KEY, **headers}, **options)


def check(api: Api, asked: Asked, other: Asked, *tables: str, **headers: str) -> Answer:
    """Asked twice: one answer, one effect; another request under the key is refused. The first answer."""

    def everything() -> list[Any]:
        return [api.rows(f"select to_jsonb(t) - 'last_used_at' as row from {table} t order by 1") for table in tables]

    first = asked.send(api, **headers)
    assert first.status_code < 300, first.text
    written = everything()
    again = asked.send(api, **headers)
    assert (again.status_code, again.data, again.headers.get("Location")) == (
        first.status_code,
        first.data,
        first.headers.get("Location"),
    )
    refused = other.send(api)
    assert refused.status_code == 409, refused.text
    assert "Idempotency-Key" in refused.json["detail"]
    assert everything() == written
    return first


OPERATORS = (
    Asked("POST", "/api/queues/{name}/pause", None, ("bulk",)),
    Asked("POST", "/api/queues/{name}/resume", None, ("bulk",)),
    Asked("POST", "/api/suppressions", {"address": "awa@example.org", "reason": "a test"}),
    Asked("DELETE", "/api/suppressions/{address}", None, ("lea@example.org",), "?reason=test"),
)
# Asked for one run each: its present state is the answer. See test_intake.
RUNS = ("POST /api/tasks", "POST /api/tasks/batch", "POST /api/tasks/bulk")
ONE_RUN = tuple(f"POST /api/tasks/{{run_id}}/{verb}" for verb in ("cancel", "retry", "settle"))

ALERT = {"name": "Python à Libreville", "criteria": {"keywords": ["python"]}}
CANDIDATES = (
    Asked("POST", "/api/job-alerts", ALERT),
    Asked("PUT", "/api/job-alerts/{alert_id}", ALERT),
    Asked("PATCH", "/api/job-alerts/{alert_id}", {"name": "Autre nom"}),
    Asked("DELETE", "/api/job-alerts/{alert_id}"),
    Asked("POST", "/api/job-alerts/{alert_id}/toggle"),
)

TEMPLATE = {
    "name": "Accueil",
    "type": "welcome_candidate",
    "subject": "Bienvenue {candidate_first_name}",
    "body": "<p>Bonjour {candidate_name}, bienvenue chez {company_name}.</p>",
}
TEMPLATES = "/api/email-templates"
ONE = f"{TEMPLATES}/{{template_id}}"
EMPLOYERS = (
    Asked("POST", TEMPLATES, TEMPLATE),
    Asked("POST", f"{TEMPLATES}/defaults/{{type}}/activate", None, ("welcome_candidate",)),
    Asked("PUT", ONE, {"name": "Autre nom"}),
    Asked("PATCH", ONE, {"name": "Autre nom"}),
    Asked("DELETE", ONE),
    Asked("PATCH", f"{ONE}/set-default"),
    Asked("POST", f"{ONE}/duplicate"),
    Asked("POST", f"{ONE}/versions/{{version}}/restore"),
)
CONNECTIONS = (
    Asked("DELETE", "/api/integrations/{provider}/disconnect", None, ("google-calendar",)),
    Asked("POST", "/api/integrations/{provider}/switch-on", None, ("twitter",)),
)
FEEDS = (
    Asked("POST", "/api/integrations/{provider}/feed", None, ("jobberman",)),
    Asked("DELETE", "/api/integrations/{provider}/feed", None, ("brightermonday",)),
)
PARTNERS = (
    Asked("PUT", "/api/integrations/custom", {"kind": "webhook", "url": "https://hooks.example/in"}),
    Asked("POST", "/api/integrations/custom/rotate-secret"),
    Asked("DELETE", "/api/integrations/custom/disconnect"),
)
SENT_AGAIN = ("POST /api/integrations/custom/deliveries/{delivery_id}/send-again",)
POSTINGS = (Asked("POST", "/api/postings/{posting_id}/confirm", {"external_url": "https://board.example/offers/1"}),)
PUBLISHES = (
    "POST /api/jobs/{job_id}/postings",
    "POST /api/integrations/linkedin/publish-job",
    *(f"POST /api/postings/{{posting_id}}/{verb}" for verb in ("withdraw", "decide")),
)
NOTIFICATIONS = (
    Asked("PUT", "/api/notifications/{notification_id}/read"),
    Asked("PUT", "/api/notifications/mark-all-read"),
    Asked("DELETE", "/api/notifications/{notification_id}"),
    Asked("PATCH", "/api/notifications/preferences", {"preferences": [{"kind": "new_job", "in_app": False}]}),
)
SCORECARDS = (Asked("PUT", "/api/applications/{application_id}/scorecards/mine", {"criteria": {"motivation": 4}}),)
APPLICATION = "/api/applications/{application_id}"
COLLABORATION = (
    Asked("POST", f"{APPLICATION}/notes", {"note": "À revoir"}, (1,)),
    Asked("DELETE", f"{APPLICATION}/notes/{{note_id}}", None, (1, 0)),
    Asked("PATCH", f"{APPLICATION}/rating", {"rating": 5}, (1,)),
    Asked("PATCH", f"{APPLICATION}/tags", {"tags": ["senior", "python"]}, (1,)),
    Asked("POST", f"{APPLICATION}/tags/{{tag}}", None, (1, "à contacter")),
    Asked("DELETE", f"{APPLICATION}/tags/{{tag}}", None, (1, "python")),
    Asked("PATCH", f"{APPLICATION}/scorecard", {"experience": 4}, (1,)),
)
EVENTS = tuple(f"POST /api/integrations/{slug}/create-event" for slug in ("google-calendar", "outlook"))
SENDS = (f"POST {ONE}/send", f"POST {ONE}/send-test", f"POST {TEMPLATES}/draft")
INTERVIEWS = (
    Asked(
        "POST", "/api/interviews", {"application_id": 1, "title": "Entretien", "scheduled_at": "2035-03-01T10:00:00Z"}
    ),
    Asked("PUT", "/api/interviews/{interview_id}", {"title": "Autre titre"}),
    Asked("PATCH", "/api/interviews/{interview_id}", {"scheduled_at": "2035-03-02T10:00:00Z"}),
    Asked("DELETE", "/api/interviews/{interview_id}"),
    Asked("PATCH", "/api/interviews/{interview_id}/status", {"status": "canceled", "reason": "Poste pourvu"}),
    Asked("PATCH", "/api/interviews/{interview_id}/feedback", {"rating": 4}),
    Asked("PUT", "/api/interviews/settings", {"notice_hours": 4}),
    Asked("POST", "/api/interviews/calendar-feed"),
    Asked("DELETE", "/api/interviews/calendar-feed"),
)
SCORES = (
    Asked("POST", "/api/ai-scoring/score-application", {"application_id": 1}),
    Asked("POST", "/api/ai-scoring/recompute", {"application_id": 1}),
)
ASKED_SCORES = tuple(f"POST /api/ai-scoring/{verb}" for verb in ("score-job-applications", "interview-prep"))
