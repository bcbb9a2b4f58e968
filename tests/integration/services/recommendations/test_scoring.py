"""Scores of applications and recommendations, by the formula: no key of a language model is set."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.factories import main_web_app, scored_market
from tests.integration.services.support import Platform
from worker.catalogue import recommendations
from worker.kit.database import Row, execute
from worker.services.recommendations.open_offers import open_offer_cache

NIGHT = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)


@pytest.fixture
def market(platform: Platform) -> Platform:
    """Candidate 1 is a developer, 2 has a title, 3 tells nothing; offer 1 asks for Python, 2 for an accountant."""
    open_offer_cache.forget()
    platform.app(scored_market.fill_profile)
    platform.app(lambda connection: scored_market.clear_profile(connection, 3))
    platform.app(scored_market.insert_offer)
    platform.app(lambda connection: main_web_app.insert_job(connection, **scored_market.ACCOUNTANT))
    platform.change("delete from recommendation_changes")
    return platform


def apply(platform: Platform, job_id: int, candidate_id: int, **values: Any) -> int:
    return platform.app(lambda c: main_web_app.insert_application(c, job_id, candidate_id, **values))


def application(platform: Platform, number: int) -> Row:
    return platform.row("select * from job_applications where id = %s", number)


def stored(platform: Platform, candidate_id: int) -> list[Row]:
    return platform.rows(
        "select * from recommendations where candidate_id = %s order by score desc, job_id", candidate_id
    )


def run(platform: Platform, task: Any, **payload: Any) -> Row:
    run_id = platform.enqueue(task, task.payload(**payload))
    platform.drain()
    return platform.run(run_id)


def test_an_application_is_scored_once_while_nothing_changes(market: Platform) -> None:
    number, twin = apply(market, 1, 1), apply(market, 1, 1)
    ended = run(market, recommendations.SCORE_APPLICATION, application_id=number)
    assert (ended["state"], ended["result"]) == ("succeeded", {"judged": False, "reason": "no_key"})
    first = application(market, number)
    assert first["ai_score"] > 60
    assert first["ai_score_details"]["model"] == "deterministic-1"
    assert first["ai_score_details"]["skills_match"] == {
        "matched": ["Python", "Django", "PostgreSQL"],
        "missing": ["Kubernetes"],
        "percentage": 75.0,
    }
    assert first["ai_analyzed_at"] == stored(market, 1)[0]["computed_at"]
    run(market, recommendations.SCORE_APPLICATION, application_id=number)
    assert application(market, number) == first, "not even touched"
    run(market, recommendations.SCORE_APPLICATION, application_id=twin)
    assert application(market, twin)["ai_analyzed_at"] == first["ai_analyzed_at"], "one pair, one score"
    run(market, recommendations.SCORE_APPLICATION, application_id=number, anew=True)
    again = application(market, number)
    assert (again["ai_score"], again["ai_analyzed_at"] > first["ai_analyzed_at"]) == (first["ai_score"], True)
    assert run(market, recommendations.SCORE_APPLICATION, application_id=999)["state"] == "cancelled"


def test_a_score_without_the_cv_says_so(market: Platform) -> None:
    market.app(
        lambda connection: main_web_app.insert(
            connection, "candidate_cvs", candidate_id=1, filename="cv.pdf", file_path="https://elsewhere.example/cv.pdf"
        )
    )
    number = apply(market, 1, 1)
    run(market, recommendations.SCORE_APPLICATION, application_id=number)
    scored = application(market, number)
    assert scored["ai_score"] > 60
    assert scored["ai_score_details"]["weaknesses"][-1].startswith("Le CV se trouve à une adresse où il n’est pas lu")
    assert stored(market, 1)[0]["cv"] == {"outcome": "cv.not_allowed", "hidden_characters": 0}


def test_an_offer_without_words_is_compared_with_nobody(market: Platform) -> None:
    job = market.app(lambda c: main_web_app.insert_job(c, "Offre", description="…"))
    number = apply(market, job, 1)
    assert run(market, recommendations.SCORE_APPLICATION, application_id=number)["state"] == "succeeded"
    assert application(market, number)["ai_score"] is None
    assert application(market, number)["ai_analyzed_at"] is None
    assert stored(market, 1) == []
    ended = run(market, recommendations.SCORE_JOB, job_id=job)
    assert ended["result"] == {"scored": 0, "failed": 1}


def test_all_applications_without_a_score_are_scored(market: Platform) -> None:
    numbers = [apply(market, 1, candidate) for candidate in (1, 2, 3)]
    market.change("update job_applications set ai_score = 12 where id = %s", numbers[1])
    ended = run(market, recommendations.SCORE_JOB, job_id=1)
    assert ended["result"] == {"scored": 2, "failed": 0}
    assert application(market, numbers[1])["ai_score"] == 12, "it has one"
    assert application(market, numbers[2])["ai_score"] == 0, "who tells nothing agrees with nothing"
    assert "error" in application(market, numbers[2])["ai_score_details"]
    assert run(market, recommendations.SCORE_JOB, job_id=1)["result"] == {"scored": 0, "failed": 0}
    assert run(market, recommendations.SCORE_JOB, job_id=1, anew=True)["result"] == {"scored": 3, "failed": 0}
    assert application(market, numbers[1])["ai_score"] not in (12, None)


def test_a_night_scores_who_tells_something_and_applications_that_are_undecided(market: Platform) -> None:
    market.change("insert into candidate_cvs (candidate_id, filename, file_path) values (3, 'cv.pdf', 'cv/3.pdf')")
    market.change("delete from recommendation_changes")
    undecided, rejected = apply(market, 1, 1), apply(market, 2, 1)
    market.change("update job_applications set status = 'rejected' where id = %s", rejected)
    ended = run(market, recommendations.RUN, period=NIGHT)
    assert ended["state"] == "succeeded"
    counts = {"candidates": 3, "empty": 1, "applications": 1, "cvs": 1, "failed_shards": 0}
    assert ended["result"] == {**counts, "pairs": len(stored(market, 1)) + len(stored(market, 2))}
    assert len(market.rows("select 1 from task_runs where task = %s", recommendations.SCORE_SHARD.name)) == 1
    assert [(row["job_id"], row["recommended"]) for row in stored(market, 1)] == [(1, True)]
    assert stored(market, 3) == []
    assert market.row("select outcome from cv_files where candidate_id = 3")["outcome"] != "cv.pending"
    assert application(market, undecided)["ai_score"] == stored(market, 1)[0]["score"]
    assert application(market, rejected)["ai_score"] is None
    before = stored(market, 1)
    market.change("update job_applications set status = 'applied' where id = %s", rejected)
    assert run(market, recommendations.RUN, period=NIGHT)["result"]["applications"] == 2
    assert application(market, rejected)["ai_score"] is not None, "who was put back is looked at again"
    assert [row for row in stored(market, 1) if row["recommended"]] == before, "what did not change is not written"


def test_what_changed_is_computed_again(market: Platform) -> None:
    number, other = apply(market, 1, 1), apply(market, 1, 2)
    run(market, recommendations.RUN, period=NIGHT)
    before = application(market, number)
    market.app(lambda connection: scored_market.insert_skill(connection, "Kubernetes"))
    market.change("update candidates set phone = '+241' where id = 2")
    market.change("update recommendation_changes set changed_at = now() - interval '1 minute'")
    assert run(market, recommendations.REFRESH)["result"] == {"candidates": 1, "offers": 0}
    after = application(market, number)
    assert after["ai_score"] > before["ai_score"]
    assert "Kubernetes" in after["ai_score_details"]["skills_match"]["matched"]
    assert stored(market, 1)[0]["score"] == after["ai_score"]

    unchanged = application(market, other)
    market.change("update jobs set profil_competences = 'Excel, Sage' where id = 1")
    market.change("update jobs set title = 'Chef comptable' where id = 2")
    market.change("delete from recommendations where job_id = 2")
    market.change("update recommendation_changes set changed_at = now() - interval '1 minute'")
    assert run(market, recommendations.REFRESH)["result"] == {"candidates": 0, "offers": 1}
    assert application(market, number)["ai_score"] < before["ai_score"]
    assert application(market, other)["ai_analyzed_at"] > unchanged["ai_analyzed_at"]


def test_a_change_rests_a_moment_and_an_import_is_left_to_the_night(market: Platform) -> None:
    market.app(lambda connection: scored_market.insert_skill(connection, "Kubernetes"))
    run_id = market.enqueue(recommendations.REFRESH, recommendations.Refresh())
    assert market.step(run_id)["state"] == "queued"
    assert market.rows("select task from task_runs where task = %s", recommendations.SCORE_CANDIDATE.name) == []
    market.change("insert into recommendation_changes (candidate_id) select n from generate_series(1, 5001) n")
    assert market.step(run_id)["result"] == {"left_to_the_night": 5002}


def test_best_offers_follow_the_market(market: Platform) -> None:
    run(market, recommendations.SCORE_CANDIDATE, candidate_id=1)
    assert [row["job_id"] for row in stored(market, 1)] == [1], "an accountant's has nothing in common"
    for _ in range(25):
        market.app(scored_market.insert_offer)
    open_offer_cache.forget()
    kept = apply(market, 2, 1)
    run(market, recommendations.SCORE_CANDIDATE, candidate_id=1)
    rows = stored(market, 1)
    assert sum(row["recommended"] for row in rows) == 20
    assert [row["job_id"] for row in rows if not row["recommended"]] == [2], "an application has it"
    assert application(market, kept)["ai_score"] == next(row["score"] for row in rows if row["job_id"] == 2)
    market.change("update candidates set title = null, location = null, salary_expectation_min = null where id = 1")
    for table in ("skills", "experiences", "educations"):
        market.change(f"delete from {table}")
    run(market, recommendations.SCORE_CANDIDATE, candidate_id=1)
    assert [row["job_id"] for row in stored(market, 1)] == [2]


FACTS = "delete from skills; delete from experiences; delete from educations; "
DELETING = ("delete from job_applications where candidate_id = 1", f"{FACTS} delete from candidates where id = 1")
DELETING_OFFER = ("delete from job_applications where job_id = 1", "delete from jobs where id = 1")


@pytest.mark.parametrize(
    ("task", "payload", "deleting"),
    [
        (recommendations.SCORE_APPLICATION, {"application_id": 1, "anew": True}, DELETING),
        (recommendations.SCORE_CANDIDATE, {"candidate_id": 1}, DELETING),
        (recommendations.SCORE_JOB, {"job_id": 1, "anew": True}, DELETING_OFFER),
        (recommendations.RUN, {"period": NIGHT}, DELETING),
        (recommendations.RUN, {"period": NIGHT}, DELETING_OFFER),
    ],
)
def test_whoever_deletes_a_candidate_or_an_offer_meanwhile_can(
    market: Platform, task: Any, payload: dict[str, Any], deleting: tuple[str, str]
) -> None:
    """The main web app deletes applications first; whoever scores one meanwhile holds nothing that it waits for."""
    for candidate in (1, 2):
        apply(market, 1, candidate)
    run(market, task, **payload)
    market.app(lambda connection: scored_market.insert_skill(connection, "Kubernetes"))
    with ThreadPoolExecutor(1) as pool:
        with market.database.transaction() as connection:
            execute(connection, deleting[0])
            scoring = pool.submit(run, market, task, **payload)
            wait([scoring], timeout=0.6)
            execute(connection, "set local lock_timeout = '2s'")
            execute(connection, deleting[1])
        assert scoring.result()["state"] in ("succeeded", "cancelled")
