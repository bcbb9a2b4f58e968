"""Parking: runs that wait for a person wait at a gate, and rise when its version does."""

from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.ledger.failure import Failure
from worker.ledger.outcomes import Run
from worker.ledger.record import requeue

BACKSTOP = 3600.0
AGAIN = 1.0


def gate_version(connection: Connection, gate: str) -> int:
    """The gate's version; zero for one that was never opened. The row is locked against a concurrent opening."""
    execute(connection, "insert into park_gates (key) values (%s) on conflict do nothing", (gate,))
    return int(query(connection, "select version from park_gates where key = %s for share", (gate,))[0]["version"])


def park_unless_opened(connection: Connection, run: Run, gate: str, failure: Failure) -> str:
    """Park a run whose attempt could not pass this gate, but never on news that is older than a reconnection.

    What the attempt used was read before it failed, and the gate may have opened in between. So the first failure
    notes the gate's version and tries again at once; only an attempt that began after that version was noted and
    failed at the same one parks.
    """
    rows = query(
        connection, "select gate, gate_version from task_runs where id = %s and lease = %s", (run.id, run.lease)
    )
    current = gate_version(connection, gate)
    proven = bool(rows) and (rows[0]["gate"], rows[0]["gate_version"]) == (gate, current)
    wait = BACKSTOP if proven else AGAIN
    return requeue(connection, run, wait, failure=failure, give_back=True, gate=(gate, current))


def park(connection: Connection, run: Run, gate: str, seen: int, failure: Failure) -> str:
    """Park a run at a gate, an hour at most; it stays due when the gate opened after `seen` was read."""
    current = gate_version(connection, gate)
    wait = BACKSTOP if current == seen else 0.0
    return requeue(connection, run, wait, failure=failure, give_back=True, gate=(gate, current))


def open_gate(connection: Connection, gate: str) -> int:
    """Raise the gate's version and make its runs due; returns how many."""
    execute(
        connection,
        """
        insert into park_gates as g (key, version) values (%s, 1)
        on conflict (key) do update set version = g.version + 1
        """,
        (gate,),
    )
    return execute(
        connection,
        """
        update task_runs set run_at = now(), dispatch_at = now(), dispatches = 0, gate = null, gate_version = null
         where gate = %s and state = 'queued'
        """,
        (gate,),
    )
