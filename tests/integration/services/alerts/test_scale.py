"""Many alerts: shards, batches filled across them, and the plans of the statements that every shard runs."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.seed.generate import generate
from sandbox.seed.load import load
from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform
from worker.catalogue import alerts
from worker.kit.database import Row, query
from worker.services.alerts import eligibility, selection, shards, watermark
from worker.services.matching.criteria import parse_criteria
from worker.services.matching.definition import matches
from worker.services.matching.offers import Offer, newest_first, prepare

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)


# As they were written, not as they were prepared.
OFFERS = """
select j.id, j.title, s.visible_no as number, j.company_id, j.description, j.requirements, j.responsibilities,
       j.mission_principale, j.profil_formation, j.profil_experience, j.profil_competences, j.profil_posture,
       j.profil_autre, j.location, j.zone, j.country, j.location_type::text as location_type,
       j.job_type::text as job_type, j.salary_min, j.salary_max, j.currency, j.language,
       j.status::text as status, coalesce(j.posted_at, j.created_at) as posted_at, j.expires_at
  from job_search s join jobs j on j.id = s.job_id
 where lower(j.status::text) = 'published' and (j.expires_at is null or j.expires_at > now())
"""


def crowd(platform: Platform, count: int, *, every: int = 10) -> None:
    """Alerts of as many candidates, every tenth for Python, ids counted from 1."""
    platform.change(
        """
        insert into users (email, role, first_name, last_name, is_active)
        select 'foule.' || n || '@example.org', 'CANDIDATE', 'Foule', n::text, true from generate_series(1, %s) n
        """,
        count,
    )
    platform.change("insert into candidates (user_id) select id from users where first_name = 'Foule' order by id")
    platform.change(
        """
        insert into job_alerts (candidate_id, name, criteria, frequency, is_active, origin, last_number)
        select c.id, 'Alerte ' || c.id,
               jsonb_build_object('keywords', array[case when mod(c.id, %s) = 0 then 'python' else 'astronaute' end]),
               'DAILY', true, 'platform', 0
          from candidates c join users u on u.id = c.user_id where u.first_name = 'Foule' order by c.id
        """,
        every,
    )
    platform.change("analyze")


def test_shards_fill_whole_batches_and_the_run_the_last_one(platform: Platform, emulator: ResendEmulator) -> None:
    crowd(platform, 45_000, every=100)
    platform.offers(3)
    run = platform.run_alerts("daily", MONDAY)
    assert (run["result"]["alerts_scanned"], run["result"]["digests_stored"]) == (45_000, 450)
    rows = platform.rows("select payload, result from task_runs where task = %s order by id", alerts.MATCH_SHARD.name)
    bounds = [(row["payload"]["first_id"], row["payload"]["last_id"]) for row in rows]
    assert bounds == [(1, 19_999), (20_000, 39_999), (40_000, 45_000)]
    assert [row["result"]["alerts"] for row in rows] == [19_999, 20_000, 5001]
    assert [row["count"] for row in platform.rows("select count from email_batches order by id")] == [100] * 4 + [50]
    assert emulator.get("resend/counts") == {
        "accepted": 450,
        "recipients": 450,
        "duplicates": 0,
        "duplicate_rows": [],
    }


def expected(alert: Row, offers: list[Offer]) -> tuple[list[int], int]:
    """The digest by looking at every offer, one after the other."""
    criteria = parse_criteria(alert["criteria"])
    found = [offer for offer in sorted(map(prepare, offers), key=newest_first) if matches(criteria, offer)]
    return [prepared.offer.id for prepared in found[:20]], len(found)


def test_a_seeded_markets_digests_are_what_looking_at_every_offer_finds(
    platform: Platform, emulator: ResendEmulator
) -> None:
    load(platform.database, generate(companies=12, offers=300, candidates=60, alerts=120, now=datetime.now(UTC)))
    result = platform.run_alerts("daily", MONDAY)["result"]
    offers = [Offer(**row) for row in platform.rows(OFFERS)]
    found = {
        row["alert_id"]: (row["job_ids"], row["total"])
        for row in platform.rows("select alert_id, job_ids, total from alert_digests")
    }
    due = platform.rows(
        """
        select a.id, a.criteria from job_alerts a join candidates c on c.id = a.candidate_id
          join users u on u.id = c.user_id
         where a.frequency = 'DAILY' and a.is_active and u.is_active
           and not exists (select from suppressions s where s.address = lower(u.email))
        """
    )
    wanted = {alert["id"]: digest for alert in due if (digest := expected(alert, offers))[1]}
    assert found == wanted
    assert len(offers) > 200
    assert 5 < len(found) == result["digests_stored"] == len(emulator.mails())


@pytest.fixture
def hundred_thousand(platform: Platform) -> Platform:
    crowd(platform, 100_000)
    return platform


def nodes(plan: dict[str, Any]) -> list[tuple[str, str]]:
    """(kind, table) of every node of a plan."""
    found = [(plan["Node Type"], plan.get("Relation Name", ""))]
    for inner in plan.get("Plans", []):
        found += nodes(inner)
    return found


def plan_of(platform: Platform, sql: str, **parameters: Any) -> list[tuple[str, str]]:
    explained = platform.do(lambda connection: query(connection, f"explain (format json) {sql}", parameters))
    return nodes(explained[0]["QUERY PLAN"][0]["Plan"])


def test_a_shard_reads_its_range_by_indexes(hundred_thousand: Platform) -> None:
    plan = plan_of(
        hundred_thousand, selection.ALERTS, frequency="daily", first_id=40_001, last_id=42_000, upper_bound=5
    )
    scans = {table: kind for kind, table in plan if table}
    assert "Index" in scans["job_alerts"] or "Bitmap" in scans["job_alerts"]


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        (eligibility.RECIPIENTS, {"period": MONDAY}),
        (watermark.MOVE, {"watermarks": "{0,0}"}),
        (watermark.SERVE, {"watermarks": "{0,0}", "shown": "{1,1}", "jobs": "{1,1}"}),
    ],
)
def test_what_a_shard_does_with_its_alerts_reads_no_table_whole(
    hundred_thousand: Platform, statement: str, parameters: dict[str, Any]
) -> None:
    plan = plan_of(hundred_thousand, statement, ids="{7,8}", upper_bound=5, frequency="daily", **parameters)
    large = ("job_alerts", "users", "candidates")
    assert [table for kind, table in plan if kind == "Seq Scan" and table in large] == []


def test_a_shard_of_a_hundred_thousand_alerts(hundred_thousand: Platform) -> None:
    platform = hundred_thousand
    platform.offers(5)
    run_id = platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY))
    platform.step(run_id)
    waiting = platform.rows("select payload from task_runs where parent_id = %s order by id", run_id)
    assert len(waiting) == 6
    done = platform.do(lambda connection: shards.match_shard(connection, **waiting[3]["payload"]))
    assert "'digests': 2000" in repr(done)
