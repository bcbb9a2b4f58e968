"""A user's own notifications: seen, marked as read, and deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from models.enums import NotificationKind
from worker.kit.database import Database, Row, execute, query
from worker.kit.localisation import known_locale
from worker.services.notifications import grouping

# What a group holds beside its first one, and what is not wanted in the bell, counts as read.
UNREAD = "is_read is not true"
SHOWN = "group_id is null and not hidden"
OWN = ("id", "label", "related_job_id", "related_application_id", "is_read", "read_at", "created_at")
LOCALE = "select locale from recipient_preferences where user_id = %s"
COLUMNS = f"""
n.id, n.type::text as label, n.kind, n.title, n.message, n.related_job_id, n.related_application_id,
coalesce(n.is_read, false) as is_read, n.read_at, n.created_at, {grouping.FACTS}
"""


@dataclass(frozen=True, slots=True)
class NotificationPage:
    """total, unread: of all that the user has, whatever was asked for; a group counts once."""

    notifications: Sequence[Row]
    total: int
    unread: int


def find(connection: Connection, user_id: int, *, unread_only: bool, limit: int, offset: int) -> NotificationPage:
    """The newest first. Cost: what is skipped and shown, and a count of the user's own."""
    found = query(
        connection,
        f"""
        select {COLUMNS}
          from (select * from notifications
                 where user_id = %(user)s and {SHOWN} {f"and {UNREAD}" if unread_only else ""}
                 order by created_at desc nulls last, id desc limit %(limit)s offset %(offset)s) n
         order by n.created_at desc nulls last, n.id desc
        """,
        {"user": user_id, "limit": limit, "offset": offset},
    )
    sentence = f"select count(*) as total from notifications where user_id = %s and {SHOWN}"
    [counted] = query(connection, sentence, (user_id,))
    return NotificationPage(_told(connection, user_id, found), counted["total"], count_unread(connection, user_id))


def _told(connection: Connection, user_id: int, found: Sequence[Row]) -> list[Row]:
    """The rows as their reader is shown them."""
    asked = query(connection, LOCALE, (user_id,)) if any(row["group_size"] > 1 for row in found) else []
    locale = known_locale(asked[0]["locale"] if asked else None)
    shown = []
    for row in found:
        kind = NotificationKind.stored(row["label"], row["kind"])
        title, message = grouping.wording(locale, kind, row)
        told = {name: row[name] for name in OWN}
        shown.append({**told, "kind": kind.value, "title": title, "message": message, "count": row["group_size"]})
    return shown


def find_one(connection: Connection, user_id: int, notification_id: int) -> Row | None:
    wanted = f"select * from notifications where id = %s and user_id = %s and {SHOWN}"
    found = query(connection, f"select {COLUMNS} from ({wanted}) n", (notification_id, user_id))
    return next(iter(_told(connection, user_id, found)), None)


def count_unread(connection: Connection, user_id: int) -> int:
    sentence = f"select count(*) as unread from notifications where user_id = %s and {UNREAD}"
    return int(query(connection, sentence, (user_id,))[0]["unread"])


def count_unread_of(database: Database, user_ids: Sequence[int]) -> dict[int, int]:
    """Of many users in one statement, which is a transaction by itself."""
    sentence = f"""
    select u.id, (select count(*) from notifications n where n.user_id = u.id and {UNREAD}) as unread
      from unnest(%(users)s::integer[]) as u(id)
    """
    return {row["id"]: row["unread"] for row in database.autocommit(sentence, {"users": list(user_ids)})}


def mark_read(connection: Connection, user_id: int, notification_id: int) -> bool:
    """Whether there is such a one. When it was first read stays."""
    sentence = f"""
    update notifications set is_read = true, read_at = coalesce(read_at, now())
     where id = %s and user_id = %s and {SHOWN}
    """
    return bool(execute(connection, sentence, (notification_id, user_id)))


def mark_all_read(connection: Connection, user_id: int) -> int:
    """All there are, however many; how many that were."""
    sentence = f"""
    update notifications set is_read = true, read_at = coalesce(read_at, now()) where user_id = %s and {UNREAD}
    """
    return execute(connection, sentence, (user_id,))


def delete(connection: Connection, user_id: int, notification_id: int) -> bool:
    """Whether there was such a one. A group goes whole."""
    sentence = f"delete from notifications where id = %s and user_id = %s and {SHOWN}"
    return bool(execute(connection, sentence, (notification_id, user_id)))
