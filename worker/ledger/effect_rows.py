"""The rows of table `effects`: read, begun, taken over and settled, each in one statement."""

from dataclasses import replace
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.kit.logging import get_logger
from worker.kit.words import storable
from worker.ledger import sql
from worker.ledger.outcomes import Json, Run
from worker.ledger.plans import Effect, EffectKey, Plan, Policy
from worker.ledger.uncertain import resume

log = get_logger(__name__)

# An effect that a person cleared is begun again with the evidence it has.
BEGIN = """
insert into effects as e (key, generation, provider, policy, request, run_id, lease, provider_key,
                          provider_key_seconds)
values (%(key)s, %(generation)s, %(provider)s, %(policy)s, %(evidence)s, %(run)s, %(lease)s, %(provider_key)s,
        %(window)s)
on conflict (key, generation) do update set state = 'intended', run_id = excluded.run_id,
    lease = excluded.lease, sends = 1, looks = 0, intended_at = now(), first_intended_at = now()
where e.state = 'cleared'
returning *
"""

TAKE_OVER = """
update effects set run_id = %(run)s, lease = %(lease)s, intended_at = now(), looks = 0,
       sends = sends + case when (run_id, lease) = (%(run)s, %(lease)s) then 0 else 1 end
 where key = %(key)s and generation = %(generation)s and state = 'intended' and lease = %(seen)s
returning sends
"""


def stored(connection: Connection, identity: EffectKey) -> Row | None:
    """What an earlier attempt left. Not locked: whoever applies it locks the effect first and business rows later,
    we hold business rows already. What follows from it is a compare-and-set.
    """
    rows = query(
        connection,
        """
        select e.*, coalesce(e.provider_key_seconds, e.window_seconds, 0) as window,
               extract(epoch from now() - e.intended_at)::float8 as since_send,
               extract(epoch from now() - e.first_intended_at)::float8 as since_first,
               exists (select from task_runs o where o.id = e.run_id and o.lease = e.lease and o.state = 'running')
                   as owned
          from effects e where e.key = %s and e.generation = %s
        """,
        (identity.key, identity.generation),
    )
    return rows[0] if rows else None


def from_row(row: Row, *, sends: int | None = None) -> Effect:
    """What the release before froze is known to the provider by its key and generation alone. What is open although it
    was settled once was opened again after a person had cleared it, who may be wrong.
    """
    return Effect(
        row["key"],
        row["generation"],
        bytes(row["request"]),
        row["reference"],
        row["sends"] if sends is None else sends,
        row["provider_key"] or f"{row['key']}/{row['generation']}",
        fixed=row["settled_at"] is not None,
    )


def unfinished(connection: Connection, run_id: UUID, policy: Policy) -> Effect | None:
    """What a run sent and nobody has applied: it is in doubt, or its answer is on record."""
    rows = query(
        connection,
        f"select e.* from effects e where e.policy = %s and e.run_id = %s and ({sql.OPEN} or {sql.UNAPPLIED}) limit 1",
        (policy, run_id),
    )
    return from_row(rows[0]) if rows else None


def begin(connection: Connection, run: Run, plan: Plan, identity: EffectKey, evidence: bytes) -> Effect | None:
    """The intent of a first send; None when another run was faster."""
    rows = query(
        connection,
        BEGIN,
        {
            "provider_key": identity.provider_key,
            "key": identity.key,
            "generation": identity.generation,
            "provider": plan.provider,
            "policy": plan.policy,
            "evidence": evidence,
            "run": run.id,
            "lease": run.lease,
            "window": plan.window_seconds if plan.policy == "replay" else None,
        },
    )
    return from_row(rows[0]) if rows else None


def take_over(connection: Connection, run: Run, row: Row) -> Effect | None:
    """The intent of one more send, now ours; None when another run was faster."""
    taken = query(
        connection,
        TAKE_OVER,
        {
            "run": run.id,
            "lease": run.lease,
            "key": row["key"],
            "generation": row["generation"],
            "seen": row["lease"],
        },
    )
    if not taken:
        return None
    if row["run_id"] != run.id:
        resume(connection, row["run_id"])
    return from_row(row, sends=taken[0]["sends"])


def other_open(connection: Connection, identity: EffectKey) -> bool:
    """Whether another generation, or another operation of the same business row, is unsettled."""
    return bool(
        query(
            connection,
            """
            select 1 from effects
             where (key = %(key)s or starts_with(key, %(row)s)) and state = 'intended'
               and (key, generation) <> (%(key)s, %(generation)s)
            """,
            {
                "key": identity.key,
                "row": f"{identity.row}:" if identity.row else None,
                "generation": identity.generation,
            },
        )
    )


def note_reference(connection: Connection, effect: Effect, reference: Json) -> Effect:
    """T2: fills only an empty reference; a different second one is kept in `others` for a person to see.

    A run that had been given up as uncertain becomes due again, because now somebody knows.
    """
    value = Jsonb(storable(dict(reference)))
    rows = query(
        connection,
        """
        update effects set state = 'done', settled_at = coalesce(settled_at, now()),
               reference = coalesce(reference, %(reference)s),
               others = case when reference is null or reference = %(reference)s then others
                             else others || %(reference)s end
         where key = %(key)s and generation = %(generation)s
        returning run_id, reference, reference is distinct from %(reference)s as second
        """,
        {"reference": value, "key": effect.key, "generation": effect.generation},
    )
    if rows[0]["second"]:
        log.error("effect.second_reference", key=effect.key, generation=effect.generation)
    resume(connection, rows[0]["run_id"])
    return replace(effect, reference=rows[0]["reference"])


def lock_answered(connection: Connection, effect: Effect) -> bool:
    """Lock the effect; whether an answer is on record, which a late writer may have brought meanwhile."""
    rows = query(
        connection,
        "select state = 'done' as answered from effects where key = %s and generation = %s for no key update",
        (effect.key, effect.generation),
    )
    return bool(rows[0]["answered"])


def mark_applied(connection: Connection, effect: Effect) -> bool:
    """Whether this run is the first to apply the effect's business rows."""
    return bool(
        execute(
            connection,
            "update effects set applied_at = now() where key = %s and generation = %s and applied_at is null",
            (effect.key, effect.generation),
        )
    )


def close(connection: Connection, run: Run, effect: Effect, state: str) -> bool:
    """Close our own open intent as `refused` or `cleared`; False when another lease owns it by now."""
    return bool(
        execute(
            connection,
            """
            update effects set state = %s, settled_at = now()
             where key = %s and generation = %s and run_id = %s and lease = %s and state = 'intended'
            """,
            (state, effect.key, effect.generation, run.id, run.lease),
        )
    )


def note_look(connection: Connection, effect: Effect) -> None:
    """One more look that found nothing."""
    execute(
        connection,
        "update effects set looks = looks + 1 where key = %s and generation = %s and state = 'intended'",
        (effect.key, effect.generation),
    )
