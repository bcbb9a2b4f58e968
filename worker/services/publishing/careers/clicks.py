"""Counting who came by which mark: one row per offer, mark and day."""

import re

from sqlalchemy import Connection

from worker.kit.database import execute
from worker.services.publishing.careers.sharing import posting_of

# A figure waits for nobody: whoever holds the row longer than this costs one click.
PATIENCE = "100ms"
# What fetches a page to show a preview of it, or to index it, is no reader.
_PROGRAMS = re.compile(
    r"(?<!\bcu)bot\b|crawl|spider|slurp|preview|externalhit|facebookcatalog|whatsapp/|telegram|slack|skype|embedly|"
    r"pinterest|monitor|scan|fetch|curl|wget|python|httpx|java/|go-http|okhttp|headless|lighthouse",
    re.IGNORECASE,
)
LONGEST_AGENT = 500

COUNT = """
insert into posting_clicks (job_id, mark, day)
select %(job)s, %(mark)s, (now() at time zone %(zone)s)::date
 where %(posting)s::integer is null
    or exists (select from job_postings p where p.id = %(posting)s and p.job_id = %(job)s)
on conflict (job_id, mark, day) do update set clicks = posting_clicks.clicks + 1
"""


def is_program(agent: str) -> bool:
    """Whether a User-Agent is none of a browser that somebody sits before."""
    return not agent or _PROGRAMS.search(agent[:LONGEST_AGENT]) is not None


def count(connection: Connection, job_id: int, mark: str, zone: str) -> bool:
    """One more click of the day, on the clock of `zone`. False for the mark of a posting of another offer.

    Does not wait for the disk: the last half second's clicks may be lost with Postgres.
    """
    execute(connection, f"set local lock_timeout = '{PATIENCE}'")
    execute(connection, "set local synchronous_commit = off")
    return bool(execute(connection, COUNT, {"job": job_id, "mark": mark, "zone": zone, "posting": posting_of(mark)}))
