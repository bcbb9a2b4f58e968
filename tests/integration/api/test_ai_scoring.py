"""Scores as recruiters ask for them, and recommendations as the candidate sees them, by the formula alone."""

from collections.abc import Iterator

import pytest

from api_min import limits
from api_min.routes import ai_scoring
from tests.factories import main_web_app, scored_market
from tests.factories.api import Api
from tests.factories.scored_market import ScoredMarket
from tests.integration.api.repeating import SCORES, Asked, check
from tests.integration.api.route_guards import Route, RouteGroup
from worker.kit.database import execute, query, raw
from worker.kit.settings import Settings

URL = "/api/ai-scoring"
RECRUITER, CANDIDATE, WITHOUT_ROW, ADMIN, HOMELESS, EMPTY = 1, 2, 4, 5, 6, 7
DETERMINISTIC = "deterministic-1"
FOR_CANDIDATES = ("/candidate/job-matches", "/interview-prep")
GROUP = RouteGroup(
    URL,
    (
        Route("POST", "/score-application", {"application_id": 1}),
        Route("POST", "/score-job-applications", {"job_id": 1}),
        Route("GET", "/scored-applications/{id}"),
        Route("GET", "/candidate/job-matches"),
        Route("POST", "/interview-prep", {"job_id": 1}),
        Route("POST", "/recompute", {"application_id": 1}),
    ),
    frozenset({ai_scoring.api.name}),
)


@pytest.fixture
def market(api: Api, settings: Settings, emulator_url: str) -> Iterator[ScoredMarket]:
    market = ScoredMarket.open(api, settings, emulator_url)
    yield market
    market.close()


def test_an_application_has_one_score_wherever_it_is_looked_at(market: ScoredMarket) -> None:
    first = market.score(1)
    assert first.status_code == 200, first.text
    assert first.json.keys() >= {"success", "application_id", "ai_score", "ai_score_details", "message"}
    assert (first.json["success"], first.json["application_id"], first.json["model"]) == (True, 1, DETERMINISTIC)
    details = first.json["ai_score_details"]
    assert details["skills_match"] == {
        "matched": ["Python", "Django", "PostgreSQL"],
        "missing": ["Kubernetes"],
        "percentage": 75.0,
    }
    assert details["score"] == first.json["ai_score"] > 60
    assert details["recommendation"]
    assert details["strengths"]
    with market.working():
        again = market.score(1, Prefer="wait=20")
    assert again.json == {**first.json, "pending": False}, "the run reads the CV and finds nothing new"
    [shown] = market.listed()["applications"]
    assert (shown["ai_score"], shown["ai_analyzed_at"]) == (first.json["ai_score"], first.json["computed_at"])
    [stored] = market.rows("select ai_score, ai_score_details, ai_analyzed_at from job_applications")
    assert (stored["ai_score"], stored["ai_score_details"]) == (first.json["ai_score"], details)
    [best, *_] = market.matches()["matches"]
    assert (best["job_id"], best["match_score"]) == (1, first.json["ai_score"])
    runs = len(market.rows("select id from task_runs"))
    assert market.score(1).json == again.json
    assert len(market.rows("select id from task_runs")) == runs, "nobody is asked again"


def test_a_list_is_in_its_order_and_in_pages(market: ScoredMarket) -> None:
    for candidate_id in (2, 3):
        market.apply(1, candidate_id)
    market.apply(1, 2)
    market.rows("update job_applications set ai_score = null, applied_at = now() + id * interval '1 s' returning id")
    answer = market.user(RECRUITER).post(f"{URL}/score-job-applications", {"job_id": 1}, headers=market.NOW)
    assert (answer.status_code, answer.json["scored_count"]) == (202, 0)
    assert answer.headers["Location"].startswith("/api/tasks/")
    market.rows("update job_applications set ai_score = 1 where id = 4 returning id")
    market.work()
    with market.working():
        answer = market.user(RECRUITER).post(f"{URL}/score-job-applications", {"job_id": 1}, headers=market.LATER)
    assert (answer.status_code, answer.json["success"], answer.json["job_id"]) == (200, True, 1)
    assert (answer.json["scored_count"], answer.json["failed_count"]) == (0, 0), "only those without a score"
    market.rows("update job_applications set ai_score = null where id = 3 returning id")
    page = market.listed()
    assert {name: page[name] for name in ("total", "page", "limit", "total_pages")} == {
        "total": 4,
        "page": 1,
        "limit": 20,
        "total_pages": 1,
    }
    scores = [each["ai_score"] for each in page["applications"]]
    assert scores == [*sorted(scores[:3], reverse=True), None]
    assert page["applications"][0].keys() == {
        *("id", "job_id", "candidate_id", "candidate_name", "candidate_email", "status", "applied_at", "ai_score"),
        *("ai_score_details", "ai_analyzed_at", "cv_url"),
    }
    assert page["applications"][0]["candidate_name"] == "Paul Ndong"
    assert [each["id"] for each in market.listed("?sort_by_score=false")["applications"]] == [4, 3, 2, 1]
    second = market.listed("?limit=2&page=2")
    assert ([each["id"] for each in second["applications"]], second["total_pages"]) == (
        [each["id"] for each in page["applications"][2:]],
        2,
    )
    assert market.user(RECRUITER).get(f"{URL}/scored-applications/1?limit=101").status_code == 422


