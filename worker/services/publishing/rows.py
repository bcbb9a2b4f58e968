"""Rows of job_postings as values, and the few ways in which they change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from models.enums import PostingChannel, PostingState
from worker.kit.database import Row, execute, query
from worker.services.publishing.channels.everything import CHANNELS, is_shared

SELECT = """
select p.id, p.job_id, j.company_id, p.channel::text as label, p.state as own_state,
       coalesce(p.is_active, true) as is_active, p.target, p.target_name, p.generation, p.external_id, p.external_url,
       coalesce(p.credential_id, p.channel_account_id) as account_id, p.message, p.language, p.picture,
       p.picture_error, p.error_code, p.error, p.published_by, p.run_id, p.publishing_at, p.posted_at, p.expires_at,
       p.withdrawn_at, p.visibility_proved, p.statistics, p.statistics_at, p.created_at, p.updated_at
  from job_postings p join jobs j on j.id = p.job_id
"""


@dataclass(frozen=True, slots=True)
class Posting:
    """One offer on one channel for one target. account_id: of the table that the channel's accounts are in.

    publishing_at: when it was last asked for. created_at: None where the main web app left it empty.
    """

    id: int
    job_id: int
    company_id: int
    channel: PostingChannel
    state: PostingState
    target: str
    target_name: str | None
    generation: int
    external_id: str | None
    external_url: str | None
    account_id: int | None
    message: str | None
    language: str | None
    picture: str | None
    picture_error: str | None
    error_code: str | None
    error: str | None
    published_by: int | None
    run_id: UUID | None
    publishing_at: datetime | None
    posted_at: datetime | None
    expires_at: datetime | None
    withdrawn_at: datetime | None
    visibility_proved: bool
    statistics: dict[str, Any] | None
    statistics_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None

    @property
    def address(self) -> str | None:
        """Where people find it; made anew each time, so that no wrong one stays."""
        network = CHANNELS[self.channel].network
        if network is not None:
            return network.address(self.external_id) if self.external_id else None
        return self.external_url

    @property
    def channel_title(self) -> str:
        """Whom people know it by: the channel, or the company's own partner. A French text of the catalogue."""
        channel = CHANNELS[self.channel]
        return (self.target_name if channel.way == "webhook" else None) or channel.title

    @property
    def is_personal(self) -> bool:
        return self.target.startswith("urn:li:person:")


@dataclass(frozen=True, slots=True)
class NewPosting:
    """account_id: see `Posting`; None where the channel has none."""

    job_id: int
    channel: PostingChannel
    target: str = ""
    target_name: str | None = None
    account_id: int | None = None
    message: str | None = None
    language: str | None = None
    published_by: int | None = None


def find(connection: Connection, posting_id: int, *, lock: bool = False) -> Posting | None:
    locking = "for update of p" if lock else ""
    rows = query(connection, f"{SELECT} where p.id = %s {locking}", (posting_id,))
    return posting(rows[0]) if rows else None


def existing(connection: Connection, posting_id: int) -> Posting:
    """A row that this transaction holds."""
    found = find(connection, posting_id)
    if found is None:
        raise LookupError(f"posting {posting_id} vanished in the transaction that holds its lock")
    return found


def of_offer(connection: Connection, job_id: int, *, limit: int, offset: int) -> tuple[list[Posting], int]:
    """The newest first, with how many there are in all."""
    rows = query(
        connection,
        f"{SELECT} where p.job_id = %s order by p.id desc limit %s offset %s",
        (job_id, limit, offset),
    )
    [total] = query(connection, "select count(*) as total from job_postings where job_id = %s", (job_id,))
    return [posting(row) for row in rows], total["total"]


def of_ids(connection: Connection, ids: Sequence[int]) -> list[Posting]:
    """In the order of their ids; those that are gone are left out."""
    return [posting(row) for row in query(connection, f"{SELECT} where p.id = any(%s) order by p.id", (list(ids),))]


