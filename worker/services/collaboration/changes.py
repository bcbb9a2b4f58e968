"""Who changed what about an application, and when: the history that its company sees."""

from collections.abc import Sequence
from typing import Any, Literal

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.kit.stored import Unreadable
from worker.services.collaboration.people import NAME

ChangeKind = Literal["rating", "tags", "scorecard", "note_deleted"]


def record(
    connection: Connection, application_id: int, user_id: int, kind: ChangeKind, before: Any, after: Any
) -> None:
    """In the transaction that makes the change. before, after: JSON values; None for nothing."""
    execute(
        connection,
        "insert into application_changes (application_id, user_id, kind, before, after) values (%s, %s, %s, %s, %s)",
        (application_id, user_id, kind, _stored(before), _stored(after)),
    )


def _stored(value: Any) -> Jsonb | None:
    return None if value is None or isinstance(value, Unreadable) else Jsonb(value)


def find(connection: Connection, application_id: int, *, limit: int, offset: int) -> tuple[Sequence[Row], int]:
    """The latest first, with how many there are in all. `user_name` is empty where the account is gone."""
    found = query(
        connection,
        f"""
        select c.id, c.application_id, c.kind, c.user_id, {NAME} as user_name, c.before, c.after, c.created_at
          from application_changes c left join users u on u.id = c.user_id
         where c.application_id = %s order by c.id desc limit %s offset %s
        """,
        (application_id, limit, offset),
    )
    counted = "select count(*) as total from application_changes where application_id = %s"
    return found, query(connection, counted, (application_id,))[0]["total"]
