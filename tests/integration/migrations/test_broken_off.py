"""A migration that was killed, wherever it stood, goes on and ends as if nothing had happened."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.factories.main_web_app import Variant
from tests.integration.migrations import catalogue
from tests.integration.migrations.conftest import Site, build, new_site

HELD = ("email_templates", "users", "jobs", "job_alerts", "notifications", "email_templates", "companies")
"""Tables in the order in which the adoption meets them: held by somebody, they stop it half-way."""
STUCK = "select from pg_locks where not granted and relation = to_regclass(%s)"
BUILDING = "select pid from pg_stat_progress_create_index where phase like 'waiting%%'"


@pytest.fixture
def other_site(embedded_server: str) -> Iterator[Site]:
    yield from new_site(embedded_server, "other_site")


def state(site: Site) -> dict[str, Any]:
    """All but times and the positions of sequences."""
    changes = "select table_name, row_id, column_name, old_value, new_value, reason from adoption_changes"
    return {
        "schema": catalogue.schema_of(site),
        "others": [other for other in catalogue.everything_else(site) if other[0] != "sequence"],
        "adopted": site.rows("select kind, table_name, name, definition from adoption order by 1, 2, 3"),
        "changes": site.rows(f"{changes} order by 1, 2, 3"),
        "versions": site.rows("select template_id, version, subject from email_template_versions order by 1, 2"),
        "invalid": site.rows("select indexrelid::regclass::text from pg_index where not indisvalid"),
    }


@contextmanager
def held(site: Site, table: str) -> Iterator[None]:
    with site.connect() as holder, holder.transaction():
        holder.execute(f"lock table {table} in share row exclusive mode".encode())
        yield


def start(site: Site) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "alembic", "-x", f"url={site.url}", "upgrade", "head"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def wait_for(site: Site, statement: str, *parameters: Any) -> list[dict[str, Any]]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = site.rows(statement, *parameters)
        if found:
            return found
        time.sleep(0.01)
    pytest.fail(f"The migration never came to: {statement} {parameters}")


def kill_where_it_waits_for(site: Site, table: str) -> None:
    with held(site, table):
        migration = start(site)
        try:
            wait_for(site, STUCK, f"public.{table}")
        finally:
            migration.kill()
            migration.communicate()


def test_an_adoption_killed_at_many_points_ends_as_an_undisturbed_one(embedded_site: Site, other_site: Site) -> None:
    for each in (embedded_site, other_site):
        build(each, "production")
    for table in HELD:
        kill_where_it_waits_for(embedded_site, table)
    embedded_site.upgrade()
    other_site.upgrade()
    assert state(embedded_site) == state(other_site)
    embedded_site.downgrade()
    other_site.downgrade()
    assert catalogue.schema_of(embedded_site) == catalogue.schema_of(other_site)


def test_a_half_made_index_is_made_anew(embedded_site: Site) -> None:
    build(embedded_site, "production")
    with embedded_site.connect() as reader, reader.transaction():
        reader.execute("set transaction isolation level repeatable read")
        reader.execute("select count(*) from skills")
        migration = start(embedded_site)
        [builder] = wait_for(embedded_site, BUILDING)
        embedded_site.rows("select pg_terminate_backend(%s)", builder["pid"])
        migration.communicate()
    assert state_of_indexes(embedded_site) == [False]
    embedded_site.upgrade()
    assert state_of_indexes(embedded_site) == [True]


def state_of_indexes(site: Site) -> list[bool]:
    valid = "select indisvalid from pg_index where indexrelid = to_regclass('public.ix_job_alerts_untranslated')"
    return [row["indisvalid"] for row in site.rows(valid)]


def test_the_other_direction_is_refused_until_a_migration_is_finished(embedded_site: Site) -> None:
    build(embedded_site, "production")
    with held(embedded_site, "job_alerts"), pytest.raises(RuntimeError, match=r"step 'columns of alerts', tried for"):
        embedded_site.upgrade(patience=0.3)
    with pytest.raises(RuntimeError, match="Migration 0004 upgrade was broken off half-way and 0003 downgrade would"):
        embedded_site.downgrade()
    embedded_site.upgrade()
    embedded_site.downgrade()


OBSERVER = """
create schema observer;
create table observer.shared as select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r';
create table observer.seen (command text, tables text[], lock_timeout text);
create function observer.look() returns event_trigger language plpgsql as $$
begin
    insert into observer.seen
    select tg_tag, array_agg(distinct relation::regclass::text), current_setting('lock_timeout')
      from pg_locks join observer.shared on oid = relation
     where pid = pg_backend_pid() and granted
       and mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    having count(*) > 0;
end $$;
create event trigger look on ddl_command_end execute function observer.look();
"""


def test_no_migration_holds_a_shared_table_for_long(embedded_site: Site, variant: Variant) -> None:
    """Whatever it does: locks that hinder the main web app are waited for 200 ms, on a table and what it refers to."""
    build(embedded_site, variant)
    embedded_site.run(OBSERVER)
    embedded_site.upgrade()
    embedded_site.downgrade()
    seen = embedded_site.rows("select distinct command, tables, lock_timeout from observer.seen")
    assert {table for row in seen for table in row["tables"]} >= set(HELD)
    patient = [row for row in seen if row["lock_timeout"] != "200ms"]
    assert patient == [], "use migrations/steps.py"
    assert [row for row in seen if len(row["tables"]) > 2 or row["command"] == "CREATE INDEX"] == []
