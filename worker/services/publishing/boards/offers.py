"""What stands in a company's feed for a job board: its offers that are published on that board and open now.

Nothing is written when an offer leaves: whether it is open is asked of its row and of the clock, each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from models.enums import PostingChannel, PostingState
from worker.kit.database import query
from worker.services.publishing.careers.rows import LONGEST_TEXT, TEXTS, Company, Offer
from worker.services.publishing.offers import IS_OPEN

# What is read of lines that people type without a bound.
LONGEST_LINE = 1_000
LISTED = (PostingState.EXPORTED.value, PostingState.AWAITING_PARTNER.value, PostingState.PUBLISHED.value)
OPEN = f"""
j.company_id = %(company)s and p.channel::text = %(channel)s and p.state = any(%(listed)s)
and {IS_OPEN}
and (p.expires_at is null or p.expires_at > now())
"""
# A row's xmin changes with every write, whoever writes it; of postings only the id stands in a feed.
CONTENTS = f"""
with listed as (
    select p.id, p.state, j.xmin::text as written from jobs j join job_postings p on p.job_id = j.id where {OPEN}
)
select coalesce(array_agg(id order by id), '{{}}') as postings,
       coalesce(array_agg(id order by id) filter (where state = 'exported'), '{{}}') as unfetched,
       md5(concat_ws(' ', (select c.xmin::text from companies c where c.id = %(company)s),
                     string_agg(id::text || ':' || written, ',' order by id))) as version
  from listed
"""
LINES = ("title", "location", "country", "language", "currency")
OFFER = f"""
select p.id as posting_id, j.id, {", ".join(f"left(j.{name}, {LONGEST_LINE}) as {name}" for name in LINES)},
       {", ".join(f"left(j.{name}, {LONGEST_TEXT}) as {name}" for name in TEXTS)},
       lower(j.job_type::text) as job_type, lower(j.location_type::text) as location_type, j.salary_min, j.salary_max,
       j.posted_at, j.created_at, j.updated_at, j.expires_at
  from job_postings p join jobs j on j.id = p.job_id
"""
OFFERS = f"{OFFER} where p.id = any(%(postings)s) and {OPEN} order by p.id"
COMPANY = f"""
select id, {", ".join(f"left({name}, {LONGEST_LINE}) as {name}" for name in ("name", "website_url", "city", "country"))}
  from companies where id = %s
"""


@dataclass(frozen=True, slots=True)
class Board:
    """One company's feed for one board."""

    company_id: int
    channel: PostingChannel


@dataclass(frozen=True, slots=True)
class Contents:
    """A feed at one moment. postings: of the open offers, by id. unfetched: those that no feed has shown yet.
    version: changes with every change of what the feed shows, an offer's end among them.
    """

    postings: Sequence[int]
    unfetched: Sequence[int]
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardOffer(Offer):
    """An offer with the posting that put it on the board."""

    posting_id: int


def contents(connection: Connection, board: Board) -> Contents:
    """What the feed holds now: one statement that reads no text."""
    [row] = query(connection, CONTENTS, _values(board))
    return Contents(tuple(row["postings"]), tuple(row["unfetched"]), row["version"])


def company(connection: Connection, company_id: int) -> Company:
    """Raises LookupError when there is none."""
    rows = query(connection, COMPANY, (company_id,))
    if not rows:
        raise LookupError(f"there is no company {company_id}")
    return Company(**rows[0])


def offers(connection: Connection, board: Board, postings: Sequence[int]) -> Sequence[BoardOffer]:
    """Those of the postings that are still open, in their order."""
    rows = query(connection, OFFERS, {**_values(board), "postings": list(postings)})
    return tuple(BoardOffer(**row) for row in rows)


def of_posting(connection: Connection, posting_id: int) -> BoardOffer | None:
    """The offer of one posting, open or not."""
    rows = query(connection, f"{OFFER} where p.id = %s", (posting_id,))
    return BoardOffer(**rows[0]) if rows else None


def _values(board: Board) -> dict[str, object]:
    return {"company": board.company_id, "channel": board.channel.label, "listed": list(LISTED)}
