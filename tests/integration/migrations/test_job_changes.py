"""Offers written by the main web app reach us; its transactions never fail because of us."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.integration.migrations.conftest import Site, build


@pytest.fixture
def adopted(embedded_site: Site, variant: main_web_app.Variant) -> Site:
    build(embedded_site, variant)
    embedded_site.upgrade()
    return embedded_site


def changed(site: Site) -> list[int]:
    rows = site.rows("with gone as (delete from job_changes returning *) select job_id from gone order by id")
    return [row["job_id"] for row in rows]


def test_a_new_offer_is_noted_and_nobody_is_notified(adopted: Site) -> None:
    """A transaction that notifies cannot be prepared for two phases."""
    with adopted.connect() as connection:
        connection.execute("begin")
        job = main_web_app.insert_job(connection, "Juriste")
        connection.execute("prepare transaction 'offer'")
        assert changed(adopted) == []
        connection.execute("commit prepared 'offer'")
    assert changed(adopted) == [job]


def test_many_offers_of_one_statement_are_all_noted(adopted: Site) -> None:
    adopted.run("update jobs set title = title || ' (H/F)' where id in (1, 2, 6)")
    assert sorted(changed(adopted)) == [1, 2, 6]
    adopted.run("update jobs set title = case when id = 2 then 'Autre' else title end, views_count = 7")
    assert changed(adopted) == [2]


TRANSACTIONS = "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as begun"
COPY = """
do $$ begin
    execute format('insert into jobs (%1$s) select %1$s from jobs, generate_series(1, 6000) where id = 6',
        (select string_agg(column_name, ', ') from information_schema.columns
          where table_schema = 'public' and table_name = 'jobs' and column_name <> 'id'));
end $$
"""


def test_a_statement_costs_as_much_however_many_offers_it_writes(adopted: Site) -> None:
    """A block that catches errors begins a transaction of its own: one per offer would cost more than the offer."""
    for statement in (COPY, "update jobs set title = title || '.'", "delete from jobs where id > 6"):
        before = adopted.rows(TRANSACTIONS)[0]["begun"]
        adopted.run(statement)
        assert len(changed(adopted)) >= 6000, statement
        assert adopted.rows(TRANSACTIONS)[0]["begun"] - before < 50, statement


def test_a_session_that_changed_one_offer_changes_thousands_as_quickly(adopted: Site) -> None:
    """A plan for one row, kept, compares every row with every other: 16 seconds instead of half a second."""
    adopted.run(COPY)
    with adopted.connect() as connection:
        for _ in range(2):
            connection.execute("update jobs set title = title || '.' where id = 6")
        changed(adopted)
        connection.execute("set statement_timeout = '8s'")
        connection.execute("update jobs set title = title || ' (H/F)'")
    assert len(changed(adopted)) > 6000


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("status", "closed"),
        ("title", "Autre"),
        ("expires_at", datetime.now(UTC) + timedelta(days=1)),
        ("salary_max", 900_000),
        ("profil_competences", "Excel"),
    ],
)
def test_edits_that_matter_are_noted(adopted: Site, column: str, value: Any) -> None:
    with adopted.connect() as connection:
        connection.execute(f"update jobs set {column} = %s, updated_at = now() where id = 6".encode(), [value])
    assert changed(adopted) == [6]


def test_counters_and_unchanged_values_are_not_noted(adopted: Site) -> None:
    adopted.run("update jobs set views_count = coalesce(views_count, 0) + 1, updated_at = now()")
    adopted.run("update jobs set title = title, status = status")
    assert changed(adopted) == []


def test_a_deleted_offer_is_noted_and_leaves_the_search(adopted: Site) -> None:
    with adopted.connect() as connection:
        main_web_app.delete_job(connection, 6)
    assert changed(adopted) == [6]
    assert adopted.rows("select from job_search where job_id = 6") == []


def test_a_broken_note_never_fails_the_app(adopted: Site) -> None:
    adopted.run("alter table job_changes rename to elsewhere")
    with adopted.connect() as connection:
        job = main_web_app.insert_job(connection, "Comptable")
        connection.execute("update jobs set title = 'Chef comptable' where id = %s", [job])
        main_web_app.delete_job(connection, job)
    assert adopted.rows("select id from jobs where id = %s", job) == []


def test_the_app_may_alter_and_drop_its_columns(adopted: Site) -> None:
    adopted.run("alter table jobs alter column status type varchar(40)")
    adopted.run("alter table jobs drop column benefits")
    adopted.run("update jobs set status = 'archived' where id = 6")
    assert changed(adopted) == [6]
