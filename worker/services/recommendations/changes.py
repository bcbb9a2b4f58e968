"""Candidates and offers that have changed: their scores are computed again, a little later, once for many changes."""

from collections.abc import Sequence

from sqlalchemy import Connection

from worker.catalogue.recommendations import SCORE_CANDIDATE, SCORE_JOB, ScoreCandidate, ScoreJob
from worker.kit.database import execute, query
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.outcomes import Done, Recorded, Snooze

# A profile is saved in several statements, an offer several times.
REST = "interval '5 seconds'"
WAIT = 5.0
MOST = 500

TAKE = f"""
delete from recommendation_changes where id in (
    select id from recommendation_changes where changed_at < now() - {REST} order by id limit %s for update skip locked)
returning candidate_id, job_id
"""
WAITING = "select count(*)::integer as waiting from (select from recommendation_changes limit %s) c"
LEAVE = "delete from recommendation_changes where id <= (select max(id) from recommendation_changes)"
NOTED = "select exists (select from recommendation_changes where candidate_id = %s) as noted"
NOTE = "insert into recommendation_changes (candidate_id) values (%s)"
# An offer that nobody has a score for has nothing to be computed again.
COMPARED = """
select j.id, j.company_id from jobs j
 where j.id = any(%s) and exists (select from recommendations r where r.job_id = j.id) order by j.id
"""


def refresh(connection: Connection) -> Recorded:
    """A run for each candidate and offer whose last change has come to rest.

    So many at once, as after an import, are left to the night: it compares everybody with everything.
    """
    if query(connection, WAITING, (10 * MOST + 1,))[0]["waiting"] > 10 * MOST:
        return Done({"left_to_the_night": execute(connection, LEAVE)})
    taken = query(connection, TAKE, (MOST,))
    candidates = sorted({row["candidate_id"] for row in taken if row["candidate_id"] is not None})
    offers = query(connection, COMPARED, (sorted({row["job_id"] for row in taken if row["job_id"] is not None}),))
    enqueue_all(connection, [*_of_candidates(candidates), *(_of_offer(row["id"], row["company_id"]) for row in offers)])
    if not taken and query(connection, WAITING, (1,))[0]["waiting"]:
        return Snooze(WAIT)
    return Done({"candidates": len(candidates), "offers": len(offers)})


def note(connection: Connection, candidate_id: int) -> None:
    """Have a candidate's scores computed soon, though nothing has changed."""
    if not query(connection, NOTED, (candidate_id,))[0]["noted"]:
        execute(connection, NOTE, (candidate_id,))


def _of_candidates(candidate_ids: Sequence[int]) -> list[NewRun]:
    return [
        NewRun(SCORE_CANDIDATE.name, ScoreCandidate(candidate_id=each).model_dump(mode="json"))
        for each in candidate_ids
    ]


def _of_offer(job_id: int, company_id: int) -> NewRun:
    return NewRun(SCORE_JOB.name, ScoreJob(job_id=job_id, changed=True).model_dump(mode="json"), company_id=company_id)
