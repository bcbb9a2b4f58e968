"""Every noun as the main web app's front-end knows it: shapes, statuses, order, words, both forms of an address."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories.api import Answer, token
from tests.integration.api.fit import shapes
from tests.integration.api.fit.conftest import TOKEN
from tests.integration.api.fit.shapes import misfits
from tests.integration.api.world import World
from worker.services.integrations.vault import TokenVault

RECRUITER, PAUL, LEA, WITHOUT_ROW, ADMIN, HOMELESS, FOREIGNER = 1, 2, 3, 4, 5, 6, 8


def ask(world: World, user_id: int, request: str, body: Any = None, *, status: int = 200, shape: Any = None) -> Any:
    """The answer's JSON; reading is tried in both forms of the address."""
    method, _, path = request.partition(" ")
    answer = _ask(world, user_id, method, path, body)
    assert answer.status_code == status, f"{request}: {answer.text}"
    if method == "GET":
        bare, mark, query = path.partition("?")
        assert _ask(world, user_id, method, f"{bare}/{mark}{query}", body).status_code == status, request
    if shape is not None:
        assert list(misfits(answer.json, shape)) == [], request
    return answer.json if answer.data else None


def _ask(world: World, user_id: int, method: str, path: str, body: Any) -> Answer:
    return world.user(user_id).call(method, path, **({} if body is None else {"json": body}))


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


def test_templates(world: World) -> None:
    url = "/api/email-templates"
    listed = ask(world, RECRUITER, f"GET {url}", shape=[shapes.TEMPLATE])
    assert names(listed) == ["Accueil", "Ancien accueil", "Refus", "Sans valeurs"]
    assert [each["is_default"] for each in listed] == [True, False, True, False]
    assert (listed[3]["is_active"], listed[3]["usage_count"]) == (True, 0)
    assert names(ask(world, RECRUITER, f"GET {url}?type=APPLICATION_REJECTED&is_active=true")) == ["Refus"]
    assert len(ask(world, RECRUITER, f"GET {url}/variables", shape=shapes.VARIABLES)["variables"]) >= 15
    library = ask(world, RECRUITER, f"GET {url}/defaults", shape=[shapes.BUILT_IN])
    assert {each["type"]: each["already_activated"] for each in library}["welcome_candidate"]
    statistics = ask(world, RECRUITER, f"GET {url}/stats/usage", shape=shapes.TEMPLATE_STATISTICS)
    assert (statistics["total_templates"], statistics["most_used_template"]["name"]) == (4, "Accueil")
    new = {"name": "N", "type": "WELCOME_CANDIDATE", "subject": "S", "body": "<p>B</p>", "is_default": True}
    made = ask(world, RECRUITER, f"POST {url}/", {**new, "unknown": 1}, status=201, shape=shapes.TEMPLATE)
    assert (made["type"], made["is_default"]) == ("welcome_candidate", True)
    assert not ask(world, RECRUITER, f"GET {url}/{listed[0]['id']}", shape=shapes.TEMPLATE)["is_default"]
    ask(world, RECRUITER, f"PATCH {url}/{made['id']}", {"is_active": False}, shape=shapes.TEMPLATE)
    copy = ask(world, RECRUITER, f"POST {url}/{made['id']}/duplicate", shape=shapes.TEMPLATE)
    assert (copy["name"], copy["is_active"], copy["is_default"], copy["usage_count"]) == ("N (Copie)", True, False, 0)
    ask(world, RECRUITER, f"POST {url}/defaults/offer_letter/activate", status=201, shape=shapes.TEMPLATE)
    ask(world, RECRUITER, f"DELETE {url}/{copy['id']}", status=204)
    refused = ask(world, RECRUITER, f"POST {url}", {"name": ""}, status=422)
    assert isinstance(refused["detail"], str)
    assert refused["errors"]
    for user_id, status in ((FOREIGNER, 404), (PAUL, 403), (ADMIN, 403), (WITHOUT_ROW, 404)):
        ask(world, user_id, f"GET {url}/{made['id']}", status=status)
    assert ask(world, HOMELESS, f"GET {url}") == []
    ask(world, HOMELESS, f"POST {url}", new, status=400)
    ask(world, RECRUITER, f"GET {url}/x", status=422)


