"""Effects: one call at a provider whose repetition people would notice, in three commits.

T1, fenced: the intent with its frozen bytes. Then the call. T2, unfenced: the reference, a fact whoever learns it.
T3, fenced: the business rows and the run's result. What an earlier attempt left behind decides what this one does.
"""

import time
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.kit.errors import (
    Doubtful,
    LeaseLost,
    Misconfigured,
    NeedsReconnect,
    NotSent,
    Permanent,
    RateLimited,
    Refused,
    RunError,
    Unreachable,
    gate_of,
)
from worker.kit.logging import get_logger
from worker.kit.words import storable
from worker.ledger.gates import OVERDUE, take_probe
from worker.ledger.outcomes import Cancel, Effect, EffectKey, EffectPlan, Json, Park, Recorded, Run, Snooze
from worker.ledger.rates import Standing, Wish, kept_wait, look, reserve
from worker.ledger.record import fence

CALL_TIMEOUT = 20.0
SEND_WITHIN = 5.0
SHORT_LEASE = 2.0
SLEEP_AT_MOST = 2.0
LOOKS = (30.0, 120.0, 600.0)

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Send:
    """T1 is committed: send after `pause` seconds and before `deadline` (time.monotonic).

    probes: the provider's gate is closed, and this send finds out whether it accepts us again.
    """

    effect: Effect
    pause: float
    deadline: float
    probes: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """An earlier send is in doubt and the provider can be asked."""

    effect: Effect


@dataclass(frozen=True, slots=True)
class Known:
    """The reference is on record: only T3 is missing."""

    effect: Effect


Step = Send | Look | Known | Recorded


class _Fence(NamedTuple):
    """Our run, locked. unwanted: somebody asked to cancel it; urgent: somebody waits for it.

    lasting: the lease outlasts a call; after an outage its first heartbeat is still to come.
    gate: the version of the provider's gate while that is closed. probes: our run tries it. overdue: nobody does.
    """

    unwanted: bool
    urgent: bool
    lasting: bool
    gate: int | None
    probes: bool
    overdue: bool


def intend(connection: Connection, run: Run, plan: EffectPlan) -> Step:
    """T1: decide, and leave the evidence. The caller commits before anything is sent."""
    fence = _fence(connection, run, gate_of(plan.provider))
    identity = plan.identify(connection)
    if not isinstance(identity, EffectKey):
        return identity
    row = _stored(connection, identity)
    if row is not None and row["state"] == "done":
        return Known(_effect(row))
    if fence.unwanted:
        return Cancel("Somebody asked to cancel this run.")
    if not fence.lasting or _other_open(connection, identity):
        return Snooze(30.0 if fence.lasting else SHORT_LEASE)
    if fence.gate is not None and not _may_probe(connection, run, plan, fence):
        return Park(gate_of(plan.provider), fence.gate, f"{plan.provider} does not accept our configuration.")
    step = _step(connection, run, plan, identity, row, urgent=fence.urgent)
    return replace(step, probes=fence.gate is not None) if isinstance(step, Send) else step


def _may_probe(connection: Connection, run: Run, plan: EffectPlan, fence: _Fence) -> bool:
    return fence.probes or (fence.overdue and take_probe(connection, run, plan.provider))


def _step(
    connection: Connection, run: Run, plan: EffectPlan, identity: EffectKey, row: Row | None, *, urgent: bool
) -> Step:
    if row is None or row["state"] == "cleared":
        return _first_send(connection, run, plan, identity, row, urgent=urgent)
    if row["state"] == "refused":
        raise Permanent("The provider refused this request before; change it and ask again.", code="effect.refused")
    return _in_doubt(connection, run, plan, row, urgent=urgent)


def _fence(connection: Connection, run: Run, gate: str) -> _Fence:
    """Lock our run, and look at its provider's gate. Raises LeaseLost."""
    mine = query(
        connection,
        """
        select r.cancel_requested_at is not null as unwanted, r.queue = 'interactive' as urgent,
               w.expires_at > now() + make_interval(secs => %(timeout)s) as lasting, g.version as gate,
               coalesce(g.prober = r.id, false) as probes,
               coalesce(g.probe_at < now() - make_interval(secs => %(overdue)s), false) as overdue
          from task_runs r join workers w on w.id = r.worker_id
          left join park_gates g on g.key = %(gate)s and g.closed_at is not null
         where r.id = %(id)s and r.lease = %(lease)s and r.worker_id = %(worker)s and r.state = 'running'
           for no key update of r
        """,
        {**fence(run), "timeout": CALL_TIMEOUT, "gate": gate, "overdue": OVERDUE},
    )
    if not mine:
        raise LeaseLost("the run is not ours any more")
    return _Fence(**mine[0])


def _other_open(connection: Connection, identity: EffectKey) -> bool:
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


def _stored(connection: Connection, identity: EffectKey) -> Row | None:
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


def _effect(row: Row, *, sends: int | None = None) -> Effect:
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


