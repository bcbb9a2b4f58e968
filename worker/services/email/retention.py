"""Forgetting people: what names somebody goes once its time is over, or once the account is gone."""

from dataclasses import dataclass

from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.ledger.audit import forget_subjects
from worker.ledger.platform_state import recall, remember

MARK = "email.retention"

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

# Message numbers follow time, so that one mark tells how far they were looked through.
NEXT = """
select id, created_at < now() - interval '180 days' as old from email_messages
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

TIMED = {
    "soft_bounces": """
        delete from soft_bounces where address in (
            select address from soft_bounces where last_at < now() - interval '180 days' limit %(limit)s)
        """,
    "suppressions": """
        delete from suppressions where address in (
            select address from suppressions where lifted_at < now() - interval '400 days' limit %(limit)s)
        """,
    "ai_spending": """
        delete from ai_spending where (day, company_id) in (
            select day, company_id from ai_spending where day < now() - interval '400 days' limit %(limit)s)
        """,
}


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Rows by table. next_user: go on behind this reader; None when all were looked at. more: another step is due."""

    rows: dict[str, int]
    next_user: int | None
    more: bool


def forget(connection: Connection, limit: int, after_user: int) -> Forgotten:
    """One step over at most `limit` rows per table.

    Mails lose address, context and subject after 180 days, and with their reader's account; soft bounces go after
    180 days, addresses that were lifted and those in the audit log, and what Claude cost, after 400.
    """
    messages, full = _forget_old(connection, limit)
    of_the_gone, next_user = _forget_gone(connection, limit, after_user)
    timed = {table: execute(connection, sql, {"limit": limit}) for table, sql in TIMED.items()}
    timed["audit_log"] = forget_subjects(connection, "address:", days=400, limit=limit)
    more = full or next_user is not None or limit in timed.values()
    return Forgotten({"email_messages": messages + of_the_gone, **timed}, next_user, more)


def _forget_old(connection: Connection, limit: int) -> tuple[int, bool]:
    """How many mails were blanked, and whether the step ended before the young ones began."""
    after = (recall(connection, MARK) or {"message": 0})["message"]
    rows = query(connection, NEXT, {"after": after, "limit": limit})
    old = _leading(rows)
    if not old:
        return 0, False
    last = old[-1]["id"]
    blanked = execute(connection, OF_OLD, {"after": after, "last": last})
    remember(connection, MARK, {"message": last})
    return blanked, len(old) == limit


def _leading(rows: list[Row]) -> list[Row]:
    first_young = next((number for number, row in enumerate(rows) if not row["old"]), len(rows))
    return rows[:first_young]


def _forget_gone(connection: Connection, limit: int, after_user: int) -> tuple[int, int | None]:
    readers = query(connection, READERS, {"after": after_user, "limit": limit})
    gone = [row["id"] for row in readers if row["gone"]]
    blanked = execute(connection, OF_THE_GONE, {"gone": gone}) if gone else 0
    return blanked, readers[-1]["id"] if len(readers) == limit else None