def test_alerts(world: World) -> None:
    """Written by the main web app with users.id; as the front-end sends them, in capitals and with blanks."""
    url = "/api/job-alerts"
    listed = ask(world, PAUL, f"GET {url}", shape=[shapes.ALERT])
    assert names(listed) == ["Sans valeurs", "Python"]
    assert [(each["is_active"], each["jobs_sent_count"], each["frequency"]) for each in listed] == [
        (True, 0, "daily")
    ] * 2
    assert names(ask(world, LEA, f"GET {url}")) == ["Comptable"]
    criteria = {"keywords": ["python", ""], "location": None, "job_types": ["FULL_TIME"], "location_types": ["ON_SITE"]}
    sent = {"name": "Neuve", "criteria": criteria, "frequency": "INSTANT"}
    made = ask(world, PAUL, f"POST {url}/", sent, status=201, shape=shapes.ALERT)
    assert (made["candidate_id"], made["frequency"]) == (1, "instant")
    assert made["criteria"] == {"keywords": ["python"], "job_types": ["full_time"], "location_types": ["on_site"]}
    shown = ask(world, PAUL, f"GET {url}/{made['id']}/preview?limit=10", shape=shapes.ALERT_PREVIEW)
    assert [each["title"] for each in shown["matching_jobs"]] == ["Développeur Python"]
    assert ask(world, PAUL, f"GET {url}?is_active=false") == []
    changed = ask(world, PAUL, f"PATCH {url}/{made['id']}", {**sent, "frequency": "WEEKLY", "is_active": True})
    assert changed["frequency"] == "weekly"
    assert not ask(world, PAUL, f"POST {url}/{made['id']}/toggle", shape=shapes.ALERT)["is_active"]
    assert ask(world, PAUL, f"GET {url}/stats/summary", shape=shapes.ALERT_SUMMARY)["inactive_alerts"] == 1
    ask(world, LEA, f"GET {url}/{made['id']}", status=404)
    ask(world, RECRUITER, f"GET {url}", status=403)
    assert isinstance(ask(world, PAUL, f"POST {url}", {"name": "x"}, status=422)["detail"], str)
    ask(world, PAUL, f"DELETE {url}/{made['id']}", status=204)


def test_collaboration(world: World) -> None:
    url = "/api/applications/1"
    [note] = ask(world, RECRUITER, f"GET {url}/notes", shape=[shapes.NOTE])
    assert (note["note"], note["user_name"]) == ("À revoir", "Awa Mba")
    made = ask(world, RECRUITER, f"POST {url}/notes", {"note": "Bien"}, status=201, shape=shapes.NOTE_MADE)
    assert (made["total_notes"], made["note"]["user_id"]) == (2, RECRUITER)
    ask(world, RECRUITER, f"DELETE {url}/notes/1", status=204)
    ask(world, RECRUITER, f"DELETE {url}/notes/9", status=404)
    ask(world, RECRUITER, f"POST {url}/notes", {"note": "x" * 2001}, status=422)
    assert ask(world, RECRUITER, f"PATCH {url}/rating", {"rating": 5}, shape=shapes.RATED)["rating"] == 5
    ask(world, RECRUITER, f"PATCH {url}/rating", {"rating": 6}, status=422)
    tags = {"tags": [" Python ", "python", "", "SQL"]}
    assert ask(world, RECRUITER, f"PATCH {url}/tags", tags, shape=shapes.TAGGED)["tags"] == ["python", "sql"]
    assert ask(world, RECRUITER, f"POST {url}/tags/D%C3%A9j%C3%A0", shape=shapes.TAGGED)["tags"][-1] == "déjà"
    for _ in range(2):
        ask(world, RECRUITER, f"DELETE {url}/tags/sql", status=204)
    criteria = {"technical_skills": 5, "soft_skills": 4, "motivation": 4}
    card = ask(world, RECRUITER, f"PATCH {url}/scorecard", criteria, shape=shapes.SCORED)["scorecard"]
    assert card.items() >= {**criteria, "average": 4.3}.items()
    assert ask(world, RECRUITER, f"GET {url}/scorecard", shape=shapes.SCORECARD)["rating"] == 5
    whole = ask(world, RECRUITER, f"GET {url}/collaboration", shape=shapes.COLLABORATION)
    assert (whole["rating"], whole["tags"], len(whole["recruiter_notes"])) == (5, ["python", "déjà"], 1)
    bare = ask(world, RECRUITER, "GET /api/applications/2/collaboration", shape=shapes.COLLABORATION)
    assert (bare["recruiter_notes"], bare["rating"], bare["tags"], bare["scorecard"]) == ([], None, [], None)
    for user_id in (FOREIGNER, PAUL, ADMIN):
        ask(world, user_id, f"GET {url}/notes", status=403)
    ask(world, RECRUITER, "GET /api/applications/999/notes", status=404)


