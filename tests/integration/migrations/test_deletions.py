"""Rows that we write never stop the main web app from deleting, whichever key they use."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from psycopg.errors import ForeignKeyViolation
from sqlalchemy import Connection, MetaData, select
from sqlalchemy.orm import Session, registry

from migrations import foreign_keys
from migrations.shared_tables import TABLES
from models.base import metadata
from tests.factories import main_web_app
from tests.factories.main_web_app import Variant
from tests.factories.source import sources
from tests.integration.migrations.conftest import Site, build
from worker.kit.database import Database

WRITTEN_BY_US = {
    "notifications",
    "job_postings",
    "interview_schedules",
    "job_alerts",
    "email_templates",
    "integration_credentials",
}
KEYS = """
select c.conrelid::regclass::text as table_name, a.attname as column_name, c.conname as name,
       c.confdeltype::text as action, a.attnotnull as required, c.convalidated as validated
  from pg_constraint c
  join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
 where c.contype = 'f' and c.confrelid::regclass::text = any(%s)
"""
INSERT = re.compile(r"\binsert into\s+(?:public\.)?(\w+)", re.IGNORECASE)


def shared_tables_in_our_statements() -> set[str]:
    texts = [source.text for source in sources("api_min", "tasks", "worker")]
    return {name.lower() for text in texts for name in INSERT.findall(text)} & set(TABLES)


def test_every_shared_table_that_we_insert_into_is_known() -> None:
    assert shared_tables_in_our_statements() <= WRITTEN_BY_US


def test_no_key_of_a_row_of_ours_blocks(site: Site, variant: Variant) -> None:
    build(site, variant)
    site.upgrade()
    ours = WRITTEN_BY_US | shared_tables_in_our_statements() | (set(metadata.tables) - set(TABLES))
    keys = [key for key in site.rows(KEYS, list(TABLES)) if key["table_name"] in ours]
    assert len(keys) >= len(WRITTEN_BY_US)
    for key in keys:
        allowed = {"c"} if key["required"] else {"n", "c"}
        assert key["action"] in allowed, f"{key['table_name']}.{key['column_name']} blocks deletions"
        assert key["validated"], key["name"]


Delete = Callable[[Any, int], None]


def plainly(table: str) -> Delete:
    return lambda connection, row: connection.execute(f"delete from {table} where id = %s".encode(), [row])


DELETIONS: list[tuple[str, Delete, int]] = [
    ("a candidate's account", main_web_app.delete_candidate_account, 2),
    ("a recruiter's account", main_web_app.delete_recruiter_account, 1),
    ("a recruiter without company", main_web_app.delete_recruiter_account, 6),
    ("a company", main_web_app.delete_company, 1),
    ("an offer", main_web_app.delete_job, 1),
    ("an application", main_web_app.withdraw_application, 2),
    ("a template", plainly("email_templates"), 2),
    ("a credential", plainly("integration_credentials"), 2),
    ("an alert", plainly("job_alerts"), 1),
    ("an interview", plainly("interview_schedules"), 1),
    ("a posting", plainly("job_postings"), 1),
    ("a notification", plainly("notifications"), 1),
]
OUR_ROWS = """
insert into alert_digests (alert_id, period, job_ids, total) values (1, now(), '{1}', 1);
insert into recipient_preferences (user_id, locale) select id, 'en' from users;
insert into email_messages (template, template_id, template_version, user_id) values ('employer', 2, 1, 2);
update email_templates set locale = 'en', subject = 'Ours' where id = 2;
update interview_schedules set credential_id = 1, calendar = 'google';
insert into interview_feedback (interview_id, notes, written_by)
    select id, 'Bien', created_by_user_id from interview_schedules;
insert into own_scorecards (application_id, user_id, overall) select id, 1, 4 from job_applications;
insert into application_events (application_id, kind, event) select id, 'decision', 'status' from job_applications;
insert into scorecard_reminders (interview_id, start, user_ids)
    select id, scheduled_at, array[created_by_user_id] from interview_schedules;
insert into application_changes (application_id, user_id, kind, after)
    select a.id, u.id, 'rating', '5' from job_applications a, users u;
insert into interview_settings (company_id, days, opens_at, closes_at, pause_minutes, notice_hours, skip_holidays,
                                hide_guests, cancel_when_rejected)
