"""Rate limits: a slot is reserved, not polled. One row per provider, one statement per slot (GCRA)."""

from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import execute, query

KEPT = 30.0


def reserve(
    connection: Connection, run_id: UUID, name: str, per_second: float, *, sleep_at_most: float
) -> float | None:
    """Reserve the next free slot of `name` for this run.

    Returns the seconds until the slot when that is near enough to sleep. Else the slot stays this run's, the run
    is due when it comes, and None is returned: the caller snoozes. A kept slot is given up after 30 s.
    """
    kept = query(
        connection,
        """
        select greatest(extract(epoch from reserved_at - now()), 0)::float8 as wait from task_runs
         where id = %s and reserved_at >= now() - make_interval(secs => %s)
        """,
        (run_id, KEPT),
    )
    if kept and kept[0]["wait"] > sleep_at_most:
        return None
    if kept:
        execute(connection, "update task_runs set reserved_at = null where id = %s", (run_id,))
        return float(kept[0]["wait"])
    row = query(
        connection,
        """
        insert into rate_limits as r (name, next_at) values (%(name)s, now() + make_interval(secs => %(gap)s))
        on conflict (name) do update set next_at = greatest(r.next_at, now()) + make_interval(secs => %(gap)s)
        returning next_at - make_interval(secs => %(gap)s) as slot,
                  extract(epoch from next_at - make_interval(secs => %(gap)s) - clock_timestamp())::float8 as wait
        """,
        {"name": name, "gap": 1.0 / per_second},
    )[0]
    if row["wait"] <= sleep_at_most:
        return max(float(row["wait"]), 0.0)
    execute(connection, "update task_runs set reserved_at = %s where id = %s", (row["slot"], run_id))
    return None


def kept_wait(connection: Connection, run_id: UUID) -> float:
    """Seconds until the slot that this run keeps; zero when it keeps none."""
    row = query(
        connection,
        "select greatest(extract(epoch from reserved_at - now()), 0)::float8 as wait from task_runs where id = %s",
        (run_id,),
    )
    return float(row[0]["wait"] or 0.0) if row else 0.0


def push_back(connection: Connection, name: str, seconds: float) -> None:
    """No slot of `name` before `seconds` from now: the provider said so."""
    execute(
        connection,
        """
        insert into rate_limits as r (name, next_at) values (%(name)s, now() + make_interval(secs => %(wait)s))
        on conflict (name) do update set next_at = greatest(r.next_at, now() + make_interval(secs => %(wait)s))
        """,
        {"name": name, "wait": seconds},
    )
