"""What alerts find, before and after saving, why, and how often they would write."""

from typing import Any

import pytest

from tests.factories import main_web_app
from tests.integration.api.job_alerts.conftest import LEA, PAUL, PYTHON, URL, Market, detail
from worker.kit.locks import Lock
from worker.services.alerts import search

JOB = {
    *("id", "title", "location", "location_type", "job_type", "salary_min", "salary_max", "posted_at", "company_id"),
    *("currency", "reasons"),
}
TEXT = {"description": "Une équipe de cinq personnes."}


@pytest.fixture
def market(market: Market) -> Market:
    market.publish(
        "Développeur Python", **TEXT, salary_min=400_000, salary_max=600_000, requirements="Django, <b>PostgreSQL</b>"
    )
    market.publish("Chef de projet", **TEXT, location="Douala", location_type="remote", job_type="contract")
    market.publish("Python engineer", **TEXT, location=None, location_type="remote", language="en")
    market.publish("Python senior", **TEXT, status="closed")
    market.publish("Python junior", **TEXT, status="draft")
    return market


def draft(market: Market, criteria: dict[str, Any], query: str = "", **members: Any) -> dict[str, Any]:
    answer = market.paul.post(f"{URL}/preview{query}", {"criteria": criteria, **members})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def titles(found: dict[str, Any]) -> list[str]:
    return [each["title"] for each in found["matching_jobs"]]


def test_a_saved_alert_and_its_draft_find_the_same(market: Market) -> None:
    made = market.make()
    saved = market.paul.get(f"{URL}/{made['id']}/preview").json
    assert saved["alert_id"] == made["id"]
    assert saved == {**draft(market, PYTHON), "alert_id": made["id"]}
    assert saved.keys() == {"alert_id", "matching_jobs", "total_matches", "mails_per_week", "hint"}
    assert titles(saved) == ["Python engineer", "Développeur Python"]
    assert (saved["total_matches"], saved["hint"]) == (2, None)


def test_a_job_has_the_main_web_apps_members_and_says_why(market: Market) -> None:
    [job] = draft(market, {"keywords": ["équipe", "postgresql"], "salary_min": 500_000})["matching_jobs"]
    assert job.keys() == JOB
    assert job["posted_at"].endswith("Z")
    assert {name: job[name] for name in JOB - {"id", "posted_at"}} == {
        "title": "Développeur Python",
        "location": "Libreville",
        "location_type": "on_site",
        "job_type": "full_time",
        "salary_min": 400_000,
        "salary_max": 600_000,
        "company_id": 1,
        "currency": "XAF",
        "reasons": [
            {"keyword": "équipe", "field": "description"},
            {"keyword": "postgresql", "field": "requirements"},
        ],
    }


def test_without_keywords_there_is_no_reason(market: Market) -> None:
    found = draft(market, {"job_types": ["CONTRACT"]})
    assert titles(found) == ["Chef de projet"]
    assert found["matching_jobs"][0]["reasons"] == []


def test_the_total_counts_what_is_not_shown(market: Market) -> None:
    found = draft(market, {}, "?limit=1")
    assert (titles(found), found["total_matches"]) == (["Python engineer"], 3)
    made = market.make(criteria={})
    assert market.paul.get(f"{URL}/{made['id']}/preview/?limit=2").json["total_matches"] == 3
    for limit in ("0", "501", "x"):
        assert market.paul.get(f"{URL}/{made['id']}/preview?limit={limit}").status_code == 422


def test_more_often_means_more_mails_but_never_more_than_the_clock_allows(market: Market) -> None:
    rates = [draft(market, PYTHON, frequency=each)["mails_per_week"] for each in ("monthly", "weekly", "daily")]
    assert 0 < rates[0] <= rates[1] <= rates[2] <= 7
    assert draft(market, {"keywords": ["boulanger"]})["mails_per_week"] == 0


def test_nothing_found_is_said_in_the_readers_language(market: Market) -> None:
    hint = draft(market, {"keywords": ["boulanger"]})["hint"]
    assert (hint["code"], hint["message"][:12]) == ("too_narrow", "Aucune offre")
    english = draft(market, {"keywords": ["boulanger"]}, "?lang=en")["hint"]
    assert english["message"].startswith("No open offer")


def test_finding_nearly_everything_is_said_too(market: Market) -> None:
    def publish(connection: Any) -> None:
        for number in range(199):
            main_web_app.insert_job(connection, f"Vendeur {number}")

    market.app(publish)
    market.refresh()
    assert draft(market, {"keywords": ["vendeur"]})["hint"] is None
    found = draft(market, {})
    assert (found["hint"]["code"], found["total_matches"]) == ("too_broad", 202)
    assert "202" in found["hint"]["message"]


def test_a_draft_is_checked_as_an_alert_is(market: Market) -> None:
    for body, place in (
        ({}, "criteria"),
        ({"criteria": {"salary_min": 2, "salary_max": 1}}, "salary_max"),
        ({"criteria": {}, "frequency": "hourly"}, "frequency"),
    ):
        answer = market.paul.post(f"{URL}/preview", body)
        assert answer.status_code == 422
        assert place in detail(answer)
    assert market.rows("select id from job_alerts") == []


