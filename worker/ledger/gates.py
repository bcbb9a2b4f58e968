"""Parking: runs that wait for a person wait at a gate, and rise when its version does.

A gate may also be closed: by a provider that does not accept our configuration. Nobody is let through then but one
run, which tries now and again whether the provider has changed its mind.
"""

from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.kit.errors import gate_of
from worker.kit.logging import get_logger
from worker.ledger import sql
from worker.ledger.audit import audit
from worker.ledger.failure import Failure
from worker.ledger.outcomes import Run
from worker.ledger.record import fence, requeue

BACKSTOP = 3600.0
AGAIN = 1.0
# A closed gate is tried once in so many seconds; whoever should have and did not is replaced after so many more.
PROBE = 60.0
OVERDUE = 60.0

# Of a row `p`: a run that may go on at once.
FREE = f"p.state = 'queued' and {sql.unpaused('p')}"

log = get_logger(__name__)


def gate_version(connection: Connection, gate: str) -> int:
    """The gate's version; zero for one that was never opened. The row is locked against a concurrent opening."""
    _make(connection, gate)
    return int(query(connection, "select version from park_gates where key = %s for share", (gate,))[0]["version"])


def _make(connection: Connection, gate: str) -> None:
    execute(connection, "insert into park_gates (key) values (%s) on conflict do nothing", (gate,))


def park_unless_opened(connection: Connection, run: Run, gate: str, failure: Failure) -> str:
    """Park a run whose attempt could not pass this gate, but never on news that is older than a reconnection.

    What the attempt used was read before it failed, and the gate may have opened in between. So the first failure
    notes the gate's version and tries again at once; only an attempt that began after that version was noted and
    failed at the same one parks.
    """
    noted = f"select r.gate, r.gate_version from task_runs r where {sql.fenced()}"
    rows = query(connection, noted, fence(run))
    current = gate_version(connection, gate)
    proven = bool(rows) and (rows[0]["gate"], rows[0]["gate_version"]) == (gate, current)
    wait = BACKSTOP if proven else AGAIN
    return requeue(connection, run, wait, failure=failure, give_back=True, gate=(gate, current))


def park(connection: Connection, run: Run, gate: str, seen: int, failure: Failure) -> str:
    """Park a run at a gate, an hour at most; it stays due when the gate opened after `seen` was read."""
    current = gate_version(connection, gate)
    wait = BACKSTOP if current == seen else 0.0
    return requeue(connection, run, wait, failure=failure, give_back=True, gate=(gate, current))


def close_gate(connection: Connection, run: Run, gate: str, reason: str) -> None:
    """Close a gate on a fault that is no run's own. Operators are told once: when it closes.

    Whoever tried it in vain leaves the next try to another: the fault may have been its own after all.
    """
    _make(connection, gate)
    # Never a shared lock first: two who hold it would wait for each other.
    [before] = query(connection, "select closed_at, prober from park_gates where key = %s for update", (gate,))
    follower = _follower(connection, run, gate) if before["prober"] == run.id else None
    execute(
        connection,
        """
        update park_gates
           set closed_at = coalesce(closed_at, now()), reason = %(reason)s,
               prober = case when closed_at is null or probe_at < now() - make_interval(secs => %(overdue)s)
                             then %(run)s
                             when prober = %(run)s then coalesce(%(follower)s, prober) else prober end,
               probe_at = case when closed_at is null or prober = %(run)s
                                 or probe_at < now() - make_interval(secs => %(overdue)s)
                               then now() + make_interval(secs => %(probe)s) else probe_at end
         where key = %(gate)s
        """,
        {"gate": gate, "reason": reason, "run": run.id, "follower": follower, "probe": PROBE, "overdue": OVERDUE},
    )
    if before["closed_at"] is None:
        audit(connection, f"run:{run.id}", "gate.close", gate, reason=reason)
        log.error("gate.closed", gate=gate, reason=reason)


def _follower(connection: Connection, run: Run, gate: str) -> UUID | None:
    """The run that waits longest at the gate beside this one, due for the next try; None when nobody else waits."""
    rows = query(
        connection,
        f"""
        with next as (
            select p.id from task_runs p where p.gate = %(gate)s and p.id <> %(run)s and {FREE}
             order by p.run_at limit 1 for update skip locked)
        update task_runs r set {sql.due_in("probe")}
          from next where r.id = next.id
        returning r.id
        """,
        {"gate": gate, "run": run.id, "probe": PROBE},
    )
    return rows[0]["id"] if rows else None


def park_stopped(connection: Connection, run: Run, gate: str, failure: Failure) -> str:
    """Park a run at a closed gate: until the next probe when that is its task, else until the gate opens."""
    [row] = query(connection, "select version, prober from park_gates where key = %s", (gate,))
    wait = PROBE if row["prober"] == run.id else BACKSTOP
    return requeue(connection, run, wait, failure=failure, give_back=True, gate=(gate, row["version"]))


def take_probe(connection: Connection, run: Run, provider: str) -> bool:
    """Whether this run takes the place of one that should have tried the provider's closed gate and did not."""
    return bool(
        execute(
            connection,
            """
            update park_gates set prober = %s, probe_at = now() + make_interval(secs => %s)
             where key = %s and closed_at is not null and probe_at < now() - make_interval(secs => %s)
            """,
            (run.id, PROBE, gate_of(provider), OVERDUE),
        )
    )


def kept_out(connection: Connection, run: Run, provider: str) -> str | None:
    """Why the provider's gate is closed to this run, while somebody else tries it; None when it may call."""
    rows = query(
        connection,
        "select prober, coalesce(reason, '') as reason from park_gates where key = %s and closed_at is not null",
        (gate_of(provider),),
    )
    if not rows or rows[0]["prober"] == run.id or take_probe(connection, run, provider):
        return None
    reason: str = rows[0]["reason"]
    return reason or f"{provider} does not accept our configuration."


def open_closed_gate(connection: Connection, gate: str) -> None:
    """Open a gate that is closed; one that is not is left as it is."""
    if query(connection, "select 1 from park_gates where key = %s and closed_at is not null", (gate,)):
        open_gate(connection, gate)


def send_probes(connection: Connection) -> None:
    """Wake one run of each closed gate whose prober is overdue: it ended, or died before it could open the gate."""
    execute(
        connection,
        f"""
        with next as (
            select r.id from park_gates g cross join lateral (
                select p.id, p.run_at from task_runs p
                 where p.gate = g.key and {FREE} order by p.run_at limit 1 for update skip locked) r
             where g.closed_at is not null and g.probe_at < now() - make_interval(secs => %s) and r.run_at > now())
        update task_runs r set {sql.due()} from next where r.id = next.id
        """,
        (OVERDUE,),
    )


def open_gate(connection: Connection, gate: str) -> int:
    """Open the gate, raise its version and make its runs due; returns how many."""
    execute(
        connection,
        """
        insert into park_gates as g (key, version) values (%s, 1)
        on conflict (key) do update
           set version = g.version + 1, closed_at = null, reason = null, prober = null, probe_at = null
        """,
        (gate,),
    )
    return execute(
        connection,
        f"""
        with parked as (select id from task_runs where gate = %s and state = 'queued' order by id for update)
        update task_runs r
           set {sql.due()}, gate = null, gate_version = null
          from parked where r.id = parked.id
        """,
        (gate,),
    )
