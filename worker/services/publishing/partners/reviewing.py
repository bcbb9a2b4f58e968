"""Offers that a board looks at before it shows them: asked about each hour, until it has decided."""

from collections.abc import Sequence

from sqlalchemy import Connection

from models.enums import PostingState
from worker.catalogue.partners import READ_BOARD, READ_BOARDS, ReadBoard, ReadBoards
from worker.contracts.partners import KeyRefused, Placement
from worker.kit.database import query
from worker.ledger.enqueue import enqueue
from worker.ledger.handlers import Outcome
from worker.ledger.outcomes import Done, Snooze
from worker.ledger.reads import Admission
from worker.services.publishing import following, rows
from worker.services.publishing.partners import board_plan, desk
from worker.services.publishing.partners.desk import Desk, Ready
from worker.services.publishing.rows import Posting

MOST = 200
REJECTED = "partner.rejected"
REJECTION = "The board does not show this offer: it was rejected there, or closed."
# Those that were asked about longest ago first would need another column; all of an account are asked about in one run.
WAITING = """
select p.id from job_postings p
 where p.channel_account_id = %s and p.state = 'awaiting_partner' and p.external_id is not null
 order by p.id limit %s
"""
ACCOUNTS = """
select a.id, a.company_id from channel_accounts a
 where a.channel = 'custom' and a.account_kind = 'myjobmag' and a.is_active and a.state = 'connected'
   and a.off_since is null and a.id > %s
   and exists (select from job_postings p where p.channel_account_id = a.id and p.state = 'awaiting_partner')
 order by a.id limit %s
"""


def enqueue_boards(connection: Connection, payload: ReadBoards) -> int:
    """A run for each of at most `limit` accounts with offers that wait; when there may be more, another one goes on."""
    found = query(connection, ACCOUNTS, (payload.after, payload.limit))
    for row in found:
        enqueue(connection, READ_BOARD, ReadBoard(partner_id=row["id"]), company_id=row["company_id"])
    if len(found) == payload.limit:
        enqueue(connection, READ_BOARDS, payload.model_copy(update={"after": found[-1]["id"]}))
    return len(found)


def read(at: Desk, partner_id: int) -> Outcome:
    """Raises what `Desk.ready` raises, and NeedsReconnect where the key is refused."""
    ready = at.ready(partner_id)
    waiting = at.apart(lambda connection: _waiting(connection, partner_id))
    admission = Admission(at.context, "myjobmag", desk.limits("myjobmag", partner_id))
    seen = 0
    for posting in waiting:
        if (wait := admission.enter()) is not None:
            return Snooze(wait)
        found = _find(at, ready, posting)
        admission.passed()
        seen += at.apart(lambda connection, each=posting, told=found: _note(connection, each, told))  # type: ignore[misc]
    return Done({"asked": len(waiting), "decided": seen})


def _waiting(connection: Connection, partner_id: int) -> Sequence[Posting]:
    return rows.of_ids(connection, [row["id"] for row in query(connection, WAITING, (partner_id, MOST))])


def _find(at: Desk, ready: Ready, posting: Posting) -> Placement | None:
    try:
        return at.board().find(ready.secrets[0], posting.external_id or "")
    except KeyRefused as error:
        raise board_plan.lost(at, ready, error) from error


def _note(connection: Connection, posting: Posting, found: Placement | None) -> bool:
    known = rows.find(connection, posting.id, lock=True)
    if known is None or known.state is not PostingState.AWAITING_PARTNER:
        return False
    if found is not None and found.visible:
        desk.stands(connection, known, found.id, found.url, visible=True)
        return True
    if found is None or found.closed:
        rows.mark_stopped(connection, known.id, PostingState.FAILED, REJECTED, REJECTION)
        following.note_failed(connection, known, REJECTED, REJECTION)
        return True
    return False