def test_integrations(world: World) -> None:
    url = "/api/integrations"
    status = ask(world, RECRUITER, f"GET {url}/status", shape=shapes.STATUS)
    assert {name: each["is_connected"] for name, each in status.items() if name in shapes.STATUS} == {
        "linkedin": True,
        "google_calendar": True,
        "outlook_calendar": False,
    }
    stored = world.rows("select access_token from integration_credentials where is_active order by id")
    assert {TokenVault(world.settings).open(row["access_token"]) for row in stored} == {TOKEN}
    for slug, provider in (
        ("linkedin", "linkedin"),
        ("google-calendar", "google_calendar"),
        ("outlook", "outlook_calendar"),
    ):
        assert ask(world, RECRUITER, f"GET {url}/{slug}/auth-url", shape=shapes.CONSENT)["provider"] == provider
        back = world.api.app.test_client().get(f"{url}/{slug}/callback?error=access_denied&state=x")
        assert back.headers["Location"].startswith("https://intowork.example/dashboard/integrations?"), back.text
        assert f"provider={slug}" in back.headers["Location"]
        assert "success=false" in back.headers["Location"]
    ask(world, RECRUITER, f"POST {url}/linkedin/publish-job", {"job_id": 999}, status=404)
    event = {"application_id": 1, "title": "E", "description": "", "attendees": []}
    times = {"start_time": "2035-01-02T10:00:00Z", "end_time": "2035-01-02T11:00:00Z"}
    ask(world, RECRUITER, f"POST {url}/outlook/create-event", {**event, **times}, status=400)
    for spelling in ("linkedin", "google-calendar", "google_calendar", "outlook", "outlook_calendar"):
        ask(world, RECRUITER, f"DELETE {url}/{spelling}/disconnect", shape=shapes.MESSAGE)
    ask(world, RECRUITER, f"DELETE {url}/nothing/disconnect", status=400)
    ask(world, RECRUITER, f"GET {url}/linkedin/organizations", status=400)
    ask(world, WITHOUT_ROW, f"GET {url}/status", status=404)
    ask(world, PAUL, f"GET {url}/status", status=403)


