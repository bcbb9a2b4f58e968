"""A user's own notifications: seen, marked as read, and deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from worker.kit.database import Row, execute, query

UNREAD = "is_read is not true"


@dataclass(frozen=True, slots=True)
class NotificationPage:
    """total, unread: of all that the user has, whatever was asked for."""

    notifications: Sequence[Row]
    total: int
    unread: int


def find(connection: Connection, user_id: int, *, unread_only: bool, limit: int, offset: int) -> NotificationPage:
    """The newest first. Cost: what is skipped and shown, and a count of the user's own."""
    found = query(
        connection,
        f"""
        select id, type::text as label, title, message, related_job_id, related_application_id,
               coalesce(is_read, false) as is_read, read_at, created_at
          from notifications where user_id = %(user)s {f"and {UNREAD}" if unread_only else ""}
         order by created_at desc nulls last, id desc limit %(limit)s offset %(offset)s
        """,
        {"user": user_id, "limit": limit, "offset": offset},
    )
    [counted] = query(
        connection,
        f"select count(*) as total, count(*) filter (where {UNREAD}) as unread from notifications where user_id = %s",
        (user_id,),
    )
    return NotificationPage(found, counted["total"], counted["unread"])


def count_unread(connection: Connection, user_id: int) -> int:
    sentence = f"select count(*) as unread from notifications where user_id = %s and {UNREAD}"
    return int(query(connection, sentence, (user_id,))[0]["unread"])


def mark_read(connection: Connection, user_id: int, notification_id: int) -> bool:
    """Whether there is such a one. When it was first read stays."""
    sentence = """
    update notifications set is_read = true, read_at = coalesce(read_at, now()) where id = %s and user_id = %s
    """
    return bool(execute(connection, sentence, (notification_id, user_id)))


def mark_all_read(connection: Connection, user_id: int) -> int:
    """All there are, however many; how many that were."""
    sentence = f"""
    update notifications set is_read = true, read_at = coalesce(read_at, now()) where user_id = %s and {UNREAD}
    """
    return execute(connection, sentence, (user_id,))


def delete(connection: Connection, user_id: int, notification_id: int) -> bool:
    """Whether there was such a one."""
    return bool(
        execute(connection, "delete from notifications where id = %s and user_id = %s", (notification_id, user_id))
    )
