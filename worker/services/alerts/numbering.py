"""Offers are numbered, not timed: a clock would lose what commits late. One lock orders all numbering."""

from sqlalchemy import Connection

from worker.kit.database import execute, query

# Any constant will do, as long as nobody else uses it.
NUMBERING_LOCK = 7_313_340_226_001

NUMBER = """
insert into job_search as s (job_id, visible_no)
select id, nextval('job_numbers') from (
    select j.id from jobs j left join job_search seen on seen.job_id = j.id
     where seen.visible_no is null and lower(j.status::text) = 'published'
       and (j.expires_at is null or j.expires_at > now())
     order by coalesce(j.posted_at, j.created_at) nulls first, j.id) new
on conflict (job_id) do update set visible_no = excluded.visible_no where s.visible_no is null
"""


def number_offers(connection: Connection) -> int:
    """Number every published, unexpired offer that has no number yet; returns the highest number there is.

    The lock is held until the caller's transaction ends, so whoever sees a number sees all lower ones. Offers are
    found in the table itself, not in `job_changes`: that only tells when to look.
    """
    execute(connection, "select pg_advisory_xact_lock(%s)", (NUMBERING_LOCK,))
    execute(connection, "delete from job_changes where id <= (select max(id) from job_changes)")
    execute(connection, NUMBER)
    return int(query(connection, "select highest_job_number() as horizon")[0]["horizon"])
