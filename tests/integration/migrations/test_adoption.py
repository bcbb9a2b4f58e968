"""The main web app's own database: adopted without loss, usable by the app as before, given back whole."""

from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from psycopg.errors import ForeignKeyViolation
from sqlalchemy import insert, select, update

from migrations.config import alembic_config
from models.alerts import job_alerts
from models.applications import job_applications
from models.enums import AlertFrequency, AlertOrigin, ApplicationStatus
from tests.factories import main_web_app
from tests.factories.main_web_app import Variant
from tests.integration.migrations import catalogue
from tests.integration.migrations.conftest import Site, build
from worker.kit.database import Database

Adopt = Callable[[Variant], None]


def theirs(site: Site, variant: Variant) -> dict[str, list[dict[str, Any]]]:
    """The main web app's rows, its own columns only, by table."""
    found = {}
    for table, parts in main_web_app.schema(variant).items():
        names = ", ".join(f"{name}::text" for name in parts["cols"])
        found[table] = site.rows(f"select {names} from {table} order by id")
    return found


def test_adoption_loses_nothing_and_downgrade_gives_all_back(site: Site, variant: Variant) -> None:
    build(site, variant)
    site.run("create table sessions (id serial primary key, user_id integer references users)")
    before = catalogue.snapshot(site)
    site.upgrade()
    command.check(alembic_config(site.url))
    adopted = catalogue.schema_of(site)
    for table, parts in main_web_app.schema(variant).items():
        assert adopted[table]["cols"].items() >= parts["cols"].items(), table
        assert adopted[table]["con"].keys() >= parts["con"].keys(), table
        assert adopted[table]["idx"].items() >= parts["idx"].items(), table
    made = site.rows("select kind, table_name, name from adoption where kind <> 'foreign_key'")
    assert made == []
    site.downgrade()
    assert catalogue.snapshot(site) == before


def test_values_change_in_three_places_only(site: Site, variant: Variant) -> None:
    build(site, variant)
    before = theirs(site, variant)
    site.upgrade()
    after = theirs(site, variant)
    changes = [
        (table, int(old["id"]), column, old[column], new[column])
        for table in before
        for old, new in zip(before[table], after[table], strict=True)
        for column in old
        if old[column] != new[column]
    ]
    assert sorted(changes, key=str) == sorted(
        [
            ("job_alerts", 1, "candidate_id", "2", "1"),
            ("job_alerts", 2, "candidate_id", "3", "2"),
            ("job_alerts", 3, "is_active", "true", "false"),
            ("job_alerts", 4, "candidate_id", "2", "1"),
            ("email_templates", 1, "is_default", "true", "false"),
            ("integration_credentials", 1, "is_active", None, "false"),
        ],
        key=str,
    )
    recorded = site.rows(
        "select table_name, row_id, column_name, old_value #>> '{}' as old, new_value #>> '{}' as new"
        "  from adoption_changes"
    )
    assert sorted((tuple(row.values()) for row in recorded), key=str) == sorted(changes, key=str)


def test_alerts_get_their_candidate_and_the_highest_number(site: Site, variant: Variant, adopt: Adopt) -> None:
    adopt(variant)
    alerts = site.rows("select id, candidate_id, origin, last_number from job_alerts order by id")
    assert [tuple(row.values()) for row in alerts] == [
        (1, 1, "translated", 3),
        (2, 2, "translated", 3),
        (3, 1, "orphan", 3),
        (4, 1, "translated", 3),
    ]


def test_visible_offers_are_numbered_by_their_date(site: Site, variant: Variant, adopt: Adopt) -> None:
    adopt(variant)
    numbered = site.rows("select job_id from job_search order by visible_no")
    assert [row["job_id"] for row in numbered] == [2, 1, 6]
    assert site.rows("select nextval('job_numbers') as next") == [{"next": 4}]


def test_a_database_without_visible_offers_is_adopted(site: Site, variant: Variant) -> None:
    with site.connect() as connection:
        main_web_app.build(connection, variant)
    site.upgrade()
    assert site.rows("select nextval('job_numbers') as next, highest_job_number() as highest") == [
        {"next": 1, "highest": 0}
    ]


def test_the_app_inserts_as_before(site: Site, variant: Variant, adopt: Adopt) -> None:
    adopt(variant)
    with site.connect() as connection:
        main_web_app.populate_jobs(connection)
        alert = main_web_app.insert_alert(connection, 2, "Nouvelle")
        main_web_app.insert_application(connection, 6, 3)
        main_web_app.populate_settings(connection)
    rows = site.rows("select candidate_id, origin, last_number from job_alerts where id = %s", alert)
    assert rows == [{"candidate_id": 2, "origin": "main", "last_number": 3}]
    template = site.rows("select body_format, version, locale from email_templates order by id desc limit 1")
    assert template == [{"body_format": "html", "version": 1, "locale": None}]


