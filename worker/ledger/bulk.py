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


class Chunk(NamedTuple):
    """One chunk. seen: runs that qualified; changed: those acted upon, fewer when a worker held some; last_id:
    where the next chunk begins, None after the last one; parents: whose children were cancelled.
    """

    seen: int
    changed: tuple[UUID, ...]
    last_id: UUID | None
    parents: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """How far a bulk run has come; kept as its progress."""

    touched: int = 0
    seen: int = 0
    skipped: int = 0
    passes: int = 1
    after: str | None = None
    ended: bool = False

    @classmethod
    def of(cls, progress: Json | None) -> "BulkProgress":
        return cls(**progress) if progress else cls()

    def add(self, chunk: Chunk) -> "BulkProgress":
        changed = len(chunk.changed)
        return replace(
            self,
            touched=self.touched + changed,
            seen=self.seen + chunk.seen,
            skipped=self.skipped + chunk.seen - changed,
            after=str(chunk.last_id) if chunk.last_id else None,
            ended=chunk.last_id is None,
        )

    def next_pass(self) -> "BulkProgress":
        """Begin again for what was skipped; it is seen a second time and counted once."""
        return BulkProgress(self.touched, self.seen - self.skipped, passes=self.passes + 1)


def perform(context: RunContext, action: Action, run_filter: RunFilter, reason: str) -> Outcome:
    """One turn of a bulk run; the next turn goes on where its progress says."""
    reached = BulkProgress.of(context.run.progress)
    if reached.ended:
        reached = reached.next_pass()
    for _ in range(CHUNKS_PER_TURN):
        if context.cancelled():
            return Cancel(f"Stopped on request after {reached.touched} runs.")
        reached = _chunk(context, reached, action, run_filter, reason)
        if reached.ended:
            return _end(reached)
    return Snooze(0.0)


def _end(reached: BulkProgress) -> Outcome:
    if reached.skipped and reached.passes < MOST_PASSES:
        return Snooze(BETWEEN_PASSES)
    return Done({"touched": reached.touched, "seen": reached.seen, "skipped": reached.skipped})


def _chunk(
    context: RunContext, reached: BulkProgress, action: Action, run_filter: RunFilter, reason: str
) -> BulkProgress:
    """One chunk; what follows from it for other families is done in transactions of their own."""
    run = context.run

    def work(connection: Connection) -> tuple[Chunk, Json]:
        after = UUID(reached.after) if reached.after else None
        chunk = act_on_chunk(connection, action, run_filter, bulk_id=run.id, after_id=after, reason=reason)
        return chunk, asdict(reached.add(chunk))

    chunk = context.step(work)
    if action == "cancel":
        cancel_descendants(context.transaction, chunk.changed, f"run:{run.id}", reason=reason)
        _wake(context, chunk.parents)
    return reached.add(chunk)


def _wake(context: RunContext, parents: Sequence[UUID]) -> None:
    """One transaction per parent: several locks at a time could meet a family that locks upwards."""
    for parent in parents:
        context.transaction(partial(record.wake_parents, parents=[parent]))


def act_on_chunk(
    connection: Connection,
    action: Action,
    run_filter: RunFilter,
    *,
    bulk_id: UUID,
    after_id: UUID | None,
    limit: int = CHUNK,
    reason: str | None = None,
) -> Chunk:
    """Act on the next `limit` matching runs by ascending id that are older than the bulk run."""
    ids = _matching(connection, action, run_filter, bulk_id, after_id, limit)
    free = query(
        connection, "select id from task_runs where id = any(%s) order by id for no key update skip locked", (ids,)
    )
    ids_free = [row["id"] for row in free]
    last_id = ids[-1] if len(ids) == limit else None
    if action == "retry":
        return Chunk(len(ids), tuple(retry_locked(connection, ids_free, f"run:{bulk_id}", reason)), last_id)
    rows = cancel_locked(connection, ids_free, f"run:{bulk_id}", reason)
    parents = {row["parent_id"] for row in rows} - {None}
    return Chunk(len(ids), tuple(row["id"] for row in rows), last_id, tuple(sorted(parents)))


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
