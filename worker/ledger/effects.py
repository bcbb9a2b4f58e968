"""Effects: one call at a provider whose repetition people would notice, in three commits.

T1, fenced: the intent with its frozen evidence. Then the call. T2, unfenced: the reference, a fact whoever learns it.
T3, fenced: the business rows and the run's result. What an earlier attempt left behind decides what this one does.
"""

import time
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import Connection

from worker.kit.database import Row, query
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
from worker.ledger import effect_rows, sql
from worker.ledger.gates import OVERDUE, take_probe
from worker.ledger.outcomes import Cancel, Park, Recorded, Run, Snooze
from worker.ledger.plans import Effect, EffectKey, Frozen, LookupPlan, Plan, Policy
from worker.ledger.rates import SlotRequest, SlotStatus, kept_wait, look, reserve
from worker.ledger.record import fence

CALL_TIMEOUT = 20.0
SEND_WITHIN = 5.0
SHORT_LEASE = 2.0
SLEEP_AT_MOST = 2.0
LOOKS = (30.0, 120.0, 600.0)
# A look that fails has done nothing, so it costs no attempt for so long; its pause grows with the age of the send.
FAILED_LOOKS_ARE_FREE = 86_400.0
SHORTEST_PAUSE = 2.0
LONGEST_PAUSE = 600.0