def insert(connection: Connection, new: NewPosting, state: PostingState) -> int | None:
    """The new row's id; None where the offer stands there already, or is on its way."""
    shared = is_shared(new.channel)
    rows = query(
        connection,
        """
        insert into job_postings (job_id, channel, is_active, posting_data, state, target, target_name, credential_id,
                                  channel_account_id, message, language, published_by, publishing_at, created_at,
                                  updated_at)
        values (%(job)s, %(label)s, true, '{}', %(state)s, %(target)s, %(name)s, %(credential)s, %(account)s,
                %(message)s, %(language)s, %(by)s, now(), now(), now())
        on conflict (job_id, channel, target)
              where state in ('publishing', 'published', 'unknown', 'exported', 'awaiting_partner')
        do nothing
        returning id
        """,
        {
            "job": new.job_id,
            "label": new.channel.label,
            "state": state.value,
            "target": new.target,
            "name": new.target_name,
            "credential": new.account_id if shared else None,
            "account": None if shared else new.account_id,
            "message": new.message,
            "language": new.language,
            "by": new.published_by,
        },
    )
    return rows[0]["id"] if rows else None


def active(connection: Connection, job_id: int, channel: PostingChannel, target: str) -> Posting | None:
    """The one that stands there already, or is on its way."""
    rows = query(
        connection,
        f"""{SELECT} where p.job_id = %s and p.channel::text = %s and p.target = %s
              and p.state in ('publishing', 'published', 'unknown', 'exported', 'awaiting_partner')""",
        (job_id, channel.label, target),
    )
    return posting(rows[0]) if rows else None


def posts_of_month(connection: Connection, company_id: int, channel: PostingChannel) -> int:
    """How many of a company's posts were, or may have been, made in this calendar month (UTC)."""
    [row] = query(
        connection,
        """
        select count(*) as made from job_postings p join jobs j on j.id = p.job_id
         where j.company_id = %s and p.channel::text = %s and (p.external_id is not null or p.state in
               ('publishing', 'unknown')) and p.publishing_at >= date_trunc('month', now(), 'UTC')
        """,
        (company_id, channel.label),
    )
    made: int = row["made"]
    return made


def set_run(connection: Connection, posting_id: int, run_id: UUID) -> None:
    execute(connection, "update job_postings set run_id = %s where id = %s", (run_id, posting_id))


def raise_generation(connection: Connection, posting_id: int) -> None:
    execute(connection, "update job_postings set generation = generation + 1 where id = %s", (posting_id,))


def mark_published(connection: Connection, posting_id: int, external_id: str, *, visible: bool) -> None:
    """It stands there under the channel's own id."""
    execute(
        connection,
        """
        update job_postings
           set state = 'published', is_active = true, external_id = %s, posted_at = coalesce(posted_at, now()),
               visibility_proved = %s, error = null, error_code = null, updated_at = now()
         where id = %s
        """,
        (external_id, visible, posting_id),
    )


def mark_standing(connection: Connection, posting_id: int, state: PostingState) -> None:
    """On a channel that gives no id: our own page, a feed that a board fetches."""
    execute(
        connection,
        """
        update job_postings
           set state = %s, is_active = true, posted_at = coalesce(posted_at, now()), error = null, error_code = null,
               updated_at = now()
         where id = %s
        """,
        (state.value, posting_id),
    )


def mark_ended(connection: Connection, posting_id: int, state: PostingState) -> None:
    """It does not stand there any more."""
    execute(
        connection,
        """
        update job_postings set state = %s, is_active = false, withdrawn_at = now(), error = null, error_code = null,
               updated_at = now()
         where id = %s
        """,
        (state.value, posting_id),
    )


def mark_stopped(connection: Connection, posting_id: int, state: PostingState, code: str | None, sentence: str) -> None:
    """Why it does not stand there (failed, draft), or why nobody knows (unknown)."""
    execute(
        connection,
        """
        update job_postings set state = %s, is_active = %s, error_code = %s, error = left(%s, 500), updated_at = now()
         where id = %s
        """,
        (state.value, state.active, code, sentence, posting_id),
    )


def note_error(connection: Connection, posting_id: int, code: str, sentence: str) -> None:
    """Why what was wanted of a posting could not be done; it stays where it is."""
    execute(
        connection,
        "update job_postings set error_code = %s, error = left(%s, 500), updated_at = now() where id = %s",
        (code, sentence, posting_id),
    )


def posting(row: Row) -> Posting:
    values = {name: value for name, value in row.items() if name in Posting.__slots__}
    return Posting(
        **{
            **values,
            "channel": PostingChannel.stored(row["label"]),
            "state": PostingState.stored(row["own_state"], active=row["is_active"]),
        }
    )
