"""Rate limits: a slot is reserved, not polled. One row per limit, one statement per slot (GCRA).

Several limits may hold for one call, the application's and the account's: the slot is then the first that all of them
bear, and counts in each. Where somebody waits the next free slot is taken, however far it is. All others take a slot
at most `AHEAD` seconds before it comes, so that nobody waits behind a long backlog. Until then they stand in line: a
second row gives each of them its turn to ask, one gap apart, and a turn is no slot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.ledger.clock import LONGEST_LINE
from worker.ledger.plans import Limit

KEPT = 30.0
# Long enough to cover the pause until the dispatcher looks again: a slot that nobody asks for in time is lost.
AHEAD = 1.0
# Seconds without a single call after which a line is no longer believed in.
DESERTED = 5.0


def sane(column: str) -> str:
    """A time further ahead was written while the clock was wrong, and counts as none."""
    return f"(isfinite({column}) and {column} < clock_timestamp() + make_interval(secs => {LONGEST_LINE}))"


# Of a row `r`.
LAST = f"case when {sane('r.next_at')} then r.next_at else clock_timestamp() end"

STATUS = f"""
select extract(epoch from k.at - clock_timestamp())::float8 as kept, n.name, l.name is null as missing,
       coalesce(case when {sane("l.next_at")} then extract(epoch from l.next_at - clock_timestamp()) end, 0)::float8
           as slot,
       greatest(case when {sane("t.next_at")} then extract(epoch from t.next_at - clock_timestamp()) end, 0)::float8
           as line
  from task_runs r
  left join lateral (select r.reserved_at as at where {sane("r.reserved_at")}) k on true
 cross join unnest(%(names)s::text[], %(turns)s::text[]) as n(name, turns)
  left join rate_limits l on l.name = n.name
  left join rate_limits t on t.name = n.turns
 where r.id = %(run)s
"""

MAKE = """
insert into rate_limits (name, next_at) select name, clock_timestamp() from unnest(%s::text[]) name order by name
on conflict do nothing
"""

# Rows are locked in the order of their names, so that nobody waits for one who waits for him.
SLOT = f"""
with locked as (
    select r.name, {LAST} as last from rate_limits r where r.name = any(%(names)s) order by r.name for update),
slot as (select greatest(clock_timestamp(), max(last)) as at from locked)
update rate_limits r set next_at = slot.at + make_interval(secs => n.gap)
  from slot, unnest(%(names)s::text[], %(gaps)s::float8[]) as n(name, gap)
 where r.name = n.name and slot.at <= clock_timestamp() + make_interval(secs => %(ahead)s)
returning slot.at as slot, extract(epoch from slot.at - clock_timestamp())::float8 as wait
"""

TURN = f"""
with locked as (
    select r.name, {LAST} as last from rate_limits r where r.name = any(%(turns)s) order by r.name for update),
due as (
    select greatest(clock_timestamp(), max(next_at) - make_interval(secs => %(ahead)s)) as at
      from rate_limits r where name = any(%(names)s) and {sane("r.next_at")}),
turn as (select greatest(due.at, (select max(last) from locked)) as at from due),
moved as (
    update rate_limits r set next_at = turn.at + make_interval(secs => n.gap)
      from turn, unnest(%(turns)s::text[], %(gaps)s::float8[]) as n(name, gap) where r.name = n.name)
