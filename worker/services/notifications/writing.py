"""Notifications: what the bell of the main web app shows, written in the transaction that decides about it."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from models.enums import NotificationKind
from worker.kit.columns import numbers, texts
from worker.kit.database import execute, query
from worker.services.notifications import mails
from worker.services.notifications.kinds import RULES

# Those of these users who still read, with their language.
READERS = """
select u.id, p.locale from users u left join recipient_preferences p on p.user_id = u.id
 where u.id = any(%s) and coalesce(u.is_active, true) order by u.id
"""
# The main web app's own columns get the values that its models would give. A trigger gathers what has a group's key.
INSERT = """
insert into notifications (user_id, type, kind, title, message, related_job_id, related_application_id, group_key,
                           hidden, is_read, created_at)
select n.user_id, %(label)s, %(kind)s, n.title, n.message, n.job_id, n.application_id, {group_key},
       {unwanted}, {unwanted}, now()
  from unnest(%(users)s::integer[], string_to_array(%(titles)s, chr(31)), string_to_array(%(messages)s, chr(31)),
              %(jobs)s::integer[], %(applications)s::integer[])
       as n(user_id, title, message, job_id, application_id)
  left join notification_preferences p on p.user_id = n.user_id and p.kind = %(kind)s
 where not {unwanted} or {mailed}
"""
TOLD = " returning id, group_id"


class NewNotification(NamedTuple):
    """Plain text; job_id, application_id: what it leads to."""

    user_id: int
    title: str
    message: str
    job_id: int | None = None
    application_id: int | None = None


def write(connection: Connection, kind: NotificationKind, new: Sequence[NewNotification]) -> None:
    """Write notifications of one kind for those who want them, and a mail for whoever wants that.

    Of the same kind about the same thing within ten minutes they become one (`RULES`), with one mail.
    """
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
    parameters = {"label": kind.label, "kind": kind.value, **columns}
    if RULES[kind].mail is None:
        execute(connection, _statement(kind), parameters)
        return
    rows = query(connection, _statement(kind) + TOLD, parameters)
    mails.write(connection, kind, [row["id"] for row in rows if row["group_id"] is None])


def _statement(kind: NotificationKind) -> str:
    rule = RULES[kind]
    return INSERT.format(
        group_key=f"'{kind}:{rule.gathered_by}:' || n.{rule.gathered_by}_id" if rule.gathered_by else "null",
        unwanted="false" if rule.fixed else "(p.in_app is false)",
        mailed="false" if rule.mail is None else f"coalesce(p.mail, {rule.mail})",
    )
