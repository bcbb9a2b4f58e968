"""What a connection to Postgres asks for."""

from contextlib import closing

import pytest

from worker.kit.database import Database, query

ASKED = "select setting from pg_settings where name = 'synchronous_commit' and source = 'client'"


@pytest.mark.parametrize(("durable", "asked"), [(True, []), (False, [{"setting": "off"}])])
def test_only_who_says_so_does_not_wait_for_the_disk(
    database_url: str, durable: bool, asked: list[dict[str, str]]
) -> None:
    """The tests' own servers never wait, so what counts is who asked for it."""
    with closing(Database(database_url, durable=durable)) as database, database.transaction() as connection:
        assert query(connection, ASKED) == asked
