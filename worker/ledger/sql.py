"""What several statements of the ledger say about a run, written once.

Functions answer pieces of SQL; `row` is the alias under which the statement knows the run, with task_runs' columns.
"""

# The channel on which ended runs are told.
ENDED_CHANNEL = "task_done"
# Of a row `e` of effects: the call was begun, and nobody knows what became of it.
OPEN = "e.state = 'intended'"
# Of a row `e` of effects: the provider has answered, and what follows from the answer is not written down.
UNAPPLIED = "e.state = 'done' and e.applied_at is null"

# Assignments: nobody holds the run.
UNCLAIMED = "worker_id = null, message_id = null, deadline_at = null"


def open_effect(run_id: str = "r.id") -> str:
    """Condition: the run has an open effect. It can end only `uncertain`: nobody knows whether the call happened."""
    return f"exists (select from effects e where e.run_id = {run_id} and {OPEN})"


def unapplied_answer(run_id: str = "r.id") -> str:
    """Condition: a provider's answer waits to be applied. What happened outside must be written down: this is stronger
    than a cancel and than the end of the run's time.
    """
    return f"exists (select from effects e where e.run_id = {run_id} and {UNAPPLIED})"


def ended(word: str) -> str:
    """Value of `state` for a run `r` that ends: the word, or `uncertain` with an open effect."""
    return f"case when {open_effect()} then 'uncertain' else {word} end"


def under_way(row: str = "r") -> str:
    """Condition: the run has not ended."""
    return f"{row}.state in ('queued', 'running')"


def is_state(word: str, row: str = "r") -> str:
    """Condition: the state, hidden from the planner. Where ids are given it keeps the index of all that is queued or
    running out of the plan: through it, everything in that state would be read.
    """
    return f"{row}.state || '' = '{word}'"


def unpaused(row: str = "r") -> str:
    """Condition: the run's queue is not paused."""
    return f"{row}.queue <> all (array(select name from queues where paused_at is not null))"


def orphan(row: str = "r") -> str:
    """Condition: the run's parent was cancelled, and no provider's answer waits to be applied."""
    return (
        f"({row}.parent_id is not null"
        f" and coalesce((select p.state from task_runs p where p.id = {row}.parent_id) = 'cancelled', false)"
        f" and not {unapplied_answer(f'{row}.id')})"
    )


def fenced(row: str = "r") -> str:
    """Condition: the run is the one of the parameters of `record.fence`, under the same lease."""
    return f"{row}.id = %(id)s and {row}.lease = %(lease)s and {row}.worker_id = %(worker)s"


def all_fenced(row: str = "r") -> str:
    """Condition: the run is among those of the parameters of `record.fences`, under one of their leases."""
    return f"{row}.id = any(%(ids)s) and {row}.lease = any(%(leases)s) and {row}.worker_id = any(%(workers)s)"


def due(at: str = "now()") -> str:
    """Assignments: the run is due at this moment, and published anew then."""
    return f"run_at = {at}, {published_again(at)}"


def due_in(seconds: str) -> str:
    """Assignments: the run is due after so many seconds, named by a parameter."""
    return due(f"now() + make_interval(secs => %({seconds})s)")


def published_again(at: str = "r.run_at") -> str:
    """Assignments: the run is published anew at this moment, however often it was before."""
    return f"dispatch_at = {at}, dispatches = 0"


def resumed() -> str:
    """Assignments: a run that had ended goes on with what is known now; a cancel that was asked for came too late."""
    return f"state = 'queued', {due()}, error = null, finished_at = null, lease = null, cancel_requested_at = null"


def tell_waiting(row: str = "r") -> str:
    """Column of a statement that changed runs: tells whoever waits for one that ended."""
    return f"case when {row}.wanted and not ({under_way(row)}) then pg_notify('{ENDED_CHANNEL}', {row}.id::text) end"
