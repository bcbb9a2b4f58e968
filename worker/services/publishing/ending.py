"""Postings taken away: because somebody asks, because their offer ended, or because their row was deleted."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from models.enums import PostingChannel, PostingState
from worker.catalogue.publishing import EXPIRE, REMOVE_POST, WITHDRAW, After, RemovePost, WithdrawPosting
from worker.kit.database import execute, query
from worker.ledger import runs
from worker.ledger.enqueue import enqueue
from worker.ledger.outcomes import Done, Recorded
from worker.services.publishing import following, rows
from worker.services.publishing.channels.everything import CHANNELS, is_shared
from worker.services.publishing.rows import Posting
from worker.services.publishing.shown import shown

AGAIN_AFTER = timedelta(days=1)
# Those that ended without a row's change, too: an offer's expiry is a matter of time alone.
ENDED = """
select p.id from job_postings p join jobs j on j.id = p.job_id
 where p.state in ('published', 'exported', 'awaiting_partner')
   and (lower(j.status::text) <> 'published' or j.expires_at <= now() or p.expires_at <= now())
   and p.id > %s
 order by p.id limit %s for update of p skip locked
"""
TAKE = """
delete from posting_removals where id in (
    select id from posting_removals order by id limit %s for update skip locked)
returning id, posting_id, channel, target, external_id, coalesce(credential_id, channel_account_id) as account_id,
          created_at
"""
BY_LABEL: Mapping[str, PostingChannel] = {channel.label: channel for channel in PostingChannel}


def withdraw(connection: Connection, posting: Posting, *, expired: bool = False, by: int | None = None) -> UUID | None:
    """Have a posting taken away; the run that does, None where nothing outside has to be told.

    The caller holds the row. A second wish while a run is under way gets that one (unique key).
    """
    if not posting.state.active:
        return None
    if not _is_outside(posting):
        rows.mark_ended(connection, posting.id, PostingState.EXPIRED if expired else PostingState.WITHDRAWN)
        return None
    made = enqueue(
        connection,
        WITHDRAW,
        WithdrawPosting(posting_id=posting.id, expired=expired),
        company_id=posting.company_id,
        caused_by=by,
        unique_key=f"withdraw:{posting.id}:{posting.generation}:{expired}",
    )
    return made.id


def end(connection: Connection, payload: WithdrawPosting) -> Recorded:
    """A posting on a channel of our own: it is gone as soon as its row says so."""
    known = rows.find(connection, payload.posting_id, lock=True)
    if known is None:
        return Done({"posting": "gone"})
    if known.state.active:
        rows.mark_ended(connection, known.id, PostingState.EXPIRED if payload.expired else PostingState.WITHDRAWN)
    return Done(shown(rows.existing(connection, known.id)))


def _is_outside(posting: Posting) -> bool:
    """Whether somebody else holds it: a network that knows a post of ours, a company's own address."""
    match CHANNELS[posting.channel].way:
        case "network":
            return posting.state is PostingState.PUBLISHING or posting.external_id is not None
        case "webhook":
            return True
        case _:
            return False


def enqueue_ended(connection: Connection, payload: After) -> int:
    """Have what stands on channels for at most `limit` postings of ended offers taken away; how many. When there may be
    more, another run goes on behind them: what cannot be taken away now keeps no other from it, is told once, and is
    tried again after a day.
    """
    found = [row["id"] for row in query(connection, ENDED, (payload.after, payload.limit))]
    ended = rows.of_ids(connection, found)
    failed = runs.failed_lately(
        connection, [each.run_id for each in ended if each.run_id is not None], WITHDRAW.name, AGAIN_AFTER
    )
    for posting in ended:
        error = failed.get(posting.run_id) if posting.run_id is not None else None
        if error is None:
            _take_away(connection, posting)
        elif posting.error_code is None:
            _note_standing(connection, posting, error)
    if len(found) == payload.limit:
        enqueue(connection, EXPIRE, payload.model_copy(update={"after": found[-1]}))
    return len(found)


def _take_away(connection: Connection, posting: Posting) -> None:
    run_id = withdraw(connection, posting, expired=True)
    if run_id is not None:
        rows.set_run(connection, posting.id, run_id)


def _note_standing(connection: Connection, posting: Posting, error: Mapping[str, Any]) -> None:
    """It still stands there although its offer ended: only a person can take it away, or put right what is wrong."""
    rows.note_error(connection, posting.id, "posting.standing", error.get("message") or "")
    following.note_standing(connection, posting)


def enqueue_removals(connection: Connection, limit: int) -> int:
    """A run for each of at most `limit` posts whose posting was deleted; how many."""
    found = query(connection, TAKE, (limit,))
    for row in found:
        removal = RemovePost(
            removal_id=row["id"],
            channel=BY_LABEL[row["channel"]],
            target=row["target"],
            external_id=row["external_id"],
            account_id=row["account_id"],
            removed_at=row["created_at"],
            posting_id=row["posting_id"],
        )
        enqueue(connection, REMOVE_POST, removal)
    return len(found)


def note_orphan(
    connection: Connection, posting_id: int, channel: PostingChannel, target: str, account_id: int, external_id: str
) -> None:
    """As the trigger does it for a row that had its post already."""
    shared = is_shared(channel)
    accounts = (account_id if shared else None, None if shared else account_id)
    execute(
        connection,
        """
        insert into posting_removals (posting_id, channel, target, external_id, credential_id, channel_account_id)
        values (%s, %s, %s, %s, %s, %s)
        """,
        (posting_id, channel.label, target, external_id, *accounts),
    )
