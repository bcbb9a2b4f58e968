"""A company set in the real tables."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import get_args

import psycopg
import pytest
from alembic import command

from migrations.config import alembic_config
from sandbox.seed.generate import generate
from sandbox.seed.load import load
from sandbox.seed.rows import SeedData
from tests.factories import main_web_app
from worker.kit.database import Database, execute, libpq_url, query

NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
MOST_SECONDS = 5


@pytest.fixture(scope="module")
def whole() -> SeedData:
    return generate(now=NOW)


@pytest.fixture(scope="module")
def small() -> SeedData:
    return generate(companies=5, offers=30, candidates=12, alerts=20, now=NOW)


@pytest.fixture(params=get_args(main_web_app.Variant))
def adopted(request: pytest.FixtureRequest, empty_database_url: str) -> Iterator[Database]:
    """The main web app's own database with a few rows, adopted."""
    with psycopg.connect(libpq_url(empty_database_url), autocommit=True) as connection:
        main_web_app.build(connection, request.param)
        main_web_app.populate(connection)
    command.upgrade(alembic_config(empty_database_url), "head")
    database = Database(empty_database_url)
    yield database
    database.close()


def count(database: Database, table: str) -> int:
    return int(value(database, f"select count(*) from {table}"))


def value(database: Database, statement: str) -> int:
    with database.transaction() as connection:
        (row,) = query(connection, statement)
    return int(next(iter(row.values())))


def test_everything_is_written_quickly(database: Database, whole: SeedData) -> None:
    before = time.monotonic()
    counts = load(database, whole)
    assert time.monotonic() - before < MOST_SECONDS
    assert counts.rows == {table: len(rows) for table, rows in whole.tables()}
    assert counts.rows == {table: count(database, table) for table, _ in whole.tables()}


def test_a_second_load_does_nothing(database: Database, small: SeedData) -> None:
    first = load(database, small)
    second = load(database, small)
    assert not first.seeded_before
    assert second.seeded_before
    assert second.rows == {}
    assert count(database, "jobs") == 30


def test_every_offer_is_noted_as_a_change_and_new_to_every_alert(database: Database, small: SeedData) -> None:
    load(database, small)
    assert value(database, "select count(distinct job_id) from job_changes") == 30
    assert value(database, "select max(last_number) from job_alerts") == 0
    assert count(database, "job_search") == 0


def test_rows_read_back_as_they_were_made(database: Database, small: SeedData) -> None:
    load(database, small)
    with database.transaction() as connection:
        alerts = query(connection, "select * from job_alerts order by id")
        jobs = query(connection, "select * from jobs order by id")
    assert [alert["criteria"] for alert in alerts] == [alert.criteria for alert in small.alerts]
    assert {alert["origin"] for alert in alerts} == {"platform"}
    assert [job["description"] for job in jobs] == [job.description for job in small.jobs]
    assert [job["posted_at"] for job in jobs] == [job.posted_at for job in small.jobs]


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("users", "is_active"),
        ("jobs", "is_featured, views_count, applications_count"),
        ("job_alerts", "is_active, jobs_sent_count"),
        ("employers", "can_create_jobs, can_manage_candidates, is_admin"),
        ("experiences", "is_current"),
        ("email_templates", "is_active, is_default, usage_count"),
        ("interview_schedules", "duration_minutes, timezone, reminder_sent, confirmation_received"),
    ],
)
def test_what_only_the_main_apps_code_defaults_is_written(
    database: Database, small: SeedData, table: str, columns: str
) -> None:
    load(database, small)
    assert value(database, f"select count(*) from {table} where num_nulls({columns}) > 0") == 0


def test_the_next_row_of_the_main_app_gets_the_next_id(database: Database, small: SeedData) -> None:
    load(database, small)
    with psycopg.connect(libpq_url(database.engine.url.render_as_string(hide_password=False))) as connection:
        user_id = main_web_app.insert_user(connection, "awa.mba@example.org", "CANDIDATE")
        assert user_id == len(small.users) + 1
        assert main_web_app.insert_job(connection, "Comptable") == 31
        assert main_web_app.insert_alert(connection, 1, "Comptable") == 21


def test_rows_that_exist_stay_and_ids_count_on(adopted: Database, small: SeedData) -> None:
    jobs, users = count(adopted, "jobs"), count(adopted, "users")
    load(adopted, small)
    assert count(adopted, "jobs") == jobs + 30
    assert count(adopted, "users") == users + len(small.users)
    owner = f"""
        select count(*) from job_alerts a join candidates c on c.id = a.candidate_id join users u on u.id = c.user_id
         where a.origin = 'platform' and u.id > {users} and u.role = 'CANDIDATE'
    """
    assert value(adopted, owner) == 20


def test_applications_belong_to_the_rows_of_the_set(adopted: Database, small: SeedData) -> None:
    before = count(adopted, "job_applications")
    load(adopted, small)
    fitting = f"""
        select count(*) from job_applications a join jobs j on j.id = a.job_id
          join candidates k on k.id = a.candidate_id join users u on u.id = k.user_id
         where a.id > {before} and u.email like '%@example.%'
    """
    assert value(adopted, fitting) == len(small.applications) > 0
    interviews = """
        select count(*) from interview_schedules i join job_applications a on a.id = i.application_id
          join candidates k on k.id = a.candidate_id join users u on u.id = k.user_id and u.email = i.candidate_email
          join employers e on e.user_id = i.created_by_user_id where i.meeting_link like 'https://meet.example.com/%'
    """
    assert value(adopted, interviews) == 1


def test_an_id_that_was_given_and_deleted_is_not_given_again(database: Database, small: SeedData) -> None:
    with database.transaction() as connection:
        execute(connection, "insert into companies (name) select 'Société' from generate_series(1, 7)")
        execute(connection, "delete from companies")
    load(database, small)
    assert value(database, "select min(id) from companies") == 8


def test_a_failure_leaves_nothing_behind(database: Database, small: SeedData) -> None:
    with database.transaction() as connection:
        execute(connection, "alter table jobs add constraint none check (title = '')")
    with pytest.raises(psycopg.errors.CheckViolation):
        load(database, small)
    assert count(database, "users") == 0
    assert count(database, "job_alerts") == 0
