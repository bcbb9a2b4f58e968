"""How much may lie published and unclaimed: what workers get through in a moment, as the ledger has seen it."""

import time
from collections.abc import Sequence

from sqlalchemy import Connection

from worker.kit.database import Row, query

# Work, in seconds, that may lie in front of a run that is published now.
AHEAD = 0.5
# Work that one message may carry, in seconds, however many runs its task allows.
MESSAGE = 0.25
# Hints per idle child before anything has been measured.
FEW = 2
# The ended runs that are looked at: of how many seconds, and how many at most.
HORIZON = 1.0
SAMPLE = 2_000
# A shorter stretch says little about a rate.
SHORTEST = 0.05
# Seconds for which a measurement holds: at ease, where more is due than fits, and where children found nothing left.
HOLDS = 1.0
HOLDS_CROWDED = 0.25
HOLDS_DRAINED = 0.02
# Seconds from one look at a crowded queue to the next: a quarter of what a window lasts, less while it grows.
PAUSE = 0.12
PAUSE_DRAINED = 0.025
UNBOUNDED = 2**31 - 1

# A message's runs share one child: together they took from its first claim to its last result.
MEASURE = """
with ended as (
    select queue, task, coalesce(message_id, id) as message, started_at, finished_at from task_runs
     where finished_at > now() - make_interval(secs => %(horizon)s) and finished_at <= clock_timestamp()
       and started_at is not null and state in ('succeeded', 'failed')
     order by finished_at desc limit %(sample)s),
messages as (
    select queue, task, count(*) as runs, min(finished_at) as first,
           extract(epoch from max(finished_at) - min(started_at))::float8 as seconds
      from ended group by queue, task, message)
select queue, task, sum(runs)::int as runs, count(*)::int as messages, sum(seconds) as seconds,
       extract(epoch from clock_timestamp() - min(first))::float8 as span
  from messages group by queue, task
"""

# A worker's main process counts as a child while it has none.
CHILDREN = """
select count(*)::int as living,
       (count(*) filter (where not exists (
            select from task_runs r where r.state = 'running' and r.worker_id = w.id)))::int as idle
  from workers w
 where w.expires_at > now() and not w.draining and not exists (select from workers c where c.parent_id = w.id)
"""


class Pace:
    """One dispatcher's knowledge of how fast the runs of each queue are taken, and whose turn it is.

    A queue's window is the larger of what is worked off in AHEAD seconds, at the pace of the last second, and
    a few runs for each idle child; at least one. Unmeasured it bounds nothing.
    """

    def __init__(self, *, measured: bool = True) -> None:
        # The company that was served last, by queue.
        self.turns: dict[str, int] = {}
        # In how many seconds another look is worth while though nobody calls; None: nothing waits for room.
        self.look_again: float | None = None
        self._measured = measured
        self._rates: dict[str, float] = {}
        self._seconds: dict[str, float] = {}
        self._idle = 0
        self._measured_at = 0.0

    def refresh(self, connection: Connection, queues: Sequence[Row]) -> bool:
        """Measure unless the last measurement still holds; returns whether it was measured.

        queues: rows of {crowded, room, size}; crowded ones have more due than there is room for.
        """
        crowded = [queue for queue in queues if queue["crowded"]]
        drained = any(queue["room"] >= queue["size"] for queue in crowded)
        holds = HOLDS_DRAINED if drained else HOLDS_CROWDED if crowded else HOLDS
        if not self._measured or (self._measured_at and time.monotonic() - self._measured_at < holds):
            return False
        [children] = query(connection, CHILDREN)
        self.learn(query(connection, MEASURE, {"horizon": HORIZON, "sample": SAMPLE}), **children)
        self._measured_at = time.monotonic()
        return True

    def learn(self, measured: Sequence[Row], *, living: int, idle: int) -> None:
        """Take in what was measured: rows of {queue, task, runs, messages, seconds, span}."""
        self._idle = idle
        self._rates = {queue: _rate(rows, living) for queue, rows in _by_queue(measured).items()}
        for row in measured:
            each = max(row["seconds"], 0.0) / row["runs"]
            self._seconds[row["task"]] = (self._seconds.get(row["task"], each) + each) / 2

    def least(self) -> int:
        """The window, in runs, of a queue of which nothing is known."""
        return max(1, FEW * self._idle) if self._measured else UNBOUNDED

    def sizes(self) -> dict[str, int]:
        """The windows, in runs, of the queues that something is known of."""
        return {queue: max(self.least(), int(AHEAD * rate)) for queue, rate in self._rates.items()}

    def batch(self, task: str, most: int) -> int:
        """How many runs of this task one message may carry, 1 to `most`: about MESSAGE seconds of work."""
        seconds = self._seconds.get(task, 0.0)
        return most if seconds * most <= MESSAGE else max(1, int(MESSAGE / seconds))

    def begin_pass(self) -> None:
        self.look_again = None

    def come_back(self, *, drained: bool) -> None:
        """More is due than there is room for: look again soon, sooner when the window was found empty."""
        pause = PAUSE_DRAINED if drained else PAUSE
        self.look_again = min(pause, self.look_again or pause)


def _by_queue(measured: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in measured:
        found.setdefault(row["queue"], []).append(row)
    return found


def _rate(rows: Sequence[Row], living: int) -> float:
    """Runs per second that the queue's children work off.

    Each child ends a message right at the beginning of any stretch of time; the shorter the stretch, the more that
    would look like a pace.
    """
    runs = sum(row["runs"] for row in rows)
    messages = sum(row["messages"] for row in rows)
    span = max(SHORTEST, *(row["span"] for row in rows))
    counted = max(messages - living * max(1 - span / HORIZON, 0.0), 0.0)
    return float(runs * counted / messages / span)
