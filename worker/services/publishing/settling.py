"""Postings that are on their way although their run is over: what became of them, from what became of it.

A run that nobody knows leaves a posting that somebody else may have put there: it is looked for first.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from models.enums import PostingState
from worker.catalogue.publishing import PUBLISH, RECONCILE, After, PublishPosting
from worker.kit.database import query
from worker.kit.errors import Doubtful
from worker.ledger import runs
from worker.ledger.enqueue import enqueue
from worker.ledger.outcomes import Done, Recorded
from worker.ledger.runs import Child
from worker.services.publishing import following, rows
from worker.services.publishing.channels.channel import Way
from worker.services.publishing.channels.everything import CHANNELS
from worker.services.publishing.rows import Posting
from worker.services.publishing.shown import shown

# Younger ones may be about to get their run.
STUCK_AFTER = "interval '2 minutes'"
STUCK = f"""
select id from job_postings
 where state = 'publishing' and coalesce(publishing_at, '-infinity') < now() - {STUCK_AFTER} and id > %s
 order by id limit %s
"""
UNCERTAIN = "Nobody knows whether it was published: look there, and say whether it is."
CALLED_OFF = "Publishing was called off before anything left."


def reconcile(connection: Connection, payload: After) -> int:
    """Look after at most `limit` postings; how many were found on their way. When there may be more, another run goes
    on behind them.
    """
    found = [row["id"] for row in query(connection, STUCK, (payload.after, payload.limit))]
    settle(connection, found)
    if len(found) == payload.limit:
        enqueue(connection, RECONCILE, payload.model_copy(update={"after": found[-1]}))
    return len(found)


def settle(connection: Connection, posting_ids: Sequence[int]) -> None:
    """Write down what became of those whose run is over; have those looked for whose run is not known."""
    under_way = [each for each in rows.of_ids(connection, posting_ids) if each.state is PostingState.PUBLISHING]
    known = runs.of_ids(connection, [each.run_id for each in under_way if each.run_id is not None])
    for posting in under_way:
        _settle(connection, posting, known)


def _settle(connection: Connection, posting: Posting, known: dict[UUID, Child]) -> None:
    run = known.get(posting.run_id) if posting.run_id is not None else None
    if run is not None and run.under_way:
        return
    # Again, held: what it was read as may have changed.
    held = rows.find(connection, posting.id, lock=True)
    if held is None or held.state is not PostingState.PUBLISHING or held.run_id != posting.run_id:
        return
    match _end(run):
        case "failed" if run is not None:
            error = run.error or {}
            sentence = error.get("message") or "Publishing failed."
            rows.mark_stopped(connection, held.id, PostingState.FAILED, error.get("code"), sentence)
            following.note_failed(connection, held, error.get("code"), sentence)
        case "uncertain":
            rows.mark_stopped(connection, held.id, PostingState.UNKNOWN, "posting.uncertain", UNCERTAIN)
            following.note_unknown(connection, held)
        case "cancelled":
            rows.mark_stopped(connection, held.id, PostingState.DRAFT, "posting.called_off", CALLED_OFF)
        case "succeeded":
            # With what it had done before: for a posting that had this number once, in a database that is gone.
            rows.raise_generation(connection, held.id)
            publish_again(connection, held)
        case _:
            publish_again(connection, held)


def _end(run: Child | None) -> str | None:
    """What could not be looked for is in doubt, also where the run itself has sent nothing."""
    if run is not None and run.state == "failed" and (run.error or {}).get("code") == Doubtful.code:
        return "uncertain"
    return run.state if run is not None else None


def publish_again(connection: Connection, posting: Posting, *, has_looked: bool = False) -> None:
    """A run that looks whether it is there before it does anything, unless a person has looked."""
    look_first = CHANNELS[posting.channel].network is not None and not has_looked
    payload = PublishPosting(posting_id=posting.id, look_first=look_first)
    made = enqueue(connection, PUBLISH, payload, company_id=posting.company_id, caused_by=posting.published_by)
    rows.set_run(connection, posting.id, made.id)


STANDS: Mapping[Way, PostingState] = {"page": PostingState.PUBLISHED, "feed": PostingState.EXPORTED}


def stand(connection: Connection, posting_id: int) -> Recorded:
    """A posting on a channel of our own: it is there as soon as its row says so."""
    known = rows.find(connection, posting_id, lock=True)
    if known is None:
        return Done({"posting": "gone"})
    state = STANDS.get(CHANNELS[known.channel].way)
    if known.state is PostingState.PUBLISHING and state is not None:
        rows.mark_standing(connection, known.id, state)
    return Done(shown(rows.existing(connection, known.id)))
