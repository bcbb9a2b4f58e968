"""Offers are numbered, not timed: a clock would lose what commits late. One lock orders all numbering."""

from sqlalchemy import Connection

from worker.kit.database import execute, hold, query
from worker.kit.locks import Lock

# An offer whose row is being prepared anew or deleted waits for the next numbering.
NUMBER = """
with ready as (
    select s.job_id, coalesce(j.posted_at, j.created_at) as posted_at
      from job_search s join jobs j on j.id = s.job_id
     where s.visible_no is null and s.published and s.refreshed_at is not null
       and lower(j.status::text) = 'published' and (j.expires_at is null or j.expires_at > now())
     order by s.job_id for no key update of s skip locked
), numbered as (
    select job_id, nextval('job_numbers') as visible_no
      from (select job_id from ready order by posted_at nulls first, job_id) in_order
)
update job_search s set visible_no = n.visible_no from numbered n where s.job_id = n.job_id
"""


def number_offers(connection: Connection) -> int:
    """Number every prepared, published, unexpired offer without a number; returns the highest number there is.

    The lock is held until the caller's transaction ends, so whoever sees a number sees all lower ones. An offer
    without search document gets none: a run would look past it.
    """
    hold(connection, Lock.NUMBERING_OFFERS)
    execute(connection, NUMBER)
    return int(query(connection, "select highest_job_number() as upper_bound")[0]["upper_bound"])
