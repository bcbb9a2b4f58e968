"""One migrated database per file, emptied between tests: one for each test would cost most of the time.

Rows go by `delete`: truncating fifty empty tables costs a file each.
"""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from sandbox.postgres import EmbeddedPostgres

_numbers = count(1)

EMPTY = """
do $$
declare
    names text;
    table_name text;
    filled boolean;
begin
    select string_agg(format('%I.%I', schemaname, tablename), ', ') into names from pg_tables
     where schemaname = 'public' and tablename like 'test\\_%';
    if names is not null then
        execute 'drop table ' || names;
    end if;
    for table_name in select quote_ident(tablename) from pg_tables where schemaname = 'public'
       and tablename not in ('queues', 'kept_queues', 'platform_alembic_version', 'adoption', 'adoption_changes')
    loop
        execute 'select exists (select from ' || table_name || ')' into filled;
        if filled then
            execute 'delete from ' || table_name;
        end if;
    end loop;
    delete from queues;
    insert into queues select * from kept_queues;
end $$
"""


@pytest.fixture(scope="module")
def module_database_url(postgres_server: EmbeddedPostgres, template_database: str) -> Iterator[str]:
    name = f"ledger_{next(_numbers)}"
    url = postgres_server.create_database(name, template=template_database)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table kept_queues as select * from queues")
    yield url
    postgres_server.drop_database(name)


@pytest.fixture
def database_url(module_database_url: str) -> Iterator[str]:
    """The file's database, without rows."""
    yield module_database_url
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        connection.execute(EMPTY)