def test_interviews(world: World) -> None:
    url = "/api/interviews"
    listed = ask(world, RECRUITER, f"GET {url}?page=1&limit=10", shape=shapes.INTERVIEWS)
    moments = [each["scheduled_at"] for each in listed["interviews"]]
    assert (listed["total"], listed["total_pages"], moments) == (2, 1, sorted(moments, reverse=True))
    unwritten = next(each for each in listed["interviews"] if each["id"] == 2)
    assert (unwritten["duration_minutes"], unwritten["timezone"], unwritten["reminder_sent"]) == (
        60,
        "Europe/Paris",
        False,
    )
    start = (datetime.now(UTC) + timedelta(days=9)).replace(microsecond=0)
    wanted = {"application_id": 1, "title": "Entretien", "scheduled_at": start.replace(tzinfo=None).isoformat()}
    made = ask(world, RECRUITER, f"POST {url}/", {**wanted, "calendar": "none"}, status=201, shape=shapes.INTERVIEW)
    assert (made["status"], made["candidate_email"], made["duration_minutes"]) == (
        "scheduled",
        "paul.ndong@example.org",
        60,
    )
    one = f"{url}/{made['id']}"
    assert ask(world, RECRUITER, f"PUT {one}", {"title": "Second"}, shape=shapes.INTERVIEW)["title"] == "Second"
    confirmed = ask(world, PAUL, f"PATCH {one}/status", {"status": "confirmed"}, shape=shapes.INTERVIEW)
    assert (confirmed["status"], confirmed["confirmation_received"]) == ("confirmed", True)
    ask(world, PAUL, f"PATCH {one}/status", {"status": "completed"}, status=409)
    ask(world, RECRUITER, f"PATCH {one}/status", {"status": "nothing"}, status=400)
    ask(world, RECRUITER, f"GET {url}?status=nothing", status=400)
    assert ask(world, PAUL, f"GET {url}/application/1", shape=shapes.INTERVIEWS)["total"] == 2
    assert ask(world, ADMIN, f"GET {url}", shape=shapes.INTERVIEWS)["total"] == 3
    assert ask(world, PAUL, f"GET {url}?status=CONFIRMED")["total"] == 1
    for user_id, status in ((FOREIGNER, 403), (LEA, 403), (WITHOUT_ROW, 403)):
        ask(world, user_id, f"GET {one}", status=status)
    ask(world, RECRUITER, f"GET {url}/999", status=404)
    ask(world, RECRUITER, f"POST {url}", {**wanted, "application_id": 999}, status=404)
    assert isinstance(ask(world, RECRUITER, f"POST {url}", {"title": ""}, status=422)["detail"], str)
    ask(world, RECRUITER, f"DELETE {one}", status=204)


def test_notifications(world: World) -> None:
    url = "/api/notifications"
    found = ask(world, RECRUITER, f"GET {url}?limit=10&offset=0&unread_only=false", shape=shapes.NOTIFICATIONS)
    [first] = [each for each in found["notifications"] if each["type"] == "new_application"]
    assert (first["is_read"], first["related_application_id"]) == (False, 1)
    unread = ask(world, RECRUITER, f"GET {url}/unread-count", shape={"unread_count": int})["unread_count"]
    assert unread == found["unread_count"] >= 1
    assert (
        "marquée comme lue" in ask(world, RECRUITER, f"PUT {url}/{first['id']}/read", shape=shapes.MESSAGE)["message"]
    )
    ask(world, RECRUITER, f"PUT {url}/mark-all-read", shape=shapes.MESSAGE)
    read = ask(world, RECRUITER, f"GET {url}?unread_only=true", shape=shapes.NOTIFICATIONS)
    assert (read["notifications"], read["total"], read["unread_count"]) == ([], found["total"], 0)
    ask(world, PAUL, f"DELETE {url}/{first['id']}", status=404)
    assert "supprimée" in ask(world, RECRUITER, f"DELETE {url}/{first['id']}", shape=shapes.MESSAGE)["message"]


def test_scores(world: World) -> None:
    url = "/api/ai-scoring"
    with world.working():
        scored = ask(world, RECRUITER, f"POST {url}/score-application", {"application_id": 1}, shape=shapes.SCORE)
        assert 0 <= scored["ai_score"] <= 100
        ask(world, RECRUITER, f"POST {url}/score-job-applications", {"job_id": 1}, shape=shapes.JOB_SCORES)
        matches = ask(world, PAUL, f"GET {url}/candidate/job-matches?limit=5", shape=shapes.MATCHES)["matches"]
        prepared = ask(world, PAUL, f"POST {url}/interview-prep", {"job_id": 1}, shape=shapes.PREPARATION)
    best = [each["match_score"] for each in matches]
    assert best == sorted(best, reverse=True)
    assert len(prepared["questions"]) == 12
    listed = ask(world, RECRUITER, f"GET {url}/scored-applications/1?limit=20", shape=shapes.SCORED_APPLICATIONS)
    assert [each["candidate_email"] for each in listed["applications"]] == ["paul.ndong@example.org"]
    stored = world.rows("select ai_score, ai_score_details, ai_analyzed_at from job_applications where id = 1")[0]
    assert stored["ai_score"] == scored["ai_score"]
    assert list(misfits(stored["ai_score_details"], shapes.DETAILS)) == []
    ask(world, FOREIGNER, f"GET {url}/scored-applications/1", status=404)
    ask(world, FOREIGNER, f"POST {url}/score-application", {"application_id": 1}, status=403)
    ask(world, RECRUITER, f"GET {url}/scored-applications/999", status=404)
    ask(world, RECRUITER, f"GET {url}/candidate/job-matches", status=403)
    ask(world, RECRUITER, f"POST {url}/score-application", {"application_id": 999}, status=404)


