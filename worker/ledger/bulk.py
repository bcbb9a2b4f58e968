"""Retrying or cancelling every run that matches a filter, in chunks, as the work of a run of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import query
from worker.ledger import record
from worker.ledger.controls import CANCELLABLE, CHUNK, NOT_REPLACED, cancel_descendants, cancel_locked, retry_locked
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Cancel, Done, Json, Snooze
from worker.ledger.queries import RunFilter, where

Action = Literal["retry", "cancel"]

# A retry takes only what had ended before the bulk run was asked for: a repeated chunk changes nothing twice.
ELIGIBLE: Mapping[str, str] = {
    "retry": f"r.state in ('failed', 'cancelled') and r.finished_at <= b.created_at and {NOT_REPLACED}",
    "cancel": CANCELLABLE,
}

# After this many chunks the run goes back to its queue, so that others get their turn.
CHUNKS_PER_TURN = 50
# How often rows that a worker held are tried again, and the seconds in between.
MOST_PASSES = 5
BETWEEN_PASSES = 1.0


class Step(NamedTuple):
    """One chunk. seen: runs that qualified; changed: those acted upon, fewer when a worker held some; last_id:
    where the next chunk begins, None after the last one; parents: whose children were cancelled.
    """

    seen: int
    changed: tuple[UUID, ...]
    last_id: UUID | None
    parents: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a bulk run has come; kept as its progress."""

    touched: int = 0
    seen: int = 0
    skipped: int = 0
    passes: int = 1
    after: str | None = None
    ended: bool = False

    @classmethod
    def of(cls, progress: Json | None) -> "Standing":
        return cls(**progress) if progress else cls()

    def add(self, step: Step) -> "Standing":
        changed = len(step.changed)
        return replace(
            self,
            touched=self.touched + changed,
            seen=self.seen + step.seen,
            skipped=self.skipped + step.seen - changed,
            after=str(step.last_id) if step.last_id else None,
            ended=step.last_id is None,
        )

    def next_pass(self) -> "Standing":
        """Begin again for what was skipped; it is seen a second time and counted once."""
        return Standing(self.touched, self.seen - self.skipped, passes=self.passes + 1)


def perform(context: RunContext, action: Action, run_filter: RunFilter, reason: str) -> Outcome:
    """One turn of a bulk run; the next turn goes on where its progress says."""
    standing = Standing.of(context.run.progress)
    if standing.ended:
        standing = standing.next_pass()
    for _ in range(CHUNKS_PER_TURN):
        if context.cancelled():
            return Cancel(f"Stopped on request after {standing.touched} runs.")
        standing = _chunk(context, standing, action, run_filter, reason)
        if standing.ended:
            return _end(standing)
    return Snooze(0.0)


def _end(standing: Standing) -> Outcome:
    if standing.skipped and standing.passes < MOST_PASSES:
        return Snooze(BETWEEN_PASSES)
    return Done({"touched": standing.touched, "seen": standing.seen, "skipped": standing.skipped})


def _chunk(context: RunContext, standing: Standing, action: Action, run_filter: RunFilter, reason: str) -> Standing:
    """One chunk with its progress in one transaction, fenced by the bulk run's lease."""
    run = context.run

    def work(connection: Connection) -> tuple[Step, Standing]:
        record.lock(connection, [run])
        after = UUID(standing.after) if standing.after else None
        step = bulk_step(connection, action, run_filter, bulk_id=run.id, after_id=after, reason=reason)
        reached = standing.add(step)
        record.store_progress(connection, run, asdict(reached))
        return step, reached

    answer: tuple[Step, Standing] = context.read(work)
    step, reached = answer
    if action == "cancel":
        cancel_descendants(context.read, step.changed, f"run:{run.id}", reason=reason)
        _wake(context, step.parents)
    return reached


def _wake(context: RunContext, parents: Sequence[UUID]) -> None:
    """One transaction per parent: several locks at a time could meet a family that locks upwards."""
    for parent in parents:
        context.read(partial(record.wake_parents, parents=[parent]))


def bulk_step(
    connection: Connection,
    action: Action,
    run_filter: RunFilter,
    *,
    bulk_id: UUID,
    after_id: UUID | None,
    limit: int = CHUNK,
    reason: str | None = None,
) -> Step:
    """Act on the next `limit` matching runs by ascending id that are older than the bulk run."""
    ids = _matching(connection, action, run_filter, bulk_id, after_id, limit)
    free = query(
        connection, "select id from task_runs where id = any(%s) order by id for no key update skip locked", (ids,)
    )
    ids_free = [row["id"] for row in free]
    last_id = ids[-1] if len(ids) == limit else None
    if action == "retry":
        return Step(len(ids), tuple(retry_locked(connection, ids_free, f"run:{bulk_id}", reason)), last_id)
    rows = cancel_locked(connection, ids_free, f"run:{bulk_id}", reason)
    parents = {row["parent_id"] for row in rows} - {None}
    return Step(len(ids), tuple(row["id"] for row in rows), last_id, tuple(sorted(parents)))


def _matching(
    connection: Connection,
    action: Action,
    run_filter: RunFilter,
    bulk_id: UUID,
    after_id: UUID | None,
    limit: int,
) -> list[UUID]:
    conditions, parameters = where(run_filter)
    if after_id is not None:
        conditions.append("r.id > %(after)s")
    conditions += [ELIGIBLE[action], "r.created_at <= b.created_at", "r.id <> b.id"]
    rows = query(
        connection,
        f"""
        select r.id from task_runs r join task_runs b on b.id = %(bulk)s
         where {" and ".join(conditions)} order by r.id limit %(limit)s
        """,
        {**parameters, "after": after_id, "bulk": bulk_id, "limit": limit},
    )
    return [row["id"] for row in rows]