def test_later_alerts_are_translated_once(site: Site, variant: Variant, adopt: Adopt) -> None:
    adopt(variant)
    with site.connect() as connection:
        main_web_app.insert_alert(connection, 3, "Plus tard")
        main_web_app.insert(
            connection, "job_alerts", candidate_id=3, name="De nous", criteria={}, frequency="DAILY", origin="platform"
        )
    assert site.rows("select translate_job_alerts() as touched") == [{"touched": 1}]
    assert site.rows("select translate_job_alerts() as touched") == [{"touched": 0}]
    alerts = site.rows("select candidate_id, origin from job_alerts where id > 4 order by id")
    assert [tuple(row.values()) for row in alerts] == [(2, "translated"), (3, "platform")]


def test_before_adoption_the_app_cannot_delete(site: Site, variant: Variant) -> None:
    build(site, variant)
    deletions: list[tuple[Callable[..., None], int]] = [
        (main_web_app.withdraw_application, 2),
        (main_web_app.delete_job, 1),
        (main_web_app.delete_candidate_account, 2),
    ]
    for delete, row in deletions:
        with pytest.raises(ForeignKeyViolation), site.connect() as connection, connection.transaction():
            delete(connection, row)


def test_the_app_deletes_what_it_could_not_delete_before(site: Site, variant: Variant, adopt: Adopt) -> None:
    adopt(variant)
    site.run(
        "insert into alert_digests (alert_id, period, job_ids, total) values (1, now(), '{1}', 1);"
        "insert into recipient_preferences (user_id, locale) values (2, 'en')"
    )
    with site.connect() as connection:
        main_web_app.withdraw_application(connection, 2)
        main_web_app.delete_job(connection, 1)
        main_web_app.delete_candidate_account(connection, 2)
    assert site.rows("select related_job_id, related_application_id from notifications") == [
        {"related_job_id": None, "related_application_id": None}
    ]
    remaining = {
        table: len(site.rows(f"select from {table}"))
        for table in ("interview_schedules", "job_postings", "alert_digests", "recipient_preferences")
    }
    assert remaining == {"interview_schedules": 0, "job_postings": 0, "alert_digests": 0, "recipient_preferences": 0}
    assert site.rows("select id from job_alerts order by id") == [{"id": 2}]
    assert site.rows("select job_id from job_search order by job_id") == [{"job_id": 2}, {"job_id": 6}]


def test_downgrade_keeps_what_the_app_changed_meanwhile(site: Site, variant: Variant, adopt: Adopt) -> None:
    adopt(variant)
    site.run("update email_templates set is_default = true where id = 1")
    site.run("update job_alerts set is_active = true, name = 'Rendue' where id = 3")
    with site.connect() as connection:
        main_web_app.delete_candidate_account(connection, 3)
    site.downgrade()
    templates = site.rows("select id from email_templates where is_default order by id")
    assert [row["id"] for row in templates] == [1, 3], "the app's newer default is kept, and only one of its type"
    alerts = site.rows("select id, candidate_id, name from job_alerts order by id")
    assert [tuple(row.values()) for row in alerts] == [(1, 1, "Python"), (3, 1, "Rendue"), (4, 1, "Sans valeurs")]


def test_missing_parts_are_added_and_taken_away_again(site: Site) -> None:
    build(site, "models")
    site.run("drop table job_postings; drop type jobpostingchannel")
    site.run("alter table jobs drop column linkedin_published_at; alter table users drop column last_name")
    before = catalogue.snapshot(site)
    site.upgrade()
    added = site.rows("select kind, table_name, name from adoption where kind <> 'foreign_key' order by kind, name")
    assert [tuple(row.values()) for row in added] == [
        ("column", "users", "last_name"),
        ("column", "jobs", "linkedin_published_at"),
        ("table", "", "job_postings"),
        ("type", "", "jobpostingchannel"),
    ]
    site.downgrade()
    assert catalogue.snapshot(site) == before


def test_models_read_and_write_both_variants(site: Site, variant: Variant, adopt: Adopt) -> None:
    adopt(variant)
    database = Database(site.url)
    with database.transaction() as connection:
        applied = select(job_applications.c.id).where(job_applications.c.status == ApplicationStatus.APPLIED)
        assert connection.scalars(applied.order_by(job_applications.c.id)).all() == [1, 2]
        connection.execute(update(job_applications).values(status=ApplicationStatus.VIEWED))
        alert = {"candidate_id": 1, "name": "Mensuelle", "criteria": {}, "origin": AlertOrigin.PLATFORM}
        monthly = AlertFrequency.MONTHLY
        connection.execute(insert(job_alerts).values(**alert, frequency=monthly.label, own_frequency=monthly.own))
        stored = connection.execute(
            select(job_alerts.c.frequency, job_alerts.c.own_frequency).where(job_alerts.c.name == "Mensuelle")
        ).one()
        assert AlertFrequency.stored(*stored) is monthly
    database.close()
    assert site.rows("select distinct status::text from job_applications") == [{"status": "viewed"}]
