"""Finished runs as they appear in the ledger."""

from typing import Any

from worker.kit.database import Database, query

MOST = 200

FINISHED = """
    select id, task, state, attempt, finished_at, extract(epoch from finished_at - started_at)::float as seconds
      from task_runs
     where finished_at > now() - interval '10 seconds' and finished_at > %(since)s
     order by finished_at desc
     limit %(most)s
"""


class FinishedRuns:
    """Each run that finishes after this object was made, once.

    A transaction's time is that of its start: what commits late appears behind what was read already, so every
    look goes 10 s back and leaves out what it told before.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: set[Any] = set()
        with database.transaction() as connection:
            self._since = query(connection, "select now() as now")[0]["now"]

    def new(self) -> list[dict[str, Any]]:
        """At most 200 per look, oldest first; when more finished, the oldest of them are left out."""
        with self._database.transaction() as connection:
            rows = query(connection, FINISHED, {"since": self._since, "most": MOST})
        fresh = [row for row in reversed(rows) if row["id"] not in self._told]
        self._told = {row["id"] for row in rows}
        return fresh
