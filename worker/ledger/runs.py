"""Runs as a service knows them: by id, or as the children of its own run."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.ledger import sql


class Child(NamedTuple):
    """A child run. error: {code, message, status} of one that went wrong."""

    state: str
    error: Mapping[str, Any] | None

    @property
    def under_way(self) -> bool:
        return self.state in ("queued", "running")


class Children(NamedTuple):
    """Counted. failed: also those that were cancelled, or ended uncertain."""

    under_way: int
    failed: int


def is_under_way(connection: Connection, *run_ids: UUID) -> bool:
    """Whether one of these runs is queued or running."""
    sentence = f"select 1 from task_runs r where r.id = any(%s) and {sql.under_way()} limit 1"
    return bool(query(connection, sentence, (list(run_ids),)))


def ended(connection: Connection, run_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The states of those of these runs that have ended. What is forgotten is not among them."""
    sentence = f"select r.id, r.state from task_runs r where r.id = any(%s) and not ({sql.under_way()})"
    return {row["id"]: row["state"] for row in query(connection, sentence, (list(run_ids),))}


def of_ids(connection: Connection, run_ids: Sequence[UUID]) -> dict[UUID, Child]:
    """These runs as they stand. What is forgotten is not among them."""
    sentence = "select id, state, error from task_runs where id = any(%s)"
    return {row["id"]: Child(row["state"], row["error"]) for row in query(connection, sentence, (list(run_ids),))}


def failed_lately(
    connection: Connection, run_ids: Sequence[UUID], task: str, within: timedelta
) -> dict[UUID, Mapping[str, Any]]:
    """Those of these runs that are of the task and went wrong not longer ago than this, with their errors."""
    sentence = """
    select id, coalesce(error, '{}'::jsonb) as error from task_runs
     where id = any(%s) and task = %s and state in ('failed', 'uncertain') and finished_at > now() - %s
    """
    return {row["id"]: row["error"] for row in query(connection, sentence, (list(run_ids), task, within))}


def created_at(connection: Connection, run_id: UUID) -> datetime:
    """When a run that exists was asked for."""
    asked: datetime = query(connection, "select created_at from task_runs where id = %s", (run_id,))[0]["created_at"]
    return asked


def caused_by(connection: Connection, run_id: UUID) -> int | None:
    """The user who asked for it; None for a program."""
    rows = query(connection, "select caused_by from task_runs where id = %s", (run_id,))
    return rows[0]["caused_by"] if rows else None


def mark_wanted(connection: Connection, run_id: UUID) -> None:
    """Ask that the run's end be announced to those who wait for it."""
    execute(
        connection,
        f"update task_runs r set wanted = true where r.id = %s and not r.wanted and {sql.under_way()}",
        (run_id,),
    )


def of_parent(connection: Connection, parent_id: UUID, *, since: datetime) -> Children:
    """How many children were written since then and are not over, and how many went wrong."""
    sentence = f"""
    select count(*) filter (where {sql.under_way()}) as under_way,
           count(*) filter (where r.state in ('failed', 'cancelled', 'uncertain')) as failed
      from task_runs r where r.parent_id = %s and r.created_at >= %s
    """
    return Children(**query(connection, sentence, (parent_id, since))[0])


def worst_child(connection: Connection, parent_id: UUID) -> Child | None:
    """Of the children that did not succeed one that is under way, else an uncertain one, else the first."""
    sentence = f"""
    select r.state, r.error from task_runs r where r.parent_id = %s and r.state <> 'succeeded'
     order by {sql.under_way()} desc, r.state = 'uncertain' desc, r.id limit 1
    """
    rows = query(connection, sentence, (parent_id,))
    return Child(**rows[0]) if rows else None


def held_by_children(connection: Connection, parent_id: UUID, member: str) -> list[str]:
    """What stands in this member of the payloads of the children that are under way or uncertain, as text."""
    sentence = f"""
    select r.payload ->> %s as value from task_runs r
     where r.parent_id = %s and ({sql.under_way()} or r.state = 'uncertain')
    """
    return [row["value"] for row in query(connection, sentence, (member, parent_id)) if row["value"] is not None]


def sum_of_results(connection: Connection, parent_id: UUID | None, member: str, *, since: datetime) -> int:
    """The sum of this member in the results of the children that were written since then and succeeded."""
    sentence = """
    select coalesce(sum((r.result ->> %s)::integer), 0) as total from task_runs r
     where r.parent_id = %s and r.created_at >= %s and r.state = 'succeeded'
    """
    return int(query(connection, sentence, (member, parent_id, since))[0]["total"])