def test_previews_are_limited(market: Market) -> None:
    made = market.make(criteria={})
    assert {market.paul.post(f"{URL}/preview", {"criteria": {}}).status_code for _ in range(60)} == {200}
    assert market.paul.post(f"{URL}/preview", {"criteria": {}}).status_code == 429
    assert market.paul.get(f"{URL}/{made['id']}/preview").status_code == 429
    assert market.user(LEA).post(f"{URL}/preview", {"criteria": {}}).status_code == 200


def test_the_summary_is_limited(market: Market) -> None:
    answers = [market.paul.get(f"{URL}/stats/summary").status_code for _ in range(45)]
    assert set(answers) == {200, 429}
    assert market.user(LEA).get(f"{URL}/stats/summary").status_code == 200


def test_the_summary_has_the_members_of_both(market: Market) -> None:
    nothing = market.paul.get(f"{URL}/stats/summary").json
    assert nothing == {
        "total_alerts": 0,
        "active_alerts": 0,
        "inactive_alerts": 0,
        "total_jobs_sent": 0,
        "active": 0,
        "inactive": 0,
        "by_frequency": {"instant": 0, "daily": 0, "weekly": 0, "monthly": 0},
        "total_matching_jobs": 0,
    }
    market.make()
    market.make(frequency="monthly")
    market.make(frequency="weekly", criteria={"job_types": ["contract"]})
    market.make(is_active=False, criteria={})
    market.make(LEA)
    market.app(lambda connection: main_web_app.insert_alert(connection, PAUL, "Ancienne", jobs_sent_count=None))
    market.rows("update job_alerts set jobs_sent_count = 4 where frequency = 'WEEKLY' returning id")
    assert market.paul.get(f"{URL}/stats/summary/").json == {
        "total_alerts": 5,
        "active_alerts": 4,
        "inactive_alerts": 1,
        "total_jobs_sent": 8,
        "active": 4,
        "inactive": 1,
        "by_frequency": {"instant": 0, "daily": 3, "weekly": 1, "monthly": 1},
        "total_matching_jobs": 2 + 2 + 1 + 2,
    }


def offer(market: Market, title: str, **values: Any) -> int:
    """Committed by the main web app, and seen by nobody of us yet."""
    job_id: int = market.app(lambda connection: main_web_app.insert_job(connection, title, **TEXT, **values))
    return job_id


def summary(market: Market) -> int:
    total: int = market.paul.get(f"{URL}/stats/summary").json["total_matching_jobs"]
    return total


def test_what_was_committed_a_moment_ago_is_found_first(market: Market) -> None:
    made = market.make()
    offer(market, "Python premier")
    drafted = draft(market, PYTHON)
    assert (drafted["total_matches"], titles(drafted)[0]) == (3, "Python premier")
    offer(market, "Python second")
    saved = market.paul.get(f"{URL}/{made['id']}/preview").json
    assert (saved["total_matches"], titles(saved)[:2]) == (4, ["Python second", "Python premier"])
    offer(market, "Python troisième")
    assert summary(market) == 5


def test_an_edit_is_found_at_once_and_a_closed_offer_is_not(market: Market) -> None:
    job_id = offer(market, "Comptable")
    assert draft(market, PYTHON)["total_matches"] == 2
    market.app(lambda connection: connection.execute("update jobs set title = 'Python' where id = %s", (job_id,)))
    assert draft(market, PYTHON)["total_matches"] == 3
    market.app(lambda connection: connection.execute("update jobs set status = 'closed' where id = %s", (job_id,)))
    assert draft(market, PYTHON)["total_matches"] == 2


def test_a_preview_does_not_wait_for_a_long_backlog_or_a_busy_preparation(market: Market) -> None:
    for number in range(search.SHORT_BACKLOG + 1):
        offer(market, f"Python {number}")
    assert draft(market, PYTHON)["total_matches"] == 2
    market.refresh()
    assert draft(market, PYTHON)["total_matches"] == search.SHORT_BACKLOG + 3
    offer(market, "Python enfin")
    with market.api.database.direct() as busy, busy.transaction():
        busy.execute(f"select pg_advisory_xact_lock({Lock.PREPARING_OFFERS})")
        assert draft(market, PYTHON)["total_matches"] == search.SHORT_BACKLOG + 3
    assert draft(market, PYTHON)["total_matches"] == search.SHORT_BACKLOG + 4


def test_a_preview_does_not_read_long_texts_first(market: Market) -> None:
    """Employers decide how long they are."""
    job_id = offer(market, "Python au long")
    text = "équipe " * (search.SHORT_TEXTS // 7)
    change = "update jobs set description = %s where id = %s"
    market.app(lambda connection: connection.execute(change, (text, job_id)))
    assert draft(market, PYTHON)["total_matches"] == 2
    market.refresh()
    assert draft(market, PYTHON)["total_matches"] == 3