@pytest.mark.parametrize(
    "path",
    [
        "/api/applications/my/1",
        "/api/applications/employer/applications",
        "/api/applications/1",
        "/api/integrations/targetym/status",
        "/api/integrations/api-key",
        "/api/integrations/debug/config",
        "/api/jobs/1",
        "/api/auth/signin",
    ],
)
def test_what_stays_with_the_main_web_app_is_not_here(world: World, path: str) -> None:
    answer = world.user(RECRUITER).get(path)
    assert (answer.status_code, isinstance(answer.json["detail"], str)) == (404, True)


def test_who_may_call(world: World) -> None:
    def said(header: str) -> tuple[int, str]:
        client = world.api.app.test_client()
        answer: Answer = client.get("/api/notifications", headers={"Authorization": header})
        return answer.status_code, answer.json.get("detail", "")

    world.rows("update users set is_active = false where id = 7 returning id")
    now = int(time.time())
    assert said("") == said("Basic eDp5") == (401, "Authentication required")
    assert said(f"Bearer {token(exp=now - 1)}") == (401, "Token expired")
    for wrong in (
        token(type="refresh"),
        token(secret="another secret that is also long enough to sign"),
        token(algorithm="HS512"),
        token(sub="x"),
        token(iat=now + 600),
    ):
        assert said(f"Bearer {wrong}")[0] == 401
    assert said(f"Bearer {token(sub='999')}") == (404, "User not found")
    assert said(f"Bearer {token(sub='7')}")[0] == 403
    assert said(f"Bearer {token(sub='2', role='admin')}")[0] == 200
    claimed = world.api.with_token(token(sub=str(PAUL), role="employer")).get("/api/email-templates")
    assert claimed.status_code == 403, "the database's role counts"


def test_browsers_of_the_front_end_may_read(world: World) -> None:
    client = world.api.app.test_client()
    for origin in (
        "http://localhost:3000",
        "https://intowork.co",
        "https://www.intowork.co",
        "https://intowork-dashboard.vercel.app",
        "https://intowork.vercel.app",
        "https://intowork-git-main-team.vercel.app",
    ):
        asked = {"Origin": origin, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "x-a"}
        before = client.options("/api/notifications", headers=asked)
        assert before.status_code in {200, 204}
        assert before.headers["Access-Control-Allow-Headers"] == "x-a"
        assert set(before.headers["Access-Control-Allow-Methods"].split(", ")) >= {
            *("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
        }
        answer = client.get("/api/notifications", headers={"Origin": origin, "X-Request-ID": "abc"})
        for each in (before, answer):
            assert each.headers["Access-Control-Allow-Origin"] == origin
            assert each.headers["Access-Control-Allow-Credentials"] == "true"
        assert answer.headers["X-Request-ID"] == "abc"
    for origin in ("https://evil.vercel.app", "https://intowork.evil.vercel.app", "http://intowork.co"):
        assert "Access-Control-Allow-Origin" not in client.get("/api/notifications", headers={"Origin": origin}).headers
    wrong: Answer = client.post("/api/notifications", headers={"Authorization": f"Bearer {token()}"})
    assert (wrong.status_code, isinstance(wrong.json["detail"], str)) == (405, True)