def _first_send(
    connection: Connection, run: Run, plan: EffectPlan, identity: EffectKey, row: Row | None, *, urgent: bool
) -> Step:
    """The slot is taken last: to freeze may take a while, and whoever else wants a slot waits for our commit."""
    standing = _standing(connection, run, plan, urgent=urgent)
    far = standing is not None and standing.is_far(SLEEP_AT_MOST)
    pause = _slot(connection, standing) if far else 0.0
    if pause is None:
        return Snooze(kept_wait(connection, run.id))
    request = bytes(row["request"]) if row else plan.freeze(connection)
    if not isinstance(request, bytes):
        return request
    pause = pause if far else _slot(connection, standing)
    if pause is None:
        return Snooze(kept_wait(connection, run.id))
    stored = query(
        connection,
        """
        insert into effects as e (key, generation, provider, policy, request, run_id, lease, provider_key,
                                  provider_key_seconds)
        values (%(key)s, %(generation)s, %(provider)s, %(policy)s, %(request)s, %(run)s, %(lease)s, %(provider_key)s,
                %(window)s)
        on conflict (key, generation) do update set state = 'intended', run_id = excluded.run_id,
            lease = excluded.lease, sends = 1, looks = 0, intended_at = now(), first_intended_at = now()
        where e.state = 'cleared'
        returning *
        """,
        {
            "provider_key": identity.provider_key,
            "key": identity.key,
            "generation": identity.generation,
            "provider": plan.provider,
            "policy": plan.policy,
            "request": request,
            "run": run.id,
            "lease": run.lease,
            "window": plan.window_seconds,
        },
    )
    if not stored:
        return Snooze(1.0)
    return _send(_effect(stored[0]), pause)


def _send(effect: Effect, pause: float) -> Send:
    return Send(effect, pause, time.monotonic() + SEND_WITHIN)


def _in_doubt(connection: Connection, run: Run, plan: EffectPlan, row: Row, *, urgent: bool) -> Step:
    if (row["run_id"], row["lease"]) == (run.id, run.lease):
        return _send_again(connection, run, plan, row, urgent=urgent)
    if row["owned"]:
        return Snooze(5.0)
    if row["policy"] == "replay" and row["since_first"] < row["window"]:
        return _send_again(connection, run, plan, row, urgent=urgent)
    if row["policy"] == "lookup":
        return _look_or_wait(connection, run, plan, row, urgent=urgent)
    raise Doubtful("Nobody knows whether the provider carried out this request; a person has to look and settle it.")


def _look_or_wait(connection: Connection, run: Run, plan: EffectPlan, row: Row, *, urgent: bool) -> Step:
    if row["looks"] >= len(LOOKS):
        return _send_again(connection, run, plan, row, urgent=urgent)
    wait = LOOKS[row["looks"]] - row["since_send"]
    return Snooze(wait) if wait > 0 else Look(_effect(row))


def _send_again(connection: Connection, run: Run, plan: EffectPlan, row: Row, *, urgent: bool) -> Step:
    """An own intent means that this T1 was committed and its answer lost: nothing left under this lease."""
    pause = _slot(connection, _standing(connection, run, plan, urgent=urgent))
    if pause is None:
        return Snooze(kept_wait(connection, run.id))
    taken = query(
        connection,
        """
        update effects set run_id = %(run)s, lease = %(lease)s, intended_at = now(), looks = 0,
               sends = sends + case when (run_id, lease) = (%(run)s, %(lease)s) then 0 else 1 end
         where key = %(key)s and generation = %(generation)s and state = 'intended' and lease = %(seen)s
        returning sends
        """,
        {
            "run": run.id,
            "lease": run.lease,
            "key": row["key"],
            "generation": row["generation"],
            "seen": row["lease"],
        },
    )
    if not taken:
        return Snooze(1.0)
    if row["run_id"] != run.id:
        _resume_uncertain(connection, row["run_id"])
    return _send(_effect(row, sends=taken[0]["sends"]), pause)


def _standing(connection: Connection, run: Run, plan: EffectPlan, *, urgent: bool) -> Standing | None:
    """None where the provider has no limit."""
    return None if plan.rate is None else look(connection, Wish(run.id, plan.provider, plan.rate, urgent))


def _slot(connection: Connection, standing: Standing | None) -> float | None:
    """Seconds to sleep until our slot, or None when it is far: the run comes back for it."""
    return 0.0 if standing is None else reserve(connection, standing, sleep_at_most=SLEEP_AT_MOST)


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
    _resume_uncertain(connection, rows[0]["run_id"])
    return replace(effect, reference=rows[0]["reference"])


def _resume_uncertain(connection: Connection, run_id: UUID) -> None:
    """Its effect moved on, and so can the run; a cancel that was asked for came too late."""
    execute(
        connection,
        """
        update task_runs set state = 'queued', run_at = now(), dispatch_at = now(), dispatches = 0, error = null,
               finished_at = null, lease = null, cancel_requested_at = null
         where id = %s and state = 'uncertain'
        """,
        (run_id,),
    )


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


def proves_nothing_sent(error: RunError | NotSent, effect: Effect, policy: str) -> bool:
    """Whether an error proves that no send of this generation was carried out.

    On the first send every definite answer does. On a repeat only a refusal does, and only where the provider
    would have given the first send's answer again (replay); 409, 429 and 401 never prove it then.
    """
    if effect.sends == 1:
        return isinstance(error, (NotSent, Unreachable, RateLimited, NeedsReconnect, Misconfigured, Permanent))
    return isinstance(error, Refused) and policy == "replay"
