"""Notifications: what the bell of the main web app shows, written in the transaction that decides about it."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from models.enums import NotificationKind
from worker.kit.columns import numbers, texts
from worker.kit.database import execute

# Those of these users who still read, with their language.
READERS = """
select u.id, p.locale from users u left join recipient_preferences p on p.user_id = u.id
 where u.id = any(%s) and coalesce(u.is_active, true) order by u.id
"""
# The main web app's own columns get the values that its models would give.
INSERT = """
insert into notifications (user_id, type, title, message, related_job_id, related_application_id, is_read, created_at)
select n.user_id, %(kind)s, n.title, n.message, n.job_id, n.application_id, false, now()
  from unnest(%(users)s::integer[], string_to_array(%(titles)s, chr(31)), string_to_array(%(messages)s, chr(31)),
              %(jobs)s::integer[], %(applications)s::integer[])
       as n(user_id, title, message, job_id, application_id)
"""


class NewNotification(NamedTuple):
    """Plain text; job_id, application_id: what it leads to."""

    user_id: int
    title: str
    message: str
    job_id: int | None = None
    application_id: int | None = None


def write(connection: Connection, kind: NotificationKind, new: Sequence[NewNotification]) -> None:
    """Write notifications of one kind."""
    if not new:
        return
    users, titles, messages, jobs, applications = zip(*new, strict=True)
    columns = {
        "users": numbers(users),
        "titles": texts(titles),
        "messages": texts(messages),
        "jobs": numbers(jobs),
        "applications": numbers(applications),
    }
    execute(connection, INSERT, {"kind": kind.label, **columns})