@dataclass(frozen=True, slots=True)
class Send:
    """T1 is committed: send `body` after `pause` seconds and before `deadline` (time.monotonic).

    probes: the provider's gate is closed, and this send finds out whether it accepts us again.
    """

    effect: Effect
    body: bytes
    pause: float
    deadline: float
    probes: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """An earlier send is in doubt and the provider can be asked. since_send: the age of that send in seconds."""

    effect: Effect
    plan: LookupPlan[Any]
    since_send: float

    @property
    def free(self) -> bool:
        """Whether the attempt is given back when the provider cannot be asked."""
        return self.since_send < FAILED_LOOKS_ARE_FREE

    @property
    def pause(self) -> float:
        """Seconds until one that failed is tried again."""
        return min(max(self.since_send / 10, SHORTEST_PAUSE), LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Answered:
    """The reference is on record: only T3 is missing."""

    effect: Effect


Step = Send | Look | Answered | Recorded


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attempt brings to T1. urgent: somebody waits for its task."""

    run: Run
    plan: Plan
    prepared: Any
    urgent: bool


class _Fence(NamedTuple):
    """Our run, locked. unwanted: somebody asked to cancel it.

    lasting: the lease outlasts a call; after an outage its first heartbeat is still to come.
    gate: the version of the provider's gate while that is closed. probes: our run tries it. overdue: nobody does.
    """

    unwanted: bool
    lasting: bool
    gate: int | None
    probes: bool
    overdue: bool


def intend(connection: Connection, attempt: Attempt) -> Step:
    """T1: decide, and leave the evidence. The caller commits before anything is sent."""
    run, plan = attempt.run, attempt.plan
    fence = _fence(connection, run, gate_of(plan.provider))
    identity = plan.identify(connection)
    if not isinstance(identity, EffectKey):
        return identity
    row = effect_rows.stored(connection, identity)
    if row is not None and row["state"] == "done":
        return Answered(effect_rows.from_row(row))
    if fence.unwanted:
        return Cancel("Somebody asked to cancel this run.")
    if not fence.lasting or effect_rows.other_open(connection, identity):
        return Snooze(30.0 if fence.lasting else SHORT_LEASE)
    if fence.gate is not None and not _may_probe(connection, run, plan, fence):
        return Park(gate_of(plan.provider), fence.gate, f"{plan.provider} does not accept our configuration.")
    step = _step(connection, attempt, identity, row)
    return replace(step, probes=fence.gate is not None) if isinstance(step, Send) else step


def answered(connection: Connection, run: Run, plan: Plan) -> Answered | Recorded | None:
    """What can be done without any call: T3 alone, or nothing; None where something would have to be sent."""
    _fence(connection, run, gate_of(plan.provider))
    identity = plan.identify(connection)
    if not isinstance(identity, EffectKey):
        return identity
    row = effect_rows.stored(connection, identity)
    return Answered(effect_rows.from_row(row)) if row is not None and row["state"] == "done" else None


def _may_probe(connection: Connection, run: Run, plan: Plan, fence: _Fence) -> bool:
    return fence.probes or (fence.overdue and take_probe(connection, run, plan.provider))


def _step(connection: Connection, attempt: Attempt, identity: EffectKey, row: Row | None) -> Step:
    if row is None or row["state"] == "cleared":
        return _first_send(connection, attempt, identity, row)
    if row["state"] == "refused":
        raise Permanent("The provider refused this request before; change it and ask again.", code="effect.refused")
    return _in_doubt(connection, attempt, row)


def _fence(connection: Connection, run: Run, gate: str) -> _Fence:
    """Lock our run, and look at its provider's gate. Raises LeaseLost."""
    mine = query(
        connection,
        f"""
        select r.cancel_requested_at is not null as unwanted,
               w.expires_at > now() + make_interval(secs => %(timeout)s) as lasting, g.version as gate,
               coalesce(g.prober = r.id, false) as probes,
               coalesce(g.probe_at < now() - make_interval(secs => %(overdue)s), false) as overdue
          from task_runs r join workers w on w.id = r.worker_id
          left join park_gates g on g.key = %(gate)s and g.closed_at is not null
         where {sql.fenced()} and r.state = 'running'
           for no key update of r
        """,
        {**fence(run), "timeout": CALL_TIMEOUT, "gate": gate, "overdue": OVERDUE},
    )
    if not mine:
        raise LeaseLost("the run is not ours any more")
    return _Fence(**mine[0])


def _first_send(connection: Connection, attempt: Attempt, identity: EffectKey, row: Row | None) -> Step:
    """The slot is taken last: to freeze may take a while, and whoever else wants a slot waits for our commit."""
    status = _slot_status(connection, attempt)
    far = status is not None and status.is_far(SLEEP_AT_MOST)
    pause = _slot(connection, status) if far else 0.0
    if pause is None:
        return Snooze(kept_wait(connection, attempt.run.id))
    frozen = _frozen(connection, attempt, row)
    if not isinstance(frozen, Frozen):
        return frozen
    pause = pause if far else _slot(connection, status)
    if pause is None:
        return Snooze(kept_wait(connection, attempt.run.id))
    effect = effect_rows.begin(connection, attempt.run, attempt.plan, identity, frozen.evidence)
    return Snooze(1.0) if effect is None else _send(effect, frozen.body, pause)


def _frozen(connection: Connection, attempt: Attempt, row: Row | None) -> Frozen | Recorded:
    """What was frozen once stays, although a person said that it was not carried out."""
    if row is None:
        return attempt.plan.freeze(connection, attempt.prepared)
    effect = effect_rows.from_row(row)
    return Frozen(effect.evidence, attempt.plan.load_body(connection, effect))


def _send(effect: Effect, body: bytes, pause: float) -> Send:
    return Send(effect, body, pause, time.monotonic() + SEND_WITHIN)


def _in_doubt(connection: Connection, attempt: Attempt, row: Row) -> Step:
    plan = attempt.plan
    if (row["run_id"], row["lease"]) == (attempt.run.id, attempt.run.lease):
        return _send_again(connection, attempt, row)
    if row["owned"]:
        return Snooze(5.0)
    if row["policy"] == "replay" and row["since_first"] < row["window"]:
        return _send_again(connection, attempt, row)
    if row["policy"] == "lookup" and plan.policy == "lookup":
        return _look_or_wait(connection, attempt, plan, row)
    raise Doubtful("Nobody knows whether the provider carried out this request; a person has to look and settle it.")


def _look_or_wait(connection: Connection, attempt: Attempt, plan: LookupPlan[Any], row: Row) -> Step:
    if row["looks"] >= len(LOOKS):
        return _send_again(connection, attempt, row)
    wait = LOOKS[row["looks"]] - row["since_send"]
    return Snooze(wait) if wait > 0 else Look(effect_rows.from_row(row), plan, row["since_send"])


def _send_again(connection: Connection, attempt: Attempt, row: Row) -> Step:
    """An own intent means that this T1 was committed and its answer lost: nothing left under this lease."""
    pause = _slot(connection, _slot_status(connection, attempt))
    if pause is None:
        return Snooze(kept_wait(connection, attempt.run.id))
    effect = effect_rows.take_over(connection, attempt.run, row)
    if effect is None:
        return Snooze(1.0)
    return _send(effect, attempt.plan.load_body(connection, effect), pause)


def _slot_status(connection: Connection, attempt: Attempt) -> SlotStatus | None:
    """None where the provider has no limit."""
    limits = attempt.plan.limits
    return look(connection, SlotRequest(attempt.run.id, limits, attempt.urgent)) if limits else None


def _slot(connection: Connection, status: SlotStatus | None) -> float | None:
    """Seconds to sleep until our slot, or None when it is far: the run comes back for it."""
    return 0.0 if status is None else reserve(connection, status, sleep_at_most=SLEEP_AT_MOST)


def proves_nothing_sent(error: RunError | NotSent, effect: Effect, policy: Policy) -> bool:
    """Whether an error proves that no send of this generation was carried out.

    On the first send every definite answer does. On a repeat only a refusal does, and only where the provider
    would have given the first send's answer again (replay); 409, 429 and 401 never prove it then.
    """
    if effect.sends == 1:
        return isinstance(error, (NotSent, Unreachable, RateLimited, NeedsReconnect, Misconfigured, Permanent))
    return isinstance(error, Refused) and policy == "replay"