def test_a_candidate_sees_his_own_best_offers_with_reasons(market: ScoredMarket) -> None:
    closed = market.offer(title="Développeur Python fermé", status="closed")
    found = market.matches()
    assert [each["job_id"] for each in found["matches"]][:1] == [1]
    assert closed not in [each["job_id"] for each in found["matches"]]
    assert found["total_jobs_analyzed"] == 2
    assert found["generated_at"].endswith("Z")
    best = found["matches"][0]
    assert best.keys() >= {
        *("job_id", "job_title", "company_name", "location", "job_type", "salary_min", "salary_max", "currency"),
        *("match_score", "match_reasons", "missing_skills", "posted_at"),
    }
    assert (best["company_name"], best["currency"], best["missing_skills"]) == (
        "Gabon Numérique",
        "XAF",
        ["Kubernetes"],
    )
    assert best["match_reasons"]
    market.speak(CANDIDATE, "en")
    english = market.matches()["matches"][0]
    assert (english["match_score"], english["match_reasons"] == best["match_reasons"]) == (best["match_score"], False)
    assert [each["job_id"] for each in market.matches("?limit=1")["matches"]] == [1]
    assert market.user(CANDIDATE).get(f"{URL}/candidate/job-matches?limit=21").status_code == 422
    market.rows("update job_applications set status = 'rejected' returning id")
    assert 1 not in [each["job_id"] for each in market.matches()["matches"]]
    market.rows("update job_applications set status = 'viewed' returning id")
    assert market.matches()["matches"][0]["job_id"] == 1


def test_recommendations_are_kept_and_follow_what_changes(market: ScoredMarket) -> None:
    before = market.matches()
    assert len(market.rows("select id from recommendation_changes where candidate_id = 1")) == 1, "looked for soon"
    with market.working():
        answer = market.user(CANDIDATE).post(f"{URL}/recompute", {}, headers=market.LATER)
    assert (answer.status_code, answer.json["success"]) == (200, True)
    kept = market.matches()
    assert kept["matches"] == before["matches"]
    assert market.matches() == kept, "the same moment, too"
    newer = market.offer(title="Développeuse Python")
    assert newer in [each["job_id"] for each in market.matches()["matches"]], "before the night"
    market.rows("update jobs set profil_competences = 'Cobol' where id = 1 returning id")
    changed = {each["job_id"]: each["match_score"] for each in market.matches()["matches"]}
    assert changed.get(1, 0) < before["matches"][0]["match_score"], "an offer that changed is compared anew"


def test_who_tells_nothing_is_recommended_nothing(market: ScoredMarket) -> None:
    found = market.matches(user_id=EMPTY)
    assert (found["matches"], found["total_jobs_analyzed"], found["profile_is_empty"]) == ([], 0, True)
    assert "profil" in found["message"]
    number = market.apply(1, 3)
    answer = market.score(number)
    assert (answer.status_code, answer.json["ai_score"], answer.json["pending"]) == (200, 0.0, False)
    assert answer.json["ai_score_details"]["error"]


def test_an_offer_of_a_few_words_says_so(market: ScoredMarket) -> None:
    job = market.app(lambda connection: main_web_app.insert_job(connection, "Offre", description="…"))
    answer = market.score(market.apply(job, 1))
    assert (answer.status_code, "trop courte" in answer.json["detail"]) == (409, True)
    assert market.rows("select 1 from job_applications where job_id = %s and ai_score is not null", job) == []
    assert job not in [each["job_id"] for each in market.matches()["matches"]]


