"""Who may do what: the main web app's own role writes as before; strangers may call nothing of ours."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.factories import main_web_app
from tests.factories.main_web_app import Variant
from tests.integration.migrations.conftest import Site, build
from worker.ledger.synchronise import ENQUEUE_TASK

ROLE = "main_web_app_role"

# Open to everybody: no list of rights at all, or one with an entry for the role 0.
OPEN_FUNCTIONS = """
select p.proname from pg_proc p
 where p.pronamespace = 'public'::regnamespace
   and (p.proacl is null or exists (select from aclexplode(p.proacl) a where a.grantee = 0))
"""
TRIGGERS = """
select t.tgname, p.prosecdef as with_our_rights,
       exists (select from unnest(p.proconfig) c where starts_with(c, 'search_path=')) as path_is_fixed
  from pg_trigger t join pg_proc p on p.oid = t.tgfoid join pg_class c on c.oid = t.tgrelid
 where not t.tgisinternal and c.relname = any(%s)
"""


@pytest.fixture
def role(site: Site, variant: Variant) -> Iterator[str]:
    """A role with rights on the main web app's own tables and on nothing else, in its adopted database."""
    build(site, variant)
    tables = ", ".join(main_web_app.schema(variant))
    sequences = ", ".join(f"{table}_id_seq" for table in main_web_app.schema(variant))
    site.run(f"create role {ROLE}")
    try:
        site.run(f"grant select, insert, update, delete on {tables} to {ROLE}")
        site.run(f"grant usage, select on {sequences} to {ROLE}")
        site.upgrade()
        yield ROLE
    finally:
        site.run(f"drop owned by {ROLE}; drop role {ROLE}")


def test_the_main_web_apps_role_needs_no_right_on_our_tables(site: Site, variant: Variant, role: str) -> None:
    with site.connect() as connection:
        connection.execute(f"set role {role}".encode())
        job = main_web_app.insert_job(connection, "Juriste")
        connection.execute("update jobs set title = 'Notaire' where id = %s", [job])
        alert = main_web_app.insert_alert(connection, 2, "Nouvelle")
        connection.execute("""update job_alerts set criteria = '{"keywords": ["droit"]}' where id = %s""", [alert])
        for name in ("Une", "Deux"):
            main_web_app.insert_template(connection, name, is_default=True)
        connection.execute("update email_templates set subject = 'Autre', is_default = true where id = 1")
        connection.execute("delete from email_templates where id = 2")
        told = {"type": "NEW_APPLICATION", "related_job_id": job, "is_read": False}
        first, second = (main_web_app.insert_notification(connection, 1, **told) for _ in range(2))
        main_web_app.delete_job(connection, job)
        main_web_app.delete_job(connection, 1)
        main_web_app.delete_candidate_account(connection, 2)
        made = connection.execute("select enqueue_task('upkeep.prune')") if _catalogue(site) else None
        assert made is not None
        refused(connection, "select 1 from job_changes")
        refused(connection, "select * from enqueue_tasks('[]', 'key:1')")
    noted = [row["job_id"] for row in site.rows("select job_id from job_changes order by id")]
    assert noted[:3] == [job, job, job]
    placed = site.rows("select id, group_id, group_size from notifications where id = any(%s)", [first, second])
    assert [tuple(row.values()) for row in placed] == [(first, None, 2), (second, first, 1)]
    assert site.rows("select last_number from job_alerts where id = %s", alert) == [{"last_number": 3}]
    assert len(site.rows("select from email_template_versions where template_id = 1")) == 2


def _catalogue(site: Site) -> bool:
    site.run("insert into task_catalogue values ('upkeep.prune', 'upkeep', 5, 5, 60, 60, 1, true, '', '{}')")
    return True


def refused(connection: "psycopg.Connection[Any]", sql: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(sql.encode())


def test_nothing_of_ours_is_open_to_everybody(embedded_site: Site) -> None:
    embedded_site.upgrade()
    assert embedded_site.rows(OPEN_FUNCTIONS) == []


def test_triggers_on_shared_tables_run_with_our_rights(embedded_site: Site) -> None:
    embedded_site.upgrade()
    found = embedded_site.rows(TRIGGERS, list(main_web_app.schema("production")))
    assert len(found) > 6
    assert [row for row in found if not (row["with_our_rights"] and row["path_is_fixed"])] == []


def test_the_named_role_alone_may_enqueue(embedded_site: Site) -> None:
    embedded_site.run(f"create role {ROLE}")
    try:
        embedded_site.upgrade(main_app_role=ROLE)
        held = f"select has_function_privilege(%s, '{ENQUEUE_TASK}', 'execute') as ok"
        assert embedded_site.rows(held, ROLE) == [{"ok": True}]
        other = "select has_function_privilege(%s, 'enqueue_tasks(jsonb, text, boolean)', 'execute') as ok"
        assert embedded_site.rows(other, ROLE) == [{"ok": False}]
    finally:
        embedded_site.run(f"drop owned by {ROLE}; drop role {ROLE}")
