"""The company set is repeatable, whole and believable."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.enums import TemplateType
from sandbox.seed.generate import generate
from sandbox.seed.people import unaccented
from sandbox.seed.rows import Job, JobAlert, SeedData
from sandbox.seed.vocabulary.everything import PROFESSIONS
from sandbox.seed.vocabulary.professions import Profession
from tests.factories.matching import index_of_open, match_many
from worker.services.email.templating.composing import Draft
from worker.services.email.templating.template_rules import check
from worker.services.matching.criteria import Criteria, parse_criteria
from worker.services.matching.index import OfferIndex
from worker.services.matching.offers import Offer

NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
OFFER_FIELDS = {field.name for field in fields(Offer)} & {field.name for field in fields(Job)}
RESERVED_DOMAIN = re.compile(r"[a-z0-9.-]+@([a-z0-9-]+\.)?example\.(org|com|net)")
SHAPE = {"keywords": list, "location": str, "job_types": list, "location_types": list}
AMOUNTS = {"salary_min": int, "currency": str}


@pytest.fixture(scope="module")
def company_set() -> SeedData:
    return generate(now=NOW)


@pytest.fixture(scope="module")
def index(company_set: SeedData) -> OfferIndex:
    return index_of(company_set)


def index_of(data: SeedData) -> OfferIndex:
    offers = (Offer(number=job.id, **{name: getattr(job, name) for name in OFFER_FIELDS}) for job in data.jobs)
    return index_of_open(offers, now=data.now)


def kind(alert: JobAlert) -> str:
    return alert.own_frequency or alert.frequency.lower()


def test_the_same_arguments_give_the_same_rows(company_set: SeedData) -> None:
    assert generate(now=NOW) == company_set


def test_another_seed_gives_other_rows(company_set: SeedData) -> None:
    other = generate(seed=7, now=NOW)
    assert other.jobs != company_set.jobs
    assert other.users != company_set.users


def test_more_offers_change_nobody(company_set: SeedData) -> None:
    larger = generate(offers=2100, now=NOW)
    assert larger.candidates == company_set.candidates
    assert larger.alerts == company_set.alerts


def test_the_sizes_are_those_asked_for(company_set: SeedData) -> None:
    sizes = {table: len(rows) for table, rows in company_set.tables()}
    assert (sizes["companies"], sizes["jobs"], sizes["candidates"], sizes["job_alerts"]) == (32, 2000, 500, 800)
    assert sizes["users"] == 1 + sizes["employers"] + sizes["candidates"]
    assert Counter(user.role for user in company_set.users)["ADMIN"] == 1
    assert {employer.company_id for employer in company_set.employers} == set(range(1, 33))


def test_a_small_and_a_large_set_are_possible() -> None:
    assert not generate(companies=0, offers=0, candidates=0, alerts=0, now=NOW).jobs
    large = generate(companies=100, offers=10, candidates=2, alerts=5, now=NOW)
    assert len({company.name for company in large.companies}) == 100
    assert len({company.website_url for company in large.companies}) == 100


@pytest.mark.parametrize(
    "table",
    [
        "users", "companies", "employers", "candidates", "skills", "job_alerts", "jobs",
        "job_applications", "email_templates", "interview_schedules",
    ],
)  # fmt: skip
def test_ids_count_from_one(company_set: SeedData, table: str) -> None:
    rows = dict(company_set.tables())[table]
    assert [row.id for row in rows] == list(range(1, len(rows) + 1))


def test_every_reference_leads_to_a_row(company_set: SeedData) -> None:
    owners: dict[str, Sequence[Any]] = {
        "user_id": company_set.users,
        "company_id": company_set.companies,
        "employer_id": company_set.employers,
    }
    owners["candidate_id"] = company_set.candidates
    owners["created_by_user_id"] = company_set.users
    owners["job_id"] = company_set.jobs
    owners["application_id"] = company_set.applications
    for table, rows in company_set.tables():
        for name, owner in owners.items():
            found = {getattr(row, name) for row in rows if hasattr(row, name)}
            assert found <= {row.id for row in owner}, (table, name)


def test_an_offer_is_posted_by_its_own_company(company_set: SeedData) -> None:
    employer_of = {employer.id: employer.company_id for employer in company_set.employers}
    assert all(employer_of[job.employer_id] == job.company_id for job in company_set.jobs)


def test_addresses_are_reserved_ones_and_each_is_given_once(company_set: SeedData) -> None:
    addresses = [user.email for user in company_set.users]
    assert len(set(addresses)) == len(addresses)
    assert all(RESERVED_DOMAIN.fullmatch(address) for address in addresses)


def test_offers_are_posted_after_the_alerts_start_and_before_now(company_set: SeedData) -> None:
    latest_alert = max(alert.created_at for alert in company_set.alerts)
    posted = [job.created_at for job in company_set.jobs]
    assert posted == sorted(posted)
    assert latest_alert < posted[0]
    assert posted[-1] < NOW
    since = {user.id: user.created_at for user in company_set.users}
    joined = {candidate.id: since[candidate.user_id] for candidate in company_set.candidates}
    assert all(joined[alert.candidate_id] < alert.created_at for alert in company_set.alerts)


def test_offers_are_of_every_kind(company_set: SeedData) -> None:
    jobs = company_set.jobs
    states = Counter(job.status for job in jobs)
    assert states.keys() == {"draft", "published", "closed", "archived"}
    assert states["published"] > 0.9 * len(jobs)
    assert all((job.posted_at is None) == (job.status == "draft") for job in jobs)
    assert any(job.expires_at and job.expires_at < NOW for job in jobs)
    assert {job.location_type for job in jobs} == {"on_site", "remote", "hybrid"}
    assert {job.job_type for job in jobs} == {"full_time", "part_time", "contract", "temporary", "internship"}
    assert 0.03 < sum(job.language == "en" for job in jobs) / len(jobs) < 0.15
    assert 10 < sum(job.location is None for job in jobs) < 150
    assert 0.15 < sum(job.salary_min is None and job.salary_max is None for job in jobs) / len(jobs) < 0.35


def test_currency_and_zone_belong_together(company_set: SeedData) -> None:
    places = {(job.zone, job.currency) for job in company_set.jobs if job.country != "CD"}
    assert places == {("CEMAC", "XAF"), ("UEMOA", "XOF")}
    congolese = [job for job in company_set.jobs if job.country == "CD"]
    assert congolese
    assert {(job.zone, job.salary_min, job.salary_max) for job in congolese} == {(None, None, None)}


def test_salaries_are_believable_monthly_amounts(company_set: SeedData) -> None:
    for job in company_set.jobs:
        amounts = [amount for amount in (job.salary_min, job.salary_max) if amount is not None]
        assert amounts == sorted(amounts)
        assert all(45_000 <= amount <= 5_000_000 and amount % 5_000 == 0 for amount in amounts)


def test_alerts_have_the_main_apps_shape(company_set: SeedData) -> None:
    for alert in company_set.alerts:
        shape = SHAPE | AMOUNTS
        assert all(isinstance(value, shape[name]) for name, value in alert.criteria.items())
        assert parse_criteria(alert.criteria).ignored == ()
        assert alert.criteria
        assert alert.frequency in {"INSTANT", "DAILY", "WEEKLY"}
        assert alert.own_frequency is None or (alert.frequency, alert.own_frequency) == ("WEEKLY", "monthly")


def test_every_frequency_and_both_switches_occur(company_set: SeedData) -> None:
    frequencies = Counter(kind(alert) for alert in company_set.alerts)
    assert frequencies.keys() == {"instant", "daily", "weekly", "monthly"}
    assert frequencies["daily"] > 400
    assert 30 < sum(not alert.is_active for alert in company_set.alerts) < 120
    assert 5 < sum(not user.is_active for user in company_set.users) < 30


@pytest.mark.parametrize("seed", [2026, 1, 2])
def test_a_third_to_a_half_of_the_daily_alerts_match(seed: int) -> None:
    data = generate(seed=seed, now=NOW)
    index = index_of(data)
    daily = [alert for alert in data.alerts if alert.is_active and kind(alert) == "daily"]
    matching = sum(match_many(parse_criteria(alert.criteria), index).total > 0 for alert in daily)
    assert 0.33 <= matching / len(daily) <= 0.5


def test_the_first_two_alerts_show_more_than_a_digest_holds(company_set: SeedData, index: OfferIndex) -> None:
    for alert in company_set.alerts[:2]:
        assert alert.is_active
        assert kind(alert) == "daily"
        assert match_many(parse_criteria(alert.criteria), index).more > 0


def test_one_active_candidate_with_a_matching_alert_is_suppressed(company_set: SeedData) -> None:
    (suppressed,) = company_set.suppressions
    user = next(user for user in company_set.users if user.email == suppressed.address)
    assert user.is_active
    assert company_set.candidates[company_set.alerts[1].candidate_id - 1].user_id == user.id


def test_the_first_companys_applicants_show_what_may_become_of_a_mail(company_set: SeedData) -> None:
    shown = [each for each in company_set.applications if company_set.jobs[each.job_id - 1].company_id == 1]
    addresses = [company_set.users[company_set.candidates[each.candidate_id - 1].user_id - 1].email for each in shown]
    assert len(addresses) == 8
    assert len({each.job_id for each in shown}) == 1
    assert company_set.suppressions[0].address in addresses
    assert sum(address.startswith("bounced.") for address in addresses) == 1
    assert sum(user.email.startswith("bounced.") for user in company_set.users) == 1


def test_applications_come_once_each_to_open_offers(company_set: SeedData) -> None:
    pairs = [(each.job_id, each.candidate_id) for each in company_set.applications]
    assert len(set(pairs)) == len(pairs) > 20
    for each in company_set.applications:
        job = company_set.jobs[each.job_id - 1]
        assert job.status == "published"
        assert job.expires_at is None or job.expires_at > NOW
        assert job.created_at <= each.applied_at < NOW


def test_templates_use_known_names_and_interviews_lie_ahead(company_set: SeedData) -> None:
    for template in company_set.templates:
        check(Draft(TemplateType.parse(template.type), "fr", template.subject, template.body))
    assert {template.company_id for template in company_set.templates} == {1, 2}
    (interview,) = company_set.interviews
    assert interview.scheduled_at > NOW
    assert not interview.candidate_email.startswith("bounced.")


@pytest.mark.parametrize("profession", PROFESSIONS, ids=lambda profession: profession.masculine)
def test_every_profession_is_found_as_people_write_it(index: OfferIndex, profession: Profession) -> None:
    for written in (profession.masculine, profession.feminine, unaccented(profession.feminine)):
        assert match_many(Criteria(keywords=(written,)), index).total > 0, written


def test_texts_are_finished(company_set: SeedData) -> None:
    for job in company_set.jobs:
        texts = [getattr(job, field.name) for field in fields(Job) if isinstance(getattr(job, field.name), str)]
        assert all(text and text == text.strip() and not re.search(r"[{}']|  |\.\.", text) for text in texts), job


def test_careers_are_in_order(company_set: SeedData) -> None:
    for experience in company_set.experiences:
        assert experience.is_current == (experience.end_date is None)
        assert experience.start_date < (experience.end_date or f"{NOW:%Y-%m}")
    assert all(re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", row.start_date) for row in company_set.experiences)
    assert all(row.start_date < row.end_date <= f"{NOW:%Y-%m}" for row in company_set.educations)


def test_another_day_moves_the_offers_with_it(company_set: SeedData) -> None:
    later = generate(now=NOW + timedelta(days=10))
    moved = {b.created_at - a.created_at for a, b in zip(company_set.jobs, later.jobs, strict=True)}
    assert moved == {timedelta(days=10)}


@pytest.mark.parametrize(
    ("amounts", "sentence"),
    [
        ({"companies": -1}, "fewer than no rows"),
        ({"companies": 0}, "Offers need a company"),
        ({"candidates": 0}, "Alerts need a candidate"),
        ({"now": NOW.replace(tzinfo=None)}, "no time zone"),
    ],
)
def test_impossible_wishes_are_refused(amounts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        generate(**{"now": NOW, **amounts})
