"""The audit log: who changed what by hand, and what closed by itself."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute
from worker.kit.ids import new_id
from worker.kit.retention import interval
from worker.ledger.outcomes import Json


def audit(
    connection: Connection,
    actor: str,
    action: str,
    subject: str,
    *,
    reason: str | None = None,
    details: Json | None = None,
) -> None:
    """Write down who did what to which subject. actor: `user:7`, `key:<id>`, `run:<id>`, `cli`; never a name."""
    execute(
        connection,
        "insert into audit_log (id, actor, action, subject, reason, details) values (%s, %s, %s, %s, %s, %s)",
        (new_id(), actor, action, subject, reason, Jsonb(dict(details or {}))),
    )


def audit_runs(connection: Connection, actor: str, action: str, ids: Sequence[UUID], reason: str | None) -> None:
    """One line per run in the audit log."""
    execute(
        connection,
        """
        insert into audit_log (id, actor, action, subject, reason)
        select new_run_id(), %s, %s, id::text, %s from unnest(%s::uuid[]) as changed(id)
        """,
        (actor, action, reason, list(ids)),
    )


def forget_subjects(connection: Connection, prefix: str, *, older_than: timedelta, limit: int) -> int:
    """Blank the subject and the reason of at most `limit` lines that are older; returns how many.

    prefix: what the subjects begin with, and what is left of them.
    """
    return execute(
        connection,
        f"""
        update audit_log set subject = %(prefix)s, reason = null where id in (
            select id from audit_log
             where starts_with(subject, %(prefix)s) and subject <> %(prefix)s
               and created_at < now() - {interval(older_than)} limit %(limit)s)
        """,
        {"prefix": prefix, "limit": limit},
    )
