"""One alert's criteria against all open offers, asked of the database: for previews, statistics and estimates."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from worker.kit.database import query
from worker.services.alerts.conditions import Selection, selection
from worker.services.alerts.search import offers_by_id
from worker.services.matching.criteria import Criteria
from worker.services.matching.definition import MOST_SHOWN, Found, matches

OPEN = "s.published and (s.expires_at is null or s.expires_at > now())"
RECENT = "s.visible_no is not null and s.posted_at > now() - interval '30 days'"
COLUMNS = "s.job_id, s.visible_no, s.posted_at"
RECENT_DAYS = 30
DAYS_PER_WEEK = 7

NEWEST_FIRST = "order by visible_no desc nulls last, posted_at desc nulls last, job_id desc limit %(limit)s"
COUNT = "select count(*) as total, highest_job_number() as highest from ({found}) found"
TOP = f"select job_id from ({{found}}) found {NEWEST_FIRST}"

# What the index finds is counted and sorted in one go.
COUNT_AND_TOP = f"""
with found as materialized ({{found}})
select (select count(*) from found) as total, array(select job_id from found {NEWEST_FIRST}) as newest
"""

# Without tokens every document is looked at, and many match: the newest are found among the newest of all. Among as
# many as hold `limit` matches on average, times this.
SPARE = 8
NEWEST = "s.visible_no between %(highest)s::bigint - %(span)s::bigint and %(highest)s::bigint"

PERIODS = """
select count(distinct floor(extract(epoch from now() - posted_at) / %(seconds)s)) as periods from ({found}) found
"""

SHORTEST_SECONDS = {"instant": 15 * 60, "daily": 24 * 3600, "weekly": 7 * 24 * 3600, "monthly": 30 * 24 * 3600}


@dataclass(frozen=True, slots=True)
class Preview:
    """All matches counted, the newest shown with the reasons why they match."""

    total: int
    found: tuple[Found, ...]


def preview(connection: Connection, criteria: Criteria, *, limit: int = MOST_SHOWN) -> Preview:
    """All matches, counted, among the open offers, as they were when last prepared."""
    selected = selection(criteria)
    if selected is None:
        return Preview(0, ())
    count, newest = (_by_tokens if selected.has_tokens else _by_number)(connection, selected, limit)
    prepared = offers_by_id(connection, newest)
    found = tuple(Found(one.offer, match) for one in prepared if (match := matches(criteria, one)))
    # Offers that were closed since they were prepared are neither shown nor counted.
    return Preview(count - len(newest) + len(found), found)


def total(connection: Connection, criteria: Criteria) -> int:
    """How many open offers match."""
    selected = selection(criteria)
    return 0 if selected is None else _count(connection, selected)[0]


def mails_per_week(connection: Connection, criteria: Criteria, frequency: str) -> float:
    """How many mails a week an alert would have sent over the last 30 days: one per period with a new match."""
    selected = selection(criteria)
    if selected is None:
        return 0.0
    seconds = SHORTEST_SECONDS[frequency]
    found = selected.select("s.job_id, s.posted_at", RECENT)
    periods = query(connection, PERIODS.format(found=found), {**selected.parameters, "seconds": seconds})[0]["periods"]
    most = DAYS_PER_WEEK * 24 * 3600 / seconds
    return float(min(periods * DAYS_PER_WEEK / RECENT_DAYS, most))


def _count(connection: Connection, selected: Selection) -> tuple[int, int]:
    """The number of open offers that match, and the highest number of all offers."""
    found = selected.select("s.job_id", OPEN)
    row = query(connection, COUNT.format(found=found), selected.parameters)[0]
    return row["total"], row["highest"]


def _by_tokens(connection: Connection, selected: Selection, limit: int) -> tuple[int, Sequence[int]]:
    """The number of matches, and the ids of the newest, as `matching.offers.newest_first` has it."""
    statement = COUNT_AND_TOP.format(found=selected.select(COLUMNS, OPEN))
    row = query(connection, statement, {**selected.parameters, "limit": limit})[0]
    return row["total"], row["newest"]


def _by_number(connection: Connection, selected: Selection, limit: int) -> tuple[int, Sequence[int]]:
    """The same for criteria without tokens."""
    count, highest = _count(connection, selected)
    span = SPARE * limit * highest // max(count, 1)
    parameters = {**selected.parameters, "limit": limit, "highest": highest, "span": span}
    rows = query(connection, TOP.format(found=selected.select(COLUMNS, OPEN, NEWEST)), parameters)
    if len(rows) < min(limit, count):
        rows = query(connection, TOP.format(found=selected.select(COLUMNS, OPEN)), parameters)
    return count, [row["job_id"] for row in rows]
