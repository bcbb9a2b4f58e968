"""What nobody finished, what a deleted note said, and the history of applications."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection

from worker.kit.database import execute
from worker.kit.retention import Forgotten, Retention, interval, statement

OLD = """
delete from application_changes where id in (
    select id from application_changes where created_at < now() - {created_at} order by created_at limit %(limit)s)
"""
DELETED_NOTES = """
update application_changes set before = before - 'note' where id in (
    select id from application_changes
     where kind = 'note_deleted' and before ? 'note' and created_at < now() - {note_deleted}
     order by created_at limit %(limit)s)
"""


def _forget_changes(connection: Connection, periods: Mapping[str, timedelta], limit: int) -> Forgotten:
    """Old changes go; of a note that was deleted longer ago it stays only that there was one."""
    named = {name: interval(period) for name, period in periods.items()}
    counts = [execute(connection, sql.format(**named), {"limit": limit}) for sql in (OLD, DELETED_NOTES)]
    return Forgotten(sum(counts), limit in counts)


RETENTION = (
    # Drafts of scorecards, which their authors alone could see.
    Retention(
        "own_scorecards",
        {"updated_at": timedelta(days=180)},
        statement(
            """
            delete from own_scorecards where id in (
                select id from own_scorecards
                 where submitted_at is null and updated_at < now() - %(updated_at)s order by updated_at limit %(limit)s)
            """
        ),
    ),
    Retention(
        "application_changes",
        {"created_at": timedelta(days=730), "note_deleted": timedelta(days=30)},
        _forget_changes,
    ),
)