values (1, '{1,2,3,4,5}', '08:00', '18:00', 10, 1, true, false, false);
"""


def test_the_app_deletes_each_kind_of_row(embedded_site: Site, variant: Variant) -> None:
    build(embedded_site, variant)
    embedded_site.upgrade()
    embedded_site.run(OUR_ROWS)
    with embedded_site.connect() as connection:
        for what, delete, row in DELETIONS:
            try:
                with connection.transaction(force_rollback=True):
                    delete(connection, row)
            except ForeignKeyViolation as error:
                pytest.fail(f"Deleting {what}: {error}")


def test_a_company_keeps_the_templates_of_a_recruiter_who_goes(embedded_site: Site, variant: Variant) -> None:
    build(embedded_site, variant)
    embedded_site.upgrade()
    embedded_site.run("update employers set company_id = 1 where user_id = 6")
    owners = "select created_by_user_id as owner, created_by_user_id = 1 as first from email_templates"
    before = embedded_site.rows(owners)
    assert before
    assert all(row["first"] for row in before)
    with embedded_site.connect() as connection:
        main_web_app.delete_recruiter_account(connection, 1)
    assert [row["owner"] for row in embedded_site.rows(owners)] == [6] * len(before)
    with embedded_site.connect() as connection:
        main_web_app.delete_recruiter_account(connection, 6)
    assert embedded_site.rows(owners) == []


def test_templates_do_not_wait_for_a_recruiter_who_is_being_deleted(embedded_site: Site, variant: Variant) -> None:
    build(embedded_site, variant)
    embedded_site.upgrade()
    embedded_site.run("update employers set company_id = 1 where user_id = 6")
    with embedded_site.connect() as first, embedded_site.connect() as second, first.transaction():
        main_web_app.delete_recruiter_account(first, 6)
        # A lock's timeout would be swallowed with all that may go wrong; a statement's is not.
        second.execute("set statement_timeout = '15s'")
        main_web_app.delete_recruiter_account(second, 1)
    assert embedded_site.rows("select id from users where id in (1, 6)") == []


def test_a_fault_in_handing_over_never_fails_the_app(embedded_site: Site, variant: Variant) -> None:
    build(embedded_site, variant)
    embedded_site.upgrade()
    embedded_site.run("alter table employers rename column is_admin to is_chief")
    with embedded_site.connect() as connection:
        main_web_app.delete_recruiter_account(connection, 1)
    assert embedded_site.rows("select id from users where id = 1") == []


def test_before_adoption_a_recruiter_with_a_template_cannot_be_deleted(embedded_site: Site, variant: Variant) -> None:
    build(embedded_site, variant)
    embedded_site.upgrade("0011")
    with pytest.raises(ForeignKeyViolation), embedded_site.connect() as connection, connection.transaction():
        main_web_app.delete_recruiter_account(connection, 1)


def mapped(connection: Connection) -> dict[str, Any]:
    """Classes as the app's models have them: their own columns, no word about ours."""
    known, classes = MetaData(), registry()
    known.reflect(connection, only=list(TABLES))
    found: dict[str, Any] = {}
    for name, parts in main_web_app.schema("models").items():
        found[name] = type(name.title(), (), {})
        classes.map_imperatively(found[name], known.tables[name], include_properties=list(parts["cols"]))
    return found


def test_an_orm_deletes_row_after_row(embedded_site: Site, variant: Variant) -> None:
    """It counts the rows that each of its statements deletes: none may be gone before its turn."""
    build(embedded_site, variant)
    embedded_site.upgrade()
    embedded_site.run(OUR_ROWS)
    database = Database(embedded_site.url)
    with database.transaction() as connection, Session(bind=connection) as session:
        classes = mapped(connection)
        for name, owner in (("job_applications", ""), ("jobs", ""), ("employers", "user_id"), ("users", "id")):
            for row in session.scalars(select(classes[name])).all():
                if not owner or getattr(row, owner) == 1:
                    session.delete(row)
            session.flush()
    database.close()
    tables = ("email_templates", "integration_credentials", "interview_schedules", "job_postings")
    remaining = {name: len(embedded_site.rows(f"select from {name}")) for name in tables}
    assert remaining == {
        "email_templates": 0,
        "integration_credentials": 1,
        "interview_schedules": 0,
        "job_postings": 0,
    }


def test_a_key_keeps_its_name_and_the_rest_of_its_definition() -> None:
    before = "FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE RESTRICT DEFERRABLE NOT VALID"
    after = "FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE {} DEFERRABLE"
    assert foreign_keys.yielding(before, required=True) == after.format("CASCADE")
    assert foreign_keys.yielding(before, required=False) == after.format("SET NULL")