def test_an_interview_is_prepared_from_our_list_without_a_key(market: ScoredMarket) -> None:
    answer = market.user(CANDIDATE).post(f"{URL}/interview-prep", {"job_id": 1})
    assert answer.status_code == 200, answer.text
    assert (answer.json["job_title"], answer.json["company_name"]) == ("Développeur Python (H/F)", "Gabon Numérique")
    kinds = [each["category"] for each in answer.json["questions"]]
    assert kinds == ["technical"] * 4 + ["behavioral"] * 3 + ["motivation"] * 3 + ["company"] * 2
    assert all(each["question"] and each["tip"] for each in answer.json["questions"])
    assert answer.json["general_advice"]
    assert answer.json["generated_at"].endswith("Z")
    hidden = market.offer(status="draft")
    assert market.user(CANDIDATE).post(f"{URL}/interview-prep", {"job_id": hidden}).status_code == 404
    market.apply(hidden, 1)
    assert market.user(CANDIDATE).post(f"{URL}/interview-prep", {"job_id": hidden}).status_code == 200


def test_scores_are_computed_again_on_request(market: ScoredMarket) -> None:
    first = market.score(1).json
    recruiter = market.user(RECRUITER)
    with market.working():
        again = recruiter.post(f"{URL}/recompute", {"application_id": 1}, headers=market.LATER)
        everybody = recruiter.post(f"{URL}/recompute", {"job_id": 1}, headers=market.LATER)
    assert (again.json["ai_score"], again.json["computed_at"] > first["computed_at"]) == (first["ai_score"], True)
    assert everybody.json["scored_count"] == 1
    for body in ({}, {"job_id": 1, "application_id": 1}):
        assert recruiter.post(f"{URL}/recompute", body).status_code == 422


def test_asking_has_a_limit_per_user(market: ScoredMarket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "AI_REQUESTS", "2 per hour")
    number = market.apply(1, 2)
    assert [market.score(each).status_code for each in (1, number)] == [200, 200]
    refused = market.user(RECRUITER).post(f"{URL}/score-job-applications", {"job_id": 1}, headers=market.NOW)
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert market.matches()["matches"]


def test_only_the_company_asks_for_scores_and_only_the_candidate_for_matches(market: ScoredMarket) -> None:
    assert GROUP.is_complete(market.api.app, {"job_id": "{id}"})
    assert GROUP.open_to_strangers(market.api) == []
    for_candidates = [each for each in GROUP.routes if each.path in FOR_CANDIDATES]
    for_recruiters = [each for each in GROUP.routes if each not in for_candidates]
    for api, routes in (
        (market.user(ADMIN), GROUP.routes),
        (market.api, GROUP.routes),
        (market.user(RECRUITER), for_candidates),
        (market.user(CANDIDATE), for_recruiters[:3]),
    ):
        assert [GROUP.call(api, route).status_code for route in routes] == [403] * len(routes)
    for route in for_recruiters:
        answer = GROUP.call(market.user(WITHOUT_ROW), route)
        assert (answer.status_code, answer.json["detail"]) == (404, "Profil employeur introuvable"), route
    market.rows("update employers set company_id = 2 where user_id = %s returning id", HOMELESS)
    for route, status in zip(for_recruiters, (403, 404, 404, 403), strict=True):
        answer = GROUP.call(market.user(HOMELESS), route)
        assert (answer.status_code, "Paul" in answer.text) == (status, False), route
    market.rows("delete from candidates where user_id = %s returning id", EMPTY)
    for route in for_candidates:
        answer = GROUP.call(market.user(EMPTY), route)
        assert (answer.status_code, answer.json["detail"]) == (404, "Profil candidat introuvable"), route
    for number in (0, 999, 2**31):
        assert market.score(number).status_code == 404
        assert market.user(RECRUITER).get(f"{URL}/scored-applications/{number}").status_code == 404
    assert market.user(RECRUITER).get(f"{URL}/scored-applications/x").status_code == 422


@pytest.mark.parametrize("asked", SCORES, ids=lambda asked: asked.route)
def test_whoever_repeats_is_answered_the_same(market: ScoredMarket, asked: Asked) -> None:
    other = asked._replace(body={"application_id": market.apply(1, 2)})
    check(market.user(RECRUITER), asked, other, "job_applications", "task_runs", **market.NOW)


def test_lists_are_found_by_indexes(market: ScoredMarket) -> None:
    with market.api.database.transaction() as connection:
        execute(
            connection,
            """
            insert into job_applications (job_id, candidate_id, status, ai_score)
            select 1 + mod(n, 2), 2, 'applied', mod(n, 100) from generate_series(1, 4000) n
            """,
        )
        scored_market.insert_many_offers(raw(connection), 3000)
        execute(connection, "analyze job_applications; analyze jobs; analyze recommendations; analyze candidates")
        plans = [str(query(connection, f"explain {sql}")) for sql in scored_market.statements()]
    for sql, plan in zip(scored_market.statements(), plans, strict=True):
        for table in ("job_applications", "jobs"):
            assert f"Seq Scan on {table}" not in plan, sql
