"""Timestamps beyond Python's range, as other programs write them, are read as the nearest moment."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from worker.kit.database import Database, query
from worker.kit.timestamps import EARLIEST, LATEST
from worker.ledger.prepared import PreparedDatabase

HISTORY = datetime(1, 1, 2, 3, 4, 5, 678, tzinfo=UTC)

READ = [
    ("infinity", LATEST),
    ("-infinity", EARLIEST),
    ("12026-01-01 00:00:00+00", LATEST),
    ("9999-12-31 23:30:00+00", LATEST),
    ("10000-01-01", LATEST),
    ("294276-12-31", LATEST),
    ("0044-03-15 BC", EARLIEST),
    ("4713-01-01 12:30 BC", EARLIEST),
    ("0001-01-01", EARLIEST),
    ("2026-11-27 13:00:00.5+01", datetime(2026, 11, 27, 12, 0, 0, 500_000, tzinfo=UTC)),
    ("0001-01-02 03:04:05.000678+00", HISTORY),
    (None, None),
]


@pytest.mark.parametrize(("written", "expected"), READ)
def test_a_timestamp_is_read_as_the_nearest(database: Database, written: str | None, expected: datetime | None) -> None:
    naive = expected and expected.replace(tzinfo=None)
    sql = "select at as zoned, at::timestamp as naive, array[at] as many from (select %(at)s::timestamptz as at) given"
    with database.transaction() as connection:
        [row] = query(connection, sql, {"at": written})
    assert (row["zoned"], row["naive"], row["many"]) == (expected, naive, [expected])
    with database.direct() as direct:
        [row] = direct.execute(sql.encode(), {"at": written}).fetchall()
    assert (row["zoned"], row["naive"]) == (expected, naive)


@pytest.mark.parametrize(("written", "expected"), READ)
def test_the_kept_connection_of_a_child_reads_the_same(
    database_url: str, written: str | None, expected: datetime | None
) -> None:
    database = PreparedDatabase(database_url, name="test")
    try:
        assert database.autocommit("select %(at)s::timestamptz as at", {"at": written}) == [{"at": expected}]
    finally:
        database.close()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("infinity", LATEST.date()),
        ("-infinity", EARLIEST.date()),
        ("12026-01-01", LATEST.date()),
        ("0044-03-15 BC", EARLIEST.date()),
        ("2026-11-27", date(2026, 11, 27)),
    ],
)
def test_a_date_is_read_as_the_nearest(database: Database, written: str, expected: date) -> None:
    with database.transaction() as connection:
        assert query(connection, "select %s::date as day", (written,)) == [{"day": expected}]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("moment", [EARLIEST, LATEST])
def test_every_clock_can_tell_the_bounds(moment: datetime, zone: str) -> None:
    assert moment.astimezone(ZoneInfo(zone)) == moment
