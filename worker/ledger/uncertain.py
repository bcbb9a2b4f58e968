"""Runs that ended while nobody knew whether their call was carried out, and what becomes of them once somebody does."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.ledger import sql

EffectId = tuple[str, int]
"""Key and generation."""


def resume(connection: Connection, run_id: UUID) -> None:
    """Its effect moved on, and so can the run, if it is uncertain."""
    execute(connection, f"update task_runs set {sql.resumed()} where id = %s and state = 'uncertain'", (run_id,))


def resume_known(connection: Connection) -> int:
    """Queue ended runs whose provider's answer is on record and not applied: it arrived while they ended.

    Failed runs stay: applying the answer is what failed.
    """
    return execute(
        connection,
        f"""
        with known as (
            select r.id from effects e join task_runs r on r.id = e.run_id
             where {sql.UNAPPLIED}
               and (r.state = 'uncertain' or r.state = 'cancelled' and r.cancel_requested_at is not null)
             order by r.id for update of r skip locked)
        update task_runs r set {sql.resumed()} from known where r.id = known.id
        """,
    )


def open_effects(connection: Connection, prefix: str) -> list[EffectId]:
    """The open effects of uncertain runs whose key begins so. Cost: a look-up per uncertain run."""
    rows = query(
        connection,
        f"""
        select e.key, e.generation from task_runs r join effects e on e.run_id = r.id
         where r.state = 'uncertain' and {sql.OPEN} and starts_with(e.key, %s)
        """,
        (prefix,),
    )
    return [(row["key"], row["generation"]) for row in rows]


def lock_open_effects(connection: Connection, asked: Sequence[EffectId]) -> list[EffectId]:
    """Lock those of these effects, in their order, that are open and belong to an uncertain run."""
    rows = query(
        connection,
        f"""
        select e.key, e.generation
          from unnest(%(keys)s::text[], %(generations)s::int[]) with ordinality as asked(key, generation, place)
          join effects e on e.key = asked.key and e.generation = asked.generation and {sql.OPEN}
          join task_runs r on r.id = e.run_id and r.state = 'uncertain'
         order by asked.place for no key update of e
        """,
        {"keys": [key for key, _ in asked], "generations": [generation for _, generation in asked]},
    )
    return [(row["key"], row["generation"]) for row in rows]
