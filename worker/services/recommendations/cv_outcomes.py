"""What became of a CV, beside scores that it does not change: hidden text that came or went, a file that was found."""

from collections.abc import Iterable

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute
from worker.services.recommendations.storing import Kept

# In one order, because two of these may meet.
RENEW = """
with held as (
    select r.candidate_id, r.job_id, n.cv
      from jsonb_to_recordset(%s) as n (candidate_id integer, job_id integer, fingerprint text, cv jsonb)
      join recommendations r on (r.candidate_id, r.job_id) = (n.candidate_id, n.job_id)
     where r.fingerprint = n.fingerprint and r.cv is distinct from n.cv
     order by r.candidate_id, r.job_id for no key update of r
)
update recommendations r set cv = h.cv
  from held h where (r.candidate_id, r.job_id) = (h.candidate_id, h.job_id)
"""


def renew(connection: Connection, scores: Iterable[Kept]) -> None:
    """Of scores that are stored; they stay with their words and their moment."""
    rows = [
        {"candidate_id": kept.candidate_id, "job_id": kept.job_id, "fingerprint": kept.fingerprint, "cv": dict(kept.cv)}
        for kept in scores
        if kept.computed_at is not None and kept.cv is not None
    ]
    if rows:
        execute(connection, RENEW, (Jsonb(rows),))
