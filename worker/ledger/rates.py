"""Rate limits: a slot is reserved, not polled. One row per provider, one statement per slot (GCRA).

Runs of the queue `interactive` take the next free slot, however far it is. All others take a slot at most `AHEAD`
seconds before it comes, so that nobody waits behind a long backlog. Until then they stand in line: a second row gives
each of them its turn to ask, one gap apart, and a turn is no slot.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.ledger.clock import LONGEST_LINE

KEPT = 30.0
# Long enough to cover the pause until the dispatcher looks again: a slot that nobody asks for in time is lost.
AHEAD = 1.0
# Seconds without a single call after which a line is no longer believed in.
DESERTED = 5.0


def sane(column: str) -> str:
    """A time further ahead was written while the clock was wrong, and counts as none."""
    return f"(isfinite({column}) and {column} < clock_timestamp() + make_interval(secs => {LONGEST_LINE}))"


# Of the row that an insert met.
LAST = f"case when {sane('r.next_at')} then r.next_at else clock_timestamp() end"

STANDING = f"""
select extract(epoch from k.at - clock_timestamp())::float8 as kept,
       coalesce(extract(epoch from l.next_at - clock_timestamp())::float8, 0) as slot,
       coalesce(greatest(extract(epoch from t.next_at - clock_timestamp())::float8, 0), 0) as line
  from task_runs r
  left join lateral (select r.reserved_at as at where {sane("r.reserved_at")}) k on true
  left join rate_limits l on l.name = %(name)s and {sane("l.next_at")}
  left join rate_limits t on t.name = %(turns)s and {sane("t.next_at")}
 where r.id = %(run)s
"""

SLOT = f"""
insert into rate_limits as r (name, next_at) values (%(name)s, clock_timestamp() + make_interval(secs => %(gap)s))
on conflict (name) do update
   set next_at = greatest({LAST}, clock_timestamp()) + make_interval(secs => %(gap)s)
 where {LAST} <= clock_timestamp() + make_interval(secs => %(ahead)s)
returning next_at - make_interval(secs => %(gap)s) as slot,
          extract(epoch from next_at - make_interval(secs => %(gap)s) - clock_timestamp())::float8 as wait
"""

TURN = f"""
with due as (
    select greatest(clock_timestamp(), max(next_at) - make_interval(secs => %(ahead)s)) as at
      from rate_limits r where name = %(name)s and {sane("r.next_at")}),
turn as (
    insert into rate_limits as r (name, next_at) select %(turns)s, due.at + make_interval(secs => %(gap)s) from due
    on conflict (name) do update
       set next_at = greatest({LAST}, excluded.next_at - make_interval(secs => %(gap)s))
                     + make_interval(secs => %(gap)s)
    returning next_at - make_interval(secs => %(gap)s) as at)
update task_runs set reserved_at = turn.at from turn where id = %(run)s
"""

# A century: `make_interval` knows no infinity.
NO_BOUND = 100 * 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class Wish:
    """A run wants to call once at the provider `name`, which bears `per_second` calls. urgent: somebody waits."""

    run_id: UUID
    name: str
    per_second: float
    urgent: bool

    @property
    def parameters(self) -> dict[str, object]:
        return {
            "run": self.run_id,
            "name": self.name,
            "turns": f"{self.name} turns",
            "gap": 1.0 / self.per_second,
            "ahead": NO_BOUND if self.urgent else AHEAD,
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a wish stands, in seconds from now: `kept` is its own slot or turn, `slot` the next free slot.

    line: how far the last turn given is; zero when nobody stands in line.
    """

    wish: Wish
    kept: float | None
    slot: float
    line: float

    def is_far(self, sleep_at_most: float) -> bool:
        """Whether there is no slot to be had yet: nothing needs to be prepared for the call."""
        if not self.wish.urgent:
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
        return self.line > 0 and not self.is_deserted if self.kept is None else self.kept > 0

    @property
    def is_deserted(self) -> bool:
        """Those in line do not come: their runs were cancelled, or nobody worked for a while."""
        return self.line > 0 and self.slot < -DESERTED


def look(connection: Connection, wish: Wish) -> Standing:
    """Ask without locking anything."""
    row = query(connection, STANDING, wish.parameters)[0]
    return Standing(wish, row["kept"], row["slot"], row["line"])


def reserve(connection: Connection, standing: Standing, *, sleep_at_most: float) -> float | None:
    """Reserve the next free slot.

    Returns the seconds until the slot when it is near enough to sleep. Else None: the run keeps its slot, or its turn
    to ask for one, and the caller snoozes until then (`kept_wait`). Other wishes wait from here to the commit.
    """
    return _reserve_now(connection, standing, sleep_at_most) if standing.wish.urgent else _ask(connection, standing)


def _reserve_now(connection: Connection, standing: Standing, sleep_at_most: float) -> float | None:
    wish, kept = standing.wish, standing.kept_slot
    if kept is not None and kept > sleep_at_most:
        return None
    if kept is not None:
        _forget(connection, wish)
        return max(kept, 0.0)
    taken = query(connection, SLOT, wish.parameters)[0]
    if taken["wait"] <= sleep_at_most:
        return max(float(taken["wait"]), 0.0)
    execute(connection, "update task_runs set reserved_at = %s where id = %s", (taken["slot"], wish.run_id))
    return None


def _ask(connection: Connection, standing: Standing) -> float | None:
    wish = standing.wish
    if standing.kept is not None and standing.kept > 0:
        return None
    taken = [] if standing.must_wait else query(connection, SLOT, wish.parameters)
    if not taken:
        execute(connection, TURN, wish.parameters)
        return None
    if standing.kept is not None:
        _forget(connection, wish)
    elif standing.is_deserted:
        execute(connection, "delete from rate_limits where name = %(turns)s", wish.parameters)
    return max(float(taken[0]["wait"]), 0.0)


def _forget(connection: Connection, wish: Wish) -> None:
    execute(connection, "update task_runs set reserved_at = null where id = %s", (wish.run_id,))


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


def push_back(connection: Connection, name: str, seconds: float) -> None:
    """No slot of `name` before `seconds` from now: the provider said so. Half a day at most."""
    execute(
        connection,
        f"""
        insert into rate_limits as r (name, next_at) values (%(name)s, now() + make_interval(secs => %(wait)s))
        on conflict (name) do update set next_at = greatest({LAST}, now() + make_interval(secs => %(wait)s))
        """,
        {"name": name, "wait": min(seconds, LONGEST_LINE / 2)},
    )
