"""Times that no right clock can have written: Postgres' own was ahead for a moment. Schedules mend their own."""

from sqlalchemy import Connection

from worker.kit.database import execute
from worker.ledger import sql

# The longest lease that the settings allow, and room for the heartbeat that renews it.
LONGEST_LEASE = 660
# No line for a provider is longer: whoever would stand in it has expired by then.
LONGEST_LINE = 24 * 3600
# More than publishing is ever put off.
LONGEST_DISPATCH = 600

RATES = """
update rate_limits set next_at = now() where next_at > now() + make_interval(secs => %(line)s)
"""
WORKERS = """
update workers set expires_at = now() + make_interval(secs => %(lease)s)
 where expires_at > now() + make_interval(secs => %(longest)s)
"""
# A deadline keeps its distance from the start.
RUNNING = """
with early as (
    select id, lease from task_runs
     where state = 'running' and started_at > now() + interval '1 minute' order by id for update skip locked)
update task_runs r
   set started_at = now(),
       deadline_at = now() + case when isfinite(r.deadline_at) and isfinite(r.started_at)
                                  then least(r.deadline_at - r.started_at, interval '1 day') else interval '1 day' end
  from early where r.id = early.id
"""
DISPATCHES = f"""
with late as (
    select id from task_runs
     where state = 'queued' and dispatches > 0 and dispatch_at > now() + make_interval(secs => {LONGEST_DISPATCH})
       and dispatch_at > run_at + make_interval(secs => {LONGEST_DISPATCH}) and isfinite(run_at)
     order by id for update skip locked)
update task_runs r set {sql.published_again()} from late where r.id = late.id
"""


def heal(connection: Connection, *, lease: int) -> None:
    """For every pass of a dispatcher; reads what runs. lease: seconds, of a worker that beats."""
    execute(connection, RATES, {"line": LONGEST_LINE})
    execute(connection, WORKERS, {"lease": lease, "longest": LONGEST_LEASE})
    execute(connection, RUNNING)


def heal_dispatches(connection: Connection) -> int:
    """Published runs that would not be published again for long; reads all that is queued. Returns how many."""
    return execute(connection, DISPATCHES)
