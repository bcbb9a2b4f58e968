"""Forgetting people: what names somebody goes once its time is over, or once the account is gone."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.kit.retention import Forgotten, Retention, statement
from worker.ledger.audit import forget_subjects
from worker.ledger.platform_state import recall, remember

WATERMARK = "email.retention"

BLANK = """
update email_messages m set recipient = null, context = null, subject = null, user_id = {user}
 where {condition} and (recipient is not null or context is not null or subject is not null{or_user})
"""
# A batch that is open still has to be sent, or asked about, as it was fixed.
OF_THE_GONE = BLANK.format(
    user="null",
    condition="""m.user_id = any(%(gone)s)
       and not exists (select from email_batches b where b.id = m.batch_id and b.finished_at is null)""",
    or_user=" or user_id is not null",
)
OF_OLD = BLANK.format(user="m.user_id", condition="m.id > %(after)s and m.id <= %(last)s", or_user="")

# Message numbers follow time, so that one watermark tells how far they were looked through.
NEXT = """
select id, created_at < now() - %(created_at)s as old from email_messages
 where id > %(after)s order by id limit %(limit)s
"""

# From one reader to the next through the index: as many steps as readers, not as mails.
READERS = """
with recursive readers as (
    select %(after)s::integer as id, 0 as number
    union all
    select (select m.user_id from email_messages m where m.user_id > r.id order by m.user_id limit 1), r.number + 1
      from readers r where r.id is not null and r.number < %(limit)s)
select r.id, u.id is null as gone from readers r left join users u on u.id = r.id
 where r.id is not null and r.number > 0 order by r.id
"""


def forget_readers(connection: Connection, limit: int, after_user: int) -> tuple[int, int | None]:
    """Mails lose address, context and subject with their reader's account: one step over `limit` readers.

    Answers how many mails were blanked and the reader to go on behind; None when all were looked at.
    """
    readers = query(connection, READERS, {"after": after_user, "limit": limit})
    gone = [row["id"] for row in readers if row["gone"]]
    blanked = execute(connection, OF_THE_GONE, {"gone": gone}) if gone else 0
    return blanked, readers[-1]["id"] if len(readers) == limit else None


def _forget_mails(connection: Connection, periods: Mapping[str, timedelta], limit: int) -> Forgotten:
    """Mails lose address, context and subject; more are due unless the step ended where the young ones begin."""
    after = (recall(connection, WATERMARK) or {"message": 0})["message"]
    old = _leading(query(connection, NEXT, {**periods, "after": after, "limit": limit}))
    if not old:
        return Forgotten(0, more=False)
    last = old[-1]["id"]
    blanked = execute(connection, OF_OLD, {"after": after, "last": last})
    remember(connection, WATERMARK, {"message": last})
    return Forgotten(blanked, len(old) == limit)


def _leading(rows: list[Row]) -> list[Row]:
    first_young = next((number for number, row in enumerate(rows) if not row["old"]), len(rows))
    return rows[:first_young]


def _forget_addresses(connection: Connection, periods: Mapping[str, timedelta], limit: int) -> Forgotten:
    """Who did what, and when, stays in the audit log."""
    rows = forget_subjects(connection, "address:", older_than=periods["created_at"], limit=limit)
    return Forgotten(rows, rows == limit)


RETENTION = (
    Retention("email_messages", {"created_at": timedelta(days=180)}, _forget_mails),
    Retention(
        "soft_bounces",
        {"last_at": timedelta(days=180)},
        statement("""
        delete from soft_bounces where address in (
            select address from soft_bounces where last_at < now() - %(last_at)s limit %(limit)s)
        """),
    ),
    Retention(
        "suppressions",
        {"lifted_at": timedelta(days=400)},
        statement("""
        delete from suppressions where address in (
            select address from suppressions where lifted_at < now() - %(lifted_at)s limit %(limit)s)
        """),
    ),
    Retention("audit_log", {"created_at": timedelta(days=400)}, _forget_addresses),
)