update task_runs set reserved_at = turn.at from turn where id = %(run)s
"""

# A century: `make_interval` knows no infinity.
NO_BOUND = 100 * 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """A run wants to call once under these limits, one at least. urgent: somebody waits."""

    run_id: UUID
    limits: Sequence[Limit]
    urgent: bool

    @property
    def parameters(self) -> dict[str, object]:
        names = [limit.key for limit in self.limits]
        return {
            "run": self.run_id,
            "names": names,
            "turns": [_turns(name) for name in names],
            "gaps": [1.0 / limit.per_second for limit in self.limits],
            "ahead": NO_BOUND if self.urgent else AHEAD,
        }


def _turns(name: str) -> str:
    """The row that gives turns to those who stand in line at a limit."""
    return f"{name} turns"


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """One limit, in seconds from now: its next free slot, and how far the last turn given is (0: nobody waits).

    missing: nobody ever called under it.
    """

    name: str
    slot: float
    line: float
    missing: bool

    @property
    def is_deserted(self) -> bool:
        """Those in line do not come: their runs were cancelled, or nobody worked for a while."""
        return self.line > 0 and self.slot < -DESERTED


@dataclass(frozen=True, slots=True)
class SlotStatus:
    """Where a request stands: `kept` is its own slot or turn, in seconds from now."""

    request: SlotRequest
    kept: float | None
    limits: Sequence[LimitStatus]

    @property
    def slot(self) -> float:
        """The next slot that all limits bear."""
        return max(limit.slot for limit in self.limits)

    def is_far(self, sleep_at_most: float) -> bool:
        """Whether there is no slot to be had yet: nothing needs to be prepared for the call."""
        if not self.request.urgent:
            return self.must_wait
        return (self.slot if self.kept_slot is None else self.kept_slot) > sleep_at_most

    @property
    def kept_slot(self) -> float | None:
        """A slot is kept until 30 s after it came."""
        return None if self.kept is None or self.kept < -KEPT else self.kept

    @property
    def must_wait(self) -> bool:
        """Whoever has no turn yet goes behind those who have one; a turn counts once it has come, however late."""
        if self.slot > AHEAD:
            return True
        if self.kept is not None:
            return self.kept > 0
        return any(limit.line > 0 and not limit.is_deserted for limit in self.limits)

    @property
    def deserted(self) -> list[str]:
        return [limit.name for limit in self.limits if limit.is_deserted]


def look(connection: Connection, request: SlotRequest) -> SlotStatus:
    """Ask without locking anything."""
    rows = query(connection, STATUS, request.parameters)
    limits = [LimitStatus(row["name"], row["slot"], row["line"], row["missing"]) for row in rows]
    return SlotStatus(request, rows[0]["kept"], limits)


def reserve(connection: Connection, status: SlotStatus, *, sleep_at_most: float) -> float | None:
    """Reserve the next free slot.

    Returns the seconds until the slot when it is near enough to sleep. Else None: the run keeps its slot, or its turn
    to ask for one, and the caller snoozes until then (`kept_wait`). Other requests wait from here to the commit.
    """
    return _reserve_now(connection, status, sleep_at_most) if status.request.urgent else _ask(connection, status)


def _reserve_now(connection: Connection, status: SlotStatus, sleep_at_most: float) -> float | None:
    request, kept = status.request, status.kept_slot
    if kept is not None and kept > sleep_at_most:
        return None
    if kept is not None:
        _forget(connection, request)
        return max(kept, 0.0)
    taken = _take(connection, status)
    if taken is None or taken[1] <= sleep_at_most:
        return None if taken is None else max(taken[1], 0.0)
    execute(connection, "update task_runs set reserved_at = %s where id = %s", (taken[0], request.run_id))
    return None


def _ask(connection: Connection, status: SlotStatus) -> float | None:
    request = status.request
    if status.kept is not None and status.kept > 0:
        return None
    taken = None if status.must_wait else _take(connection, status)
    if taken is None:
        execute(connection, MAKE, (request.parameters["turns"],))
        execute(connection, TURN, request.parameters)
        return None
    if status.kept is not None:
        _forget(connection, request)
    elif status.deserted:
        lines = [_turns(name) for name in status.deserted]
        execute(connection, "delete from rate_limits where name = any(%s)", (lines,))
    return max(taken[1], 0.0)


def _take(connection: Connection, status: SlotStatus) -> tuple[datetime, float] | None:
    """The next slot and the seconds until it; None when it is further ahead than this request may take one."""
    if any(limit.missing for limit in status.limits):
        execute(connection, MAKE, (status.request.parameters["names"],))
    rows = query(connection, SLOT, status.request.parameters)
    return (rows[0]["slot"], float(rows[0]["wait"])) if rows else None


def _forget(connection: Connection, request: SlotRequest) -> None:
    execute(connection, "update task_runs set reserved_at = null where id = %s", (request.run_id,))


def kept_wait(connection: Connection, run_id: UUID) -> float:
    """Seconds until the slot or turn that this run keeps; zero when it keeps none."""
    row = query(
        connection,
        f"""
        select greatest(extract(epoch from reserved_at - clock_timestamp()), 0)::float8 as wait
          from task_runs where id = %s and {sane("reserved_at")}
        """,
        (run_id,),
    )
    return float(row[0]["wait"] or 0.0) if row else 0.0


def push_back(connection: Connection, limit: Limit, seconds: float) -> None:
    """No slot under this limit before `seconds` from now: the provider said so. Half a day at most."""
    execute(
        connection,
        f"""
        insert into rate_limits as r (name, next_at) values (%(name)s, now() + make_interval(secs => %(wait)s))
        on conflict (name) do update set next_at = greatest({LAST}, now() + make_interval(secs => %(wait)s))
        """,
        {"name": limit.key, "wait": min(seconds, LONGEST_LINE / 2)},
    )
